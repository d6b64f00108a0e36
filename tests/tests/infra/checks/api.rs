//! The WebSocket API: routes, what serves them, who may be asked, and who may call whom.

use std::collections::BTreeSet;

use serde_json::Value;
use switchboard::protocol::Action;

use crate::check::{Check, Finding};
use crate::stacks::{Resource, Stacks};

/// The checks of this file.
pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "routes-are-actions",
        reason: "an action without a route is answered `unknown_action`; a route without an action is nobody's",
        run: routes_are_actions,
    },
    Check {
        name: "route-target",
        reason: "a target is free text: a route to nothing deploys, and every frame fails",
        run: route_target,
    },
    Check {
        name: "two-way-routes",
        reason: "without a route response no reply arrives; with one each receipt would be answered, and billed",
        run: two_way_routes,
    },
    Check {
        name: "ping-is-mock",
        reason: "a keep-alive must not cost an invocation, and its answer is the protocol's",
        run: ping_is_mock,
    },
    Check {
        name: "authorizer",
        reason: "`$connect` without it lets everybody in; on another route it is not possible",
        run: authorizer,
    },
    Check {
        name: "permission",
        reason: "API Gateway may call exactly the alias that a route's integration names, for that route",
        run: permission,
    },
    Check {
        name: "access-log",
        reason: "a log says what happened, never who somebody is, what was written, or what lets somebody in",
        run: access_log,
    },
    Check {
        name: "one-stage",
        reason: "a right, an address or a metric of another stage than the deployed one is of no use",
        run: one_stage,
    },
];

pub(super) fn routes<'s>(stacks: &'s Stacks<'_>) -> impl Iterator<Item = (&'s str, &'s Resource)> {
    let routes = stacks.of("AWS::ApiGatewayV2::Route");
    routes.map(|it| (it.text("RouteKey"), it))
}

/// The integration that a route's target names.
fn integration<'s>(stacks: &'s Stacks<'_>, route: &Resource) -> Option<&'s Resource> {
    let named = route.text("Target").strip_prefix("integrations/")?;
    let found = stacks.referred(named)?;
    (found.kind == "AWS::ApiGatewayV2::Integration" && found.reference() == named).then_some(found)
}

/// What an integration or an authorizer invokes: the text between `functions/` and `/invocations` of its URI.
fn invoked(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once(":lambda:path/2015-03-31/functions/")?;
    rest.strip_suffix("/invocations")
}

fn routes_are_actions(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wanted: BTreeSet<&str> = Action::NAMES.into();
    wanted.extend(["$connect", "$disconnect", "$default"]);
    for (key, route) in routes(stacks) {
        if !wanted.remove(key) {
            findings.push(Finding::of(
                route,
                format!("{key} is no action, or has two routes"),
            ));
        }
    }
    findings.extend(
        wanted
            .into_iter()
            .map(|key| Finding::at("app", format!("{key} has no route"))),
    );
    findings
}

fn route_target(stacks: &Stacks<'_>) -> Vec<Finding> {
    routes(stacks)
        .filter(|(_, route)| integration(stacks, route).is_none())
        .map(|(_, route)| Finding::of(route, format!("leads to {:?}", route.text("Target"))))
        .collect()
}

fn two_way_routes(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, route) in routes(stacks) {
        let wanted = match key {
            "$connect" | "$disconnect" => false,
            // What names no action is told so, and the platform answers a ping.
            "$default" | "ping" => true,
            action => Action::is_answered(action),
        };
        let responses = stacks
            .of("AWS::ApiGatewayV2::RouteResponse")
            .filter(|it| it.text("RouteId") == route.reference())
            .filter(|it| it.text("RouteResponseKey") == "$default")
            .count();
        let selects = route.text("RouteResponseSelectionExpression") == "$default";
        if (responses, selects) != (usize::from(wanted), wanted) {
            let what = format!("{responses} route responses, selection {selects}, wanted {wanted}");
            findings.push(Finding::of(route, what));
        }
    }
    findings
}

fn ping_is_mock(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, route) in routes(stacks) {
        // A target that names nothing is another check's.
        let Some(integration) = integration(stacks, route) else {
            continue;
        };
        let mock = integration.text("IntegrationType") == "MOCK";
        if mock != (key == "ping") {
            findings.push(Finding::of(integration, format!("serves {key}")));
        } else if mock && !says_pong(stacks, integration) {
            findings.push(Finding::of(integration, "does not answer with a pong"));
        }
    }
    findings
}

fn says_pong(stacks: &Stacks<'_>, integration: &Resource) -> bool {
    let request = integration.get("RequestTemplates");
    let selected = &request[integration.text("TemplateSelectionExpression")];
    let status: Value =
        serde_json::from_str(selected.as_str().unwrap_or_default()).unwrap_or_default();
    let mut responses = stacks
        .of("AWS::ApiGatewayV2::IntegrationResponse")
        .filter(|it| it.text("IntegrationId") == integration.reference());
    let answers = responses.any(|it| {
        let template = &it.get("ResponseTemplates")[it.text("TemplateSelectionExpression")];
        let frame = serde_json::from_str::<Value>(template.as_str().unwrap_or_default());
        frame.is_ok_and(|it| it["event"] == "pong")
    });
    status["statusCode"] == 200 && answers
}

fn authorizer(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, route) in routes(stacks) {
        let asks = route.text("AuthorizationType") == "CUSTOM";
        let asked = stacks.referred(route.text("AuthorizerId"));
        let asked = asked.filter(|it| it.kind == "AWS::ApiGatewayV2::Authorizer");
        if (asks, asked.is_some()) != (key == "$connect", key == "$connect") {
            findings.push(Finding::of(
                route,
                format!("asks {:?}", route.text("AuthorizerId")),
            ));
        }
    }
    for it in stacks.of("AWS::ApiGatewayV2::Authorizer") {
        let function = invoked(it.text("AuthorizerUri")).and_then(|it| stacks.referred(it));
        let authorizes = function.is_some_and(|it| it.id.starts_with("Authorize"));
        // A listed source that is missing is refused before the function is asked, and a token has two places.
        let sources = crate::stacks::many(it.get("IdentitySource")).count();
        if it.text("AuthorizerType") != "REQUEST" || !authorizes || sources > 0 {
            findings.push(Finding::of(
                it,
                "is not the function authorize, asked of every handshake",
            ));
        }
    }
    findings
}

/// Who is called with which source: each route's alias for the route, the authorizer's alias for the authorizer.
fn permission(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let base = |it: &str| {
        let region = &stacks.setting.region;
        format!(
            "arn:aws:execute-api:{region}:{}:{it}",
            crate::scope::ACCOUNT
        )
    };
    let stage = stacks.of("AWS::ApiGatewayV2::Stage").next();
    let stage = stage.map_or("", |it| it.text("StageName"));
    let mut wanted = BTreeSet::new();
    let mut want = |at: &Resource, uri: &str, source: String| {
        let alias = invoked(uri).and_then(|it| stacks.referred(it));
        match alias.filter(|it| it.kind == "AWS::Lambda::Alias") {
            Some(alias) => _ = wanted.insert((alias.reference(), base(&source))),
            None => findings.push(Finding::of(at, format!("calls {uri:?}, which is no alias"))),
        }
    };
    let mut lost = BTreeSet::new();
    for (key, route) in routes(stacks) {
        let source = format!("{}/{stage}/{key}", route.text("ApiId"));
        match integration(stacks, route) {
            Some(it) if it.text("IntegrationType") == "MOCK" => {}
            Some(it) => want(it, it.text("IntegrationUri"), source),
            // A target that names nothing is another check's.
            None => _ = lost.insert(base(&source)),
        }
    }
    for it in stacks.of("AWS::ApiGatewayV2::Authorizer") {
        let source = format!("{}/authorizers/{}", it.text("ApiId"), it.reference());
        want(it, it.text("AuthorizerUri"), source);
    }
    for it in stacks.of("AWS::Lambda::Permission") {
        if it.text("Principal") != "apigateway.amazonaws.com" || lost.contains(it.text("SourceArn"))
        {
            continue;
        }
        let given = (
            it.text("FunctionName").to_owned(),
            it.text("SourceArn").to_owned(),
        );
        if it.text("Action") != "lambda:InvokeFunction" || !wanted.remove(&given) {
            findings.push(Finding::of(
                it,
                format!("lets {} call {}", given.1, given.0),
            ));
        }
    }
    let missing = wanted.into_iter();
    findings.extend(
        missing.map(|(alias, source)| Finding::at(alias, format!("{source} may not call it"))),
    );
    findings
}

/// Every text that names the API and then a stage names the deployed one.
fn one_stage(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (Some(api), Some(stage)) = (
        stacks.of("AWS::ApiGatewayV2::Api").next(),
        stacks.of("AWS::ApiGatewayV2::Stage").next(),
    ) else {
        return vec![Finding::at("app", "has no API or no stage")];
    };
    let (deployed, reference) = (stage.text("StageName"), stage.reference());
    let host = format!(
        "{}.execute-api.{}.amazonaws.com/",
        api.reference(),
        stacks.setting.region
    );
    let arn = format!("{}/", api.reference());
    for it in &stacks.resources {
        for text in super::leaves(&it.body) {
            let named = [&host, &arn]
                .into_iter()
                .find_map(|base| text.split_once(base.as_str()));
            let named =
                named.map(|(_, rest)| rest.split(['/', '?', '"']).next().unwrap_or_default());
            if named.is_some_and(|it| it != deployed && it != reference && it != "authorizers") {
                findings.push(Finding::of(it, format!("names a stage in {text:?}")));
            }
        }
    }
    findings
}

/// What a line of the access log may say.
const LOGGED: &[&str] = &[
    "authorizer.status",
    "connectionId",
    "error.responseType",
    "eventType",
    "integration.integrationStatus",
    "integration.latency",
    "requestId",
    "requestTimeEpoch",
    "routeKey",
    "status",
];

fn access_log(stacks: &Stacks<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for stage in stacks.of("AWS::ApiGatewayV2::Stage") {
        let format = stage.text("AccessLogSettings/Format");
        let names = format.split("$context.").skip(1).map(|it| {
            let end = it.find(|it: char| !it.is_ascii_alphanumeric() && it != '.');
            it.get(..end.unwrap_or(it.len())).unwrap_or_default()
        });
        for name in names.filter(|it| !LOGGED.contains(it)) {
            findings.push(Finding::of(stage, format!("logs {name}")));
        }
        let destination = stage.text("AccessLogSettings/DestinationArn");
        let mut groups = stacks.of("AWS::Logs::LogGroup");
        let is_destination = |it: &Resource| {
            let by_name = format!(":log-group:{}", it.text("LogGroupName"));
            destination == it.attribute("Arn") || destination.ends_with(&by_name)
        };
        if !groups.any(is_destination) {
            findings.push(Finding::of(stage, "has no access log"));
        }
        if stage.is_on("DefaultRouteSettings/DataTraceEnabled") {
            findings.push(Finding::of(stage, "logs whole frames and tokens"));
        }
    }
    findings
}
