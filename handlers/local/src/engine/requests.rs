//! The SDK's requests as the engine's; `None` for one that uses what the store does not.

use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemInputBuilder;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemInputBuilder;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemInputBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryInputBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder;
use dynoxide::actions::delete_item::DeleteItemRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::update_item::UpdateItemRequest;

use super::values::{Map, owned};

pub(super) fn get_item(input: &GetItemInputBuilder) -> Option<GetItemRequest> {
    let input = input.clone().build().ok()?;
    if input.attributes_to_get.is_some() || input.projection_expression.is_some() {
        return None;
    }
    Some(GetItemRequest {
        table_name: input.table_name?,
        key: owned(input.key?)?,
        consistent_read: input.consistent_read,
        return_consumed_capacity: said(input.return_consumed_capacity),
        ..GetItemRequest::default()
    })
}

pub(super) fn query(input: &QueryInputBuilder) -> Option<QueryRequest> {
    if !is_plain(input) {
        return None;
    }
    let input = input.clone().build().ok()?;
    Some(QueryRequest {
        table_name: input.table_name?,
        index_name: input.index_name,
        key_condition_expression: Some(input.key_condition_expression?),
        expression_attribute_names: input.expression_attribute_names,
        expression_attribute_values: values(input.expression_attribute_values)?,
        scan_index_forward: input.scan_index_forward.unwrap_or(true),
        limit: input.limit.and_then(|limit| limit.try_into().ok()),
        exclusive_start_key: values(input.exclusive_start_key)?,
        consistent_read: input.consistent_read,
        return_consumed_capacity: said(input.return_consumed_capacity),
        ..QueryRequest::default()
    })
}

/// Whether a query asks for whole items by their keys, as the store's do, and for one at least.
pub(super) fn is_plain(input: &QueryInputBuilder) -> bool {
    let strange = input.get_select().is_some()
        || input.get_attributes_to_get().is_some()
        || input.get_key_conditions().is_some()
        || input.get_query_filter().is_some()
        || input.get_conditional_operator().is_some()
        || input.get_projection_expression().is_some()
        || input.get_filter_expression().is_some();
    !strange && input.get_limit().is_none_or(|limit| limit >= 1)
}

pub(super) fn put_item(input: &PutItemInputBuilder) -> Option<PutItemRequest> {
    let input = input.clone().build().ok()?;
    let strange = input.expected.is_some()
        || input.conditional_operator.is_some()
        || input.return_item_collection_metrics.is_some();
    if strange {
        return None;
    }
    Some(PutItemRequest {
        table_name: input.table_name?,
        item: owned(input.item?)?,
        return_values: said(input.return_values),
        condition_expression: input.condition_expression,
        expression_attribute_names: input.expression_attribute_names,
        expression_attribute_values: values(input.expression_attribute_values)?,
        return_consumed_capacity: said(input.return_consumed_capacity),
        return_values_on_condition_check_failure: said(
            input.return_values_on_condition_check_failure,
        ),
        ..PutItemRequest::default()
    })
}

pub(super) fn update_item(input: &UpdateItemInputBuilder) -> Option<UpdateItemRequest> {
    let input = input.clone().build().ok()?;
    let strange = input.attribute_updates.is_some()
        || input.expected.is_some()
        || input.conditional_operator.is_some()
        || input.return_item_collection_metrics.is_some();
    if strange {
        return None;
    }
    Some(UpdateItemRequest {
        table_name: input.table_name?,
        key: owned(input.key?)?,
        update_expression: Some(input.update_expression?),
        condition_expression: input.condition_expression,
        expression_attribute_names: input.expression_attribute_names,
        expression_attribute_values: values(input.expression_attribute_values)?,
        return_values: said(input.return_values),
        return_consumed_capacity: said(input.return_consumed_capacity),
        return_values_on_condition_check_failure: said(
            input.return_values_on_condition_check_failure,
        ),
        ..UpdateItemRequest::default()
    })
}

pub(super) fn delete_item(input: &DeleteItemInputBuilder) -> Option<DeleteItemRequest> {
    let input = input.clone().build().ok()?;
    let strange = input.expected.is_some()
        || input.conditional_operator.is_some()
        || input.return_item_collection_metrics.is_some();
    if strange {
        return None;
    }
    Some(DeleteItemRequest {
        table_name: input.table_name?,
        key: owned(input.key?)?,
        return_values: said(input.return_values),
        condition_expression: input.condition_expression,
        expression_attribute_names: input.expression_attribute_names,
        expression_attribute_values: values(input.expression_attribute_values)?,
        return_consumed_capacity: said(input.return_consumed_capacity),
        return_values_on_condition_check_failure: said(
            input.return_values_on_condition_check_failure,
        ),
        ..DeleteItemRequest::default()
    })
}

/// What an enumeration's value is called.
fn said(value: Option<impl AsRef<str>>) -> Option<String> {
    value.map(|it| it.as_ref().to_owned())
}

/// Values, where there are any; nothing where one has no form here.
#[expect(
    clippy::option_option,
    reason = "whether there are values, and whether they can be had"
)]
fn values(
    values: Option<Map<aws_sdk_dynamodb::types::AttributeValue>>,
) -> Option<Option<Map<dynoxide::AttributeValue>>> {
    values.map_or(Some(None), |values| owned(values).map(Some))
}
