//! From an operation's name and JSON to the engine, and back.

use std::sync::Arc;

use dynoxide::{
    DynoxideError, Result,
    actions::{
        batch_write_item::BatchWriteItemRequest, delete_item::DeleteItemRequest,
        put_item::PutItemRequest, transact_write_items::TransactWriteItemsRequest,
        update_item::UpdateItemRequest,
    },
    types::Item,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Notify;

use super::consumed::Consumed;
use super::{Core, locked};

/// What an operation did.
pub(super) struct Applied {
    pub(super) json: String,
    /// The bells of the streams that it wrote to.
    pub(super) rings: Vec<Arc<Notify>>,
}

/// Runs one operation to its end on the calling thread.
pub(super) fn dispatch(core: &Core, operation: &str, body: &str) -> Result<Applied> {
    let database = &core.database;
    match operation {
        "GetItem" => quiet(&database.get_item(read(body)?)?),
        "Query" => quiet(&database.query(read(body)?)?),
        "Scan" => quiet(&database.scan(read(body)?)?),
        "BatchGetItem" => quiet(&database.batch_get_item(read(body)?)?),
        "DescribeTable" => quiet(&database.describe_table(read(body)?)?),
        "CreateTable" => {
            let request = read(body)?;
            let _turn = core.turn();
            quiet(&database.create_table(request)?)
        }
        "UpdateTimeToLive" => {
            let request = read(body)?;
            let _turn = core.turn();
            quiet(&database.update_time_to_live(request)?)
        }
        "PutItem" => {
            let request: PutItemRequest = read(body)?;
            let rings = core.bells.of([&request.table_name]);
            let _turn = core.turn();
            core.hot.forget(&request.table_name, &request.item);
            loud(&database.put_item(request)?, rings)
        }
        "DeleteItem" => {
            let request: DeleteItemRequest = read(body)?;
            let rings = core.bells.of([&request.table_name]);
            let _turn = core.turn();
            core.hot.forget(&request.table_name, &request.key);
            loud(&database.delete_item(request)?, rings)
        }
        "UpdateItem" => {
            let request: UpdateItemRequest = read(body)?;
            let rings = core.bells.of([&request.table_name]);
            let _turn = core.turn();
            core.hot.forget(&request.table_name, &request.key);
            loud(&database.update_item(request)?, rings)
        }
        "BatchWriteItem" => {
            let request: BatchWriteItemRequest = read(body)?;
            let rings = core.bells.of(request.request_items.keys());
            let _turn = core.turn();
            for table in request.request_items.keys() {
                core.hot.forget_all(table);
            }
            loud(&database.batch_write_item(request)?, rings)
        }
        "TransactWriteItems" => transact(core, read(body)?),
        _ => Err(DynoxideError::ValidationException(format!(
            "the local engine does not serve {operation}"
        ))),
    }
}

/// A transaction, once for each token (see `replays`).
fn transact(core: &Core, mut request: TransactWriteItemsRequest) -> Result<Applied> {
    let token = request.client_request_token.take();
    let rings = core.bells.of(written(&request).map(|(table, _)| table));
    let _turn = core.turn();
    if let Some(json) = token
        .as_deref()
        .and_then(|token| locked(&core.replays).get(token))
    {
        return Ok(Applied { json, rings });
    }
    for (table, key) in written(&request) {
        core.hot.forget(table, key);
    }
    let applied = loud(&core.database.transact_write_items(request)?, rings)?;
    if let Some(token) = token {
        locked(&core.replays).keep(token, applied.json.clone());
    }
    Ok(applied)
}

/// The tables and the items, or their keys, that a transaction writes.
fn written(request: &TransactWriteItemsRequest) -> impl Iterator<Item = (&String, &Item)> {
    request.transact_items.iter().filter_map(|action| {
        let put = action.put.as_ref().map(|it| (&it.table_name, &it.item));
        let update = action.update.as_ref().map(|it| (&it.table_name, &it.key));
        let delete = action.delete.as_ref().map(|it| (&it.table_name, &it.key));
        put.or(update).or(delete)
    })
}

fn quiet<T: Serialize + Consumed>(response: &T) -> Result<Applied> {
    loud(response, Vec::new())
}

fn loud<T: Serialize + Consumed>(response: &T, rings: Vec<Arc<Notify>>) -> Result<Applied> {
    response.charge();
    let json = serde_json::to_string(response)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
    Ok(Applied { json, rings })
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(|error| misread(&error.to_string()))
}

/// The engine's deserializers say by a prefix which error they mean.
fn misread(error: &str) -> DynoxideError {
    let text = error
        .rsplit_once(" at line ")
        .map_or(error, |(text, _)| text);
    let markers = ["VALIDATION_REQUEST:", "VALIDATION_AS_READ:", "VALIDATION:"];
    if let Some(text) = markers.iter().find_map(|it| text.strip_prefix(it)) {
        return DynoxideError::ValidationException(text.to_owned());
    }
    let markers = ["SERIALIZATION_AS_READ:", "SERIALIZATION:"];
    if let Some(text) = markers.iter().find_map(|it| text.strip_prefix(it)) {
        return DynoxideError::SerializationException(text.to_owned());
    }
    let invalid = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "empty AttributeValue",
        "Supplied AttributeValue",
    ];
    if invalid.iter().any(|it| text.contains(it)) {
        DynoxideError::ValidationException(text.to_owned())
    } else {
        DynoxideError::SerializationException(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_failure_is_the_error_that_it_names() {
        let table = [
            ("VALIDATION:no good at line 1 column 2", "no good", true),
            ("VALIDATION_REQUEST:no good", "no good", true),
            (
                "missing field `TableName` at line 1 column 2",
                "missing field `TableName`",
                true,
            ),
            ("SERIALIZATION:bad", "bad", false),
            ("expected value at line 1 column 1", "expected value", false),
        ];
        for (text, message, validation) in table {
            let error = misread(text);
            assert_eq!(error.to_string(), message);
            assert_eq!(
                matches!(error, DynoxideError::ValidationException(_)),
                validation,
                "{text}"
            );
        }
    }
}
