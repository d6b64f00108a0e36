//! From an operation's name and JSON to the engine, and back.

use dynoxide::{
    DynoxideError, Result,
    actions::{
        batch_write_item::BatchWriteItemRequest, query::QueryRequest,
        transact_write_items::TransactWriteItemsRequest,
    },
    types::Item,
};
use serde::{Serialize, de::DeserializeOwned};

use super::apply::ring;
use super::consumed::Consumed;
use super::hot::Asked;
use super::{Core, locked};

/// Runs one operation to its end on the calling thread, and says in JSON what it came to.
pub(super) fn dispatch(core: &Core, operation: &str, body: &str) -> Result<String> {
    let database = &core.database;
    match operation {
        "GetItem" => json(&database.get_item(read(body)?)?),
        "Query" => query(core, read(body)?),
        "Scan" => json(&database.scan(read(body)?)?),
        "BatchGetItem" => json(&database.batch_get_item(read(body)?)?),
        "DescribeTable" => json(&database.describe_table(read(body)?)?),
        "CreateTable" => {
            let request = read(body)?;
            let _turn = core.turn();
            json(&database.create_table(request)?)
        }
        "UpdateTimeToLive" => {
            let request = read(body)?;
            let _turn = core.turn();
            json(&database.update_time_to_live(request)?)
        }
        "PutItem" => json(&core.put_item(read(body)?)?),
        "DeleteItem" => json(&core.delete_item(read(body)?)?),
        "UpdateItem" => json(&core.update_item(read(body)?)?),
        "BatchWriteItem" => batch(core, read(body)?),
        "TransactWriteItems" => transact(core, read(body)?),
        _ => Err(DynoxideError::ValidationException(format!(
            "the local engine does not serve {operation}"
        ))),
    }
}

/// A query, from memory if what it asks for is there.
fn query(core: &Core, request: QueryRequest) -> Result<String> {
    let asked = Asked::of(&request);
    let found = asked.as_ref().and_then(|asked| core.hot.answer(asked));
    if let Some(answer) = found.and_then(|found| found.answer(&request)) {
        return json(&answer);
    }
    let asked = asked.map(Asked::into_owned);
    json(&core.query(asked.as_ref(), request)?)
}

/// Items of several partitions: they are forgotten.
fn batch(core: &Core, request: BatchWriteItemRequest) -> Result<String> {
    let bells = core.bells.of(request.request_items.keys());
    let response = {
        let _turn = core.turn();
        for table in request.request_items.keys() {
            core.hot.forget_all(table);
        }
        core.database.batch_write_item(request)
    }?;
    ring(bells);
    json(&response)
}

/// A transaction, once for each token (see `replays`).
fn transact(core: &Core, mut request: TransactWriteItemsRequest) -> Result<String> {
    let token = request.client_request_token.take();
    let bells = core.bells.of(written(&request).map(|(table, _)| table));
    let answer = {
        let _turn = core.turn();
        let answered = token
            .as_deref()
            .and_then(|token| locked(&core.replays).get(token));
        if let Some(answer) = answered {
            answer
        } else {
            for (table, key) in written(&request) {
                core.hot.forget(table, key);
            }
            let answer = json(&core.database.transact_write_items(request)?)?;
            if let Some(token) = token {
                locked(&core.replays).keep(token, answer.clone());
            }
            answer
        }
    };
    ring(bells);
    Ok(answer)
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

/// An answer, and its price on the asker's bill.
fn json<T: Serialize + Consumed>(response: &T) -> Result<String> {
    response.charge();
    serde_json::to_string(response)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
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
