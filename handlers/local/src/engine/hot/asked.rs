//! What a window answers.

use std::borrow::Cow;

use aws_sdk_dynamodb::operation::query::builders::QueryInputBuilder;
use aws_sdk_dynamodb::types::AttributeValue as Sdk;
use dynoxide::AttributeValue as Own;
use dynoxide::actions::query::{QueryRequest, QueryResponse};
use dynoxide::types::{consumed_capacity, read_capacity_units_with_consistency};

use super::super::requests::is_plain;
use super::super::values::{Map, owned};
use super::window::Row;

/// A query of a whole partition.
#[derive(Debug)]
pub(in crate::engine) struct Asked<'a> {
    pub(super) table: Cow<'a, str>,
    /// The partition key's attribute, and its value.
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    pub(super) forward: bool,
    pub(super) limit: usize,
}

/// What such a query finds.
#[derive(Debug)]
pub(in crate::engine) struct Found {
    /// In the query's order.
    pub(in crate::engine) rows: Vec<Row>,
    /// Where the next page would begin, if this one is full.
    pub(in crate::engine) last: Option<Map<Sdk>>,
}

impl<'a> Asked<'a> {
    /// What a request of the SDK asks for, if it is such a query.
    pub(in crate::engine) fn by(input: &'a QueryInputBuilder) -> Option<Self> {
        let whole = is_plain(input)
            && input.get_index_name().is_none()
            && input.get_exclusive_start_key().is_none()
            && input.get_expression_attribute_names().is_none();
        let condition = input.get_key_condition_expression().as_deref()?;
        let (name, placeholder) = condition.split_once(" = ")?;
        let values = input.get_expression_attribute_values().as_ref()?;
        let Some(Sdk::S(value)) = values.get(placeholder) else {
            return None;
        };
        if !whole || values.len() != 1 {
            return None;
        }
        Some(Self {
            table: input.get_table_name().as_deref()?.into(),
            name: name.into(),
            value: value.into(),
            forward: input.get_scan_index_forward().unwrap_or(true),
            limit: usize::try_from((*input.get_limit())?).ok()?,
        })
    }

    /// What a request of the engine's kind asks for, if it is such a query.
    pub(in crate::engine) fn of(request: &'a QueryRequest) -> Option<Self> {
        let strange = request.select.is_some()
            || request.attributes_to_get.is_some()
            || request.key_conditions.is_some()
            || request.query_filter.is_some()
            || request.conditional_operator.is_some()
            || request.projection_expression.is_some()
            || request.filter_expression.is_some()
            || request.index_name.is_some()
            || request.exclusive_start_key.is_some()
            || request.exclusive_start_key_raw.is_some()
            || request.expression_attribute_names.is_some();
        let condition = request.key_condition_expression.as_deref()?;
        let (name, placeholder) = condition.split_once(" = ")?;
        let values = request.expression_attribute_values.as_ref()?;
        let Some(Own::S(value)) = values.get(placeholder) else {
            return None;
        };
        if strange || values.len() != 1 {
            return None;
        }
        Some(Self {
            table: request.table_name.as_str().into(),
            name: name.into(),
            value: value.into(),
            forward: request.scan_index_forward,
            limit: request.limit?,
        })
    }

    /// The same, of itself.
    pub(in crate::engine) fn into_owned(self) -> Asked<'static> {
        Asked {
            table: self.table.into_owned().into(),
            name: self.name.into_owned().into(),
            value: self.value.into_owned().into(),
            ..self
        }
    }
}

impl Found {
    /// What the rows come to, as DynamoDB counts them.
    pub(in crate::engine) fn size(&self) -> usize {
        self.rows.iter().map(Row::size).sum()
    }

    /// The engine's answer to a request; none to one that wants to know more than this does.
    pub(in crate::engine) fn answer(self, request: &QueryRequest) -> Option<QueryResponse> {
        if request.return_consumed_capacity.as_deref() == Some("INDEXES") {
            return None;
        }
        let consistent = request.consistent_read.unwrap_or(false);
        let units = read_capacity_units_with_consistency(self.size(), consistent);
        let rows = self.rows.iter().map(|row| owned(row.item()));
        let items: Vec<Map<Own>> = rows.collect::<Option<_>>()?;
        Some(QueryResponse {
            count: items.len(),
            scanned_count: items.len(),
            items: Some(items),
            last_evaluated_key: match self.last {
                Some(last) => Some(owned(last)?),
                None => None,
            },
            consumed_capacity: consumed_capacity(
                &request.table_name,
                units,
                &request.return_consumed_capacity,
            ),
        })
    }
}
