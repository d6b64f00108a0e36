//! The SDK's items as the engine's, and back, without the JSON between them.

use aws_sdk_dynamodb::types::AttributeValue as Sdk;
use aws_smithy_types::Blob;
use dynoxide::AttributeValue as Own;

/// An item, or a part of one.
#[expect(
    clippy::disallowed_types,
    reason = "the SDK's and the engine's own: nothing depends on their order"
)]
pub(super) type Map<V> = std::collections::HashMap<String, V>;

/// The engine's form; `None` where there is none, as of a kind that this version of the SDK does not know.
pub(super) fn owned(item: Map<Sdk>) -> Option<Map<Own>> {
    let values = item.into_iter();
    values
        .map(|(name, value)| Some((name, own(value)?)))
        .collect()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the only other variant is private to the SDK"
)]
fn own(value: Sdk) -> Option<Own> {
    Some(match value {
        Sdk::S(text) => Own::S(text),
        Sdk::N(number) => Own::N(number),
        Sdk::Bool(is) => Own::BOOL(is),
        Sdk::Null(is) => Own::NULL(is),
        Sdk::B(bytes) => Own::B(bytes.into_inner()),
        Sdk::M(map) => Own::M(owned(map)?),
        Sdk::L(list) => Own::L(list.into_iter().map(own).collect::<Option<_>>()?),
        Sdk::Ss(set) => Own::SS(set),
        Sdk::Ns(set) => Own::NS(set),
        Sdk::Bs(set) => Own::BS(set.into_iter().map(Blob::into_inner).collect()),
        _ => return None,
    })
}

/// The SDK's form.
pub(super) fn told(item: Map<Own>) -> Map<Sdk> {
    let values = item.into_iter();
    values.map(|(name, value)| (name, tell(value))).collect()
}

fn tell(value: Own) -> Sdk {
    match value {
        Own::S(text) => Sdk::S(text),
        Own::N(number) => Sdk::N(number),
        Own::BOOL(is) => Sdk::Bool(is),
        Own::NULL(is) => Sdk::Null(is),
        Own::B(bytes) => Sdk::B(Blob::new(bytes)),
        Own::M(map) => Sdk::M(told(map)),
        Own::L(list) => Sdk::L(list.into_iter().map(tell).collect()),
        Own::SS(set) => Sdk::Ss(set),
        Own::NS(set) => Sdk::Ns(set),
        Own::BS(set) => Sdk::Bs(set.into_iter().map(Blob::new).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_comes_back_as_it_went() {
        let item: Map<Sdk> = [
            ("text", Sdk::S("ä".to_owned())),
            ("number", Sdk::N("1".to_owned())),
            ("bool", Sdk::Bool(true)),
            ("null", Sdk::Null(true)),
            ("bytes", Sdk::B(Blob::new([0, 255]))),
            ("texts", Sdk::Ss(vec!["a".to_owned()])),
            ("numbers", Sdk::Ns(vec!["2".to_owned()])),
            ("blobs", Sdk::Bs(vec![Blob::new([1])])),
            ("list", Sdk::L(vec![Sdk::Bool(false)])),
            (
                "map",
                Sdk::M(Map::from([("x".to_owned(), Sdk::Null(true))])),
            ),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        assert_eq!(told(owned(item.clone()).unwrap()), item);
    }
}
