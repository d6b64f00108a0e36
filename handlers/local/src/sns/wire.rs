//! The AWS query protocol: form fields in, XML out.

use std::collections::BTreeMap;

use super::PublishFault;

/// The fields of a request.
#[derive(Debug)]
pub(super) struct Form {
    fields: BTreeMap<String, String>,
}

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        Self {
            fields: form_urlencoded::parse(body).into_owned().collect(),
        }
    }

    pub(super) fn action(&self) -> &str {
        self.get("Action").unwrap_or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| Refusal::invalid(&format!("{name} Reason: no value")))
    }

    /// A map, written as `Name.entry.1.key=…&Name.entry.1.value=…`.
    pub(super) fn map(&self, name: &str, key: &str, value: &str) -> BTreeMap<String, String> {
        let entry = |number: usize| {
            let key = self.get(&format!("{name}.entry.{number}.{key}"))?;
            let value = self.get(&format!("{name}.entry.{number}.{value}"));
            Some((key.to_owned(), value.unwrap_or_default().to_owned()))
        };
        (1..).map_while(entry).collect()
    }
}

/// A request that SNS refuses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    pub(super) fn invalid(what: &str) -> Self {
        let message = format!("Invalid parameter: {what}");
        Self::new(400, "InvalidParameter", message)
    }

    /// Clients parse this text for the ARN.
    pub(super) fn taken(arn: &str) -> Self {
        Self::invalid(&format!(
            "Token Reason: Endpoint {arn} already exists with the same Token, \
             but different attributes."
        ))
    }

    pub(super) fn invalid_action(action: &str) -> Self {
        let message = format!("Could not find operation {action}");
        Self::new(400, "InvalidAction", message)
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "NotFound", "Endpoint does not exist")
    }

    pub(super) fn endpoint_disabled() -> Self {
        Self::new(400, "EndpointDisabled", "Endpoint is disabled")
    }

    pub(super) fn full() -> Self {
        Self::new(500, "InternalError", "the stand-in holds no more endpoints")
    }

    pub(super) fn xml(&self) -> String {
        let kind = if self.status < 500 {
            "Sender"
        } else {
            "Receiver"
        };
        let error = [
            element("Type", kind),
            element("Code", self.code),
            element("Message", &self.message),
        ];
        format!(
            "<ErrorResponse><Error>{}</Error><RequestId>local</RequestId></ErrorResponse>",
            error.concat()
        )
    }
}

impl From<PublishFault> for Refusal {
    fn from(fault: PublishFault) -> Self {
        match fault {
            PublishFault::Throttled => Self::new(429, "Throttled", "Rate exceeded"),
            PublishFault::Broken => Self::new(500, "InternalError", "injected"),
        }
    }
}

/// The response to an action, around the inside of its result.
pub(super) fn response(action: &str, result: &str) -> String {
    format!(
        "<{action}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></{action}Response>"
    )
}

/// `<name>text</name>`.
pub(super) fn element(name: &str, text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<{name}>{text}</{name}>")
}

/// A map, as XML.
pub(super) fn entries(name: &str, map: &[(&str, &str)]) -> String {
    let mut xml = String::new();
    for (key, value) in map {
        xml.extend(["<entry>", &element("key", key), &element("value", value)]);
        xml.push_str("</entry>");
    }
    format!("<{name}>{xml}</{name}>")
}
