//! The local host has the routes that the template has, however it reads them.

use std::collections::BTreeMap;

use switchboard_local::apigw::{Integration, Replies};
use switchboard_local::template;

use crate::code::Code;
use crate::settings;
use crate::stacks::Stacks;
use crate::templates::Templates;

/// What serves a route, and whether it replies.
type Shape = (&'static str, bool);

#[test]
fn the_local_hosts_routes_are_the_deployed_ones_under_every_setting() {
    let templates = Templates::read();
    let local = template::routes("local").expect("failed to read the template");
    let shape = |it: &switchboard_local::apigw::Route| -> Shape {
        let served = match &it.integration {
            Integration::Lambda => "AWS_PROXY",
            Integration::Mock { .. } => "MOCK",
        };
        (served, it.replies == Replies::TwoWay)
    };
    let served: BTreeMap<String, Shape> = local
        .keys
        .iter()
        .map(|(key, it)| (key.clone(), shape(it)))
        .collect();
    let code = Code::default();
    for setting in settings::all(&templates) {
        let stacks = Stacks::deploy(&templates, &setting, &code);
        let mut deployed = BTreeMap::new();
        let mut authorizer = false;
        for route in stacks.of("AWS::ApiGatewayV2::Route") {
            let target = route.text("Target").trim_start_matches("integrations/");
            let integration = stacks.referred(target).expect("a route has an integration");
            let kind = match integration.text("IntegrationType") {
                "MOCK" => "MOCK",
                _ => "AWS_PROXY",
            };
            let replies = stacks
                .of("AWS::ApiGatewayV2::RouteResponse")
                .any(|it| it.text("RouteId") == route.reference());
            deployed.insert(route.text("RouteKey").to_owned(), (kind, replies));
            authorizer |= route.text("AuthorizationType") == "CUSTOM";
        }
        assert_eq!(served, deployed, "under {}", setting.name);
        assert_eq!(local.authorizer, authorizer, "under {}", setting.name);
    }
}
