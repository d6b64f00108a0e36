//! The routes and the tables, read from the CloudFormation templates in `infra/`, so that the two cannot drift.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

use crate::apigw::{Integration, Replies, Route, Routes};

/// The API and its routes.
const APP: &str = include_str!("../../../infra/app.yaml");
/// The tables.
const DATA: &str = include_str!("../../../infra/data.yaml");

/// A template is not what the local host can read. It is part of the program, so a test finds this before a user does.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not YAML.
    #[error("read the template as YAML")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// Something is missing.
    #[error("find {0} in the template")]
    Missing(String),
}

/// The routes of a stage, as `app.yaml` declares them.
pub fn routes(stage: &str) -> Result<Routes, TemplateError> {
    let resources = resources(APP)?;
    let of_type = |wanted: &'static str| {
        resources
            .iter()
            .filter(move |(_, it)| text(it, &["Type"]) == Some(wanted))
    };
    let answered: Vec<&str> = of_type("AWS::ApiGatewayV2::RouteResponse")
        .filter_map(|(_, it)| text(it, &["Properties", "RouteId"]))
        .collect();
    let mut keys = BTreeMap::new();
    for (name, it) in of_type("AWS::ApiGatewayV2::Route") {
        let missing = |what: &str| TemplateError::Missing(format!("{what} of {name}"));
        let key = text(it, &["Properties", "RouteKey"]).ok_or_else(|| missing("RouteKey"))?;
        let two_way = answered.contains(&name.as_str())
            && text(it, &["Properties", "RouteResponseSelectionExpression"]) == Some("$default");
        let route = Route {
            integration: integration(&resources, it).ok_or_else(|| missing("the integration"))?,
            replies: if two_way {
                Replies::TwoWay
            } else {
                Replies::OneWay
            },
        };
        keys.insert(key.to_owned(), route);
    }
    let connect = of_type("AWS::ApiGatewayV2::Route")
        .find(|(_, it)| text(it, &["Properties", "RouteKey"]) == Some("$connect"));
    let authorizer = connect
        .is_some_and(|(_, it)| text(it, &["Properties", "AuthorizationType"]) == Some("CUSTOM"));
    Ok(Routes {
        stage: stage.to_owned(),
        api_id: "switchboard".to_owned(),
        authorizer,
        keys,
    })
}

/// The `CreateTable` requests of the tables in `data.yaml`.
pub fn tables() -> Result<Tables, TemplateError> {
    let resources = resources(DATA)?;
    let table = |logical: &str, name: &str| {
        let found = resources.get(logical).and_then(|it| it.get("Properties"));
        let properties = found.ok_or_else(|| TemplateError::Missing(logical.to_owned()))?;
        Ok::<Value, TemplateError>(create_table(name, properties))
    };
    Ok(Tables {
        chat: table("ChatTable", CHAT)?,
        connections: table("ConnectionsTable", CONNECTIONS)?,
    })
}

/// How much memory each function has in `app.yaml`, in MB, by its name: `message`, `deliver`.
pub fn memory_mb() -> Result<BTreeMap<String, u64>, TemplateError> {
    let resources = resources(APP)?;
    let functions = resources
        .iter()
        .filter(|(_, it)| text(it, &["Type"]) == Some("AWS::Lambda::Function"));
    let memory = functions.map(|(logical, it)| {
        let memory = it.get("Properties").and_then(|it| it.get("MemorySize"));
        let memory = memory.and_then(Yaml::as_u64);
        let name = logical.trim_end_matches("Function").to_lowercase();
        let missing = || TemplateError::Missing(format!("the memory of {logical}"));
        Ok((name, memory.ok_or_else(missing)?))
    });
    memory.collect()
}

/// The local name of the table `chat`.
pub const CHAT: &str = "chat";
/// The local name of the table `connections`.
pub const CONNECTIONS: &str = "connections";

/// The tables, as requests.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Log, members, profiles, devices.
    pub chat: Value,
    /// Live connections.
    pub connections: Value,
}

fn resources(template: &str) -> Result<BTreeMap<String, Yaml>, TemplateError> {
    let parsed: Yaml = serde_yaml_ng::from_str(template)?;
    let resources = parsed.get("Resources").cloned();
    let resources = resources.ok_or_else(|| TemplateError::Missing("Resources".to_owned()))?;
    Ok(serde_yaml_ng::from_value(resources)?)
}

/// The text at a path; what `!Ref` and `!Sub` name counts as text.
fn text<'a>(value: &'a Yaml, path: &[&str]) -> Option<&'a str> {
    let mut value = value;
    for step in path {
        value = value.get(*step)?;
    }
    let untagged = if let Yaml::Tagged(tagged) = value {
        &tagged.value
    } else {
        value
    };
    untagged.as_str()
}

/// What serves a route: its target names the integration.
fn integration(resources: &BTreeMap<String, Yaml>, route: &Yaml) -> Option<Integration> {
    let target = text(route, &["Properties", "Target"])?;
    let name = target.strip_prefix("integrations/${")?.strip_suffix('}')?;
    match text(resources.get(name)?, &["Properties", "IntegrationType"])? {
        "AWS_PROXY" => Some(Integration::Lambda),
        "MOCK" => {
            let response = resources.values().find(|it| {
                text(it, &["Type"]) == Some("AWS::ApiGatewayV2::IntegrationResponse")
                    && text(it, &["Properties", "IntegrationId"]) == Some(name)
            });
            let templates = response.and_then(|it| it.get("Properties")?.get("ResponseTemplates"));
            let reply = templates
                .and_then(Yaml::as_mapping)
                .and_then(|map| map.values().next()?.as_str().map(str::to_owned));
            Some(Integration::Mock { reply })
        }
        _ => None,
    }
}

fn create_table(name: &str, properties: &Yaml) -> Value {
    let json = |key: &str| {
        properties
            .get(key)
            .and_then(|it| serde_json::to_value(it).ok())
    };
    let mut request = json!({ "TableName": name, "BillingMode": "PAY_PER_REQUEST" });
    for key in [
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
    ] {
        if let (Some(value), Some(map)) = (json(key), request.as_object_mut()) {
            map.insert(key.to_owned(), value);
        }
    }
    if let (Some(view), Some(map)) = (json("StreamSpecification"), request.as_object_mut()) {
        let view = view.get("StreamViewType").cloned();
        let stream = json!({ "StreamEnabled": true, "StreamViewType": view });
        map.insert("StreamSpecification".to_owned(), stream);
    }
    request
}
