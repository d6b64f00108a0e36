//! Routes that lead nowhere, say nothing, or let the wrong ones in.

use serde_json::json;

use super::{Seed, property, reword};

const MESSAGE_URL: &str = "Environment/Variables/SWITCHBOARD_MANAGEMENT_ENDPOINT/Fn::If/2/Fn::Sub";

pub(super) const SEEDS: &[Seed] = &[
    Seed {
        check: "routes-are-actions",
        fault: "an action's route is forgotten",
        setting: "off",
        plant: |it| {
            it.take("app", "/Resources/TypingRoute");
            it.take("app", "/Resources/TypingPermission");
        },
    },
    Seed {
        check: "route-target",
        fault: "a target that is the integration's name instead of its id",
        setting: "off",
        plant: |it| {
            it.set(
                "app",
                &property("HelloRoute", "Target"),
                "integrations/MessageIntegration",
            );
        },
    },
    Seed {
        check: "route-target",
        fault: "a target that is something else's id",
        setting: "off",
        plant: |it| {
            let target = json!({"Fn::Sub": "integrations/${Authorizer}"});
            it.set("app", &property("HelloRoute", "Target"), target);
        },
    },
    Seed {
        check: "two-way-routes",
        fault: "`sent` never arrives: the route response is forgotten",
        setting: "off",
        plant: |it| _ = it.take("app", "/Resources/SendRouteResponse"),
    },
    Seed {
        check: "two-way-routes",
        fault: "`sent` never arrives: the route does not select a response",
        setting: "off",
        plant: |it| {
            _ = it.take(
                "app",
                &property("SendRoute", "RouteResponseSelectionExpression"),
            );
        },
    },
    Seed {
        check: "two-way-routes",
        fault: "each receipt is answered, and billed",
        setting: "off",
        plant: |it| {
            let mut response = it.at("app", "/Resources/SendRouteResponse").clone();
            response["Properties"]["RouteId"] = json!({"Ref": "ReceiptRoute"});
            it.add("app", "/Resources", "ReceiptRouteResponse", response);
        },
    },
    Seed {
        check: "ping-is-mock",
        fault: "a pong that is no frame of the protocol's",
        setting: "off",
        plant: |it| {
            let templates = property("PingIntegrationResponse", "ResponseTemplates/200");
            it.set("app", &templates, r#"{"event":"pong""#);
        },
    },
    Seed {
        check: "authorizer",
        fault: "everybody may connect",
        setting: "off",
        plant: |it| {
            it.set(
                "app",
                &property("ConnectRoute", "AuthorizationType"),
                "NONE",
            );
        },
    },
    Seed {
        check: "authorizer",
        fault: "browsers, which cannot set the header, are refused unasked",
        setting: "off",
        plant: |it| {
            let sources = json!(["route.request.header.Authorization"]);
            it.add(
                "app",
                "/Resources/Authorizer/Properties",
                "IdentitySource",
                sources,
            );
        },
    },
    Seed {
        check: "permission",
        fault: "a permission for another route than the integration's",
        setting: "off",
        plant: |it| {
            let source = property("ConnectPermission", "SourceArn/Fn::Sub");
            reword(it, "app", &source, "/$connect", "/$disconnect");
        },
    },
    Seed {
        check: "permission",
        fault: "an integration that calls the function and not its alias",
        setting: "off",
        plant: |it| {
            let uri = property("DisconnectIntegration", "IntegrationUri/Fn::Sub");
            reword(
                it,
                "app",
                &uri,
                "${DisconnectAlias}",
                "${DisconnectFunction.Arn}",
            );
        },
    },
    Seed {
        check: "one-stage",
        fault: "message posts to a stage that is not deployed",
        setting: "off",
        plant: |it| {
            reword(
                it,
                "app",
                &property("MessageFunction", MESSAGE_URL),
                "/${StageName}",
                "/prod",
            );
        },
    },
    Seed {
        check: "access-log",
        fault: "the access log says who somebody is and where",
        setting: "off",
        plant: |it| {
            let format = property("Stage", "AccessLogSettings/Format");
            let (from, to) = (
                "$context.requestId",
                "$context.requestId $context.identity.sourceIp",
            );
            reword(it, "app", &format, from, to);
        },
    },
    Seed {
        check: "access-log",
        fault: "what was written is in the execution log",
        setting: "off",
        plant: |it| {
            let trace = property("Stage", "DefaultRouteSettings/DataTraceEnabled");
            it.set("app", &trace, true);
        },
    },
];
