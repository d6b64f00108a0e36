//! Networks in which nothing arrives, and objects that go the wrong way.

use serde_json::json;

use super::{Seed, property};

pub(super) const SEEDS: &[Seed] = &[
    Seed {
        check: "no-execute-api-endpoint",
        fault: "an endpoint that is meant to save the NAT, and captures the API's name",
        setting: "on",
        plant: |it| {
            let endpoint = json!({
                "Type": "AWS::EC2::VPCEndpoint",
                "Condition": "InVpc",
                "Properties": {
                    "VpcEndpointType": "Interface",
                    "PrivateDnsEnabled": true,
                    "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.execute-api"},
                    "VpcId": {"Ref": "Vpc"},
                    "PolicyDocument": {"Statement": []},
                },
            });
            it.add("foundation", "/Resources", "ExecuteApiEndpoint", endpoint);
        },
    },
    Seed {
        check: "subnets",
        fault: "two subnets overlap",
        setting: "on",
        plant: |it| {
            it.set(
                "foundation",
                "/Mappings/Network/Cidr/PrivateB",
                "10.20.0.0/22",
            );
        },
    },
    Seed {
        check: "subnets",
        fault: "a zone has room for 250 interfaces",
        setting: "on",
        plant: |it| {
            it.set(
                "foundation",
                "/Mappings/Network/Cidr/PrivateB",
                "10.20.4.0/24",
            );
        },
    },
    Seed {
        check: "subnets",
        fault: "a block that does not begin where it says",
        setting: "on",
        plant: |it| {
            it.set(
                "foundation",
                "/Mappings/Network/Cidr/PrivateB",
                "10.20.5.0/22",
            );
        },
    },
    Seed {
        check: "attachment",
        fault: "two of three subnets are in one zone",
        setting: "on",
        plant: |it| {
            let zone = property("PrivateSubnetB", "AvailabilityZone/Fn::Select/0");
            it.set("foundation", &zone, 0);
        },
    },
    Seed {
        check: "attachment",
        fault: "a function is not attached where all are",
        setting: "on",
        plant: |it| _ = it.take("app", &property("DeliverFunction", "VpcConfig")),
    },
    Seed {
        check: "attachment",
        fault: "an attached function may not make its interfaces",
        setting: "on",
        plant: |it| _ = it.take("app", &property("DeliverRole", "ManagedPolicyArns")),
    },
    Seed {
        check: "endpoint-policy",
        fault: "through the endpoint all tables of the account are reached",
        setting: "on",
        plant: |it| {
            let resource = property("DynamoDbEndpoint", "PolicyDocument/Statement/0/Resource");
            it.set("foundation", &resource, "*");
        },
    },
    Seed {
        check: "endpoint-lets-through",
        fault: "in a network nobody can be marked as read",
        setting: "on",
        plant: |it| {
            let actions = property("DynamoDbEndpoint", "PolicyDocument/Statement/0/Action");
            let actions = it
                .at("foundation", &actions)
                .as_array_mut()
                .expect("several");
            actions.retain(|it| it != "dynamodb:UpdateItem");
        },
    },
    Seed {
        check: "lifecycle-order",
        fault: "objects get warmer as they age",
        setting: "off",
        plant: |it| {
            let steps = json!([
                {"StorageClass": "GLACIER", "TransitionInDays": 30},
                {"StorageClass": "GLACIER_IR", "TransitionInDays": 90},
            ]);
            let rule = property("AccessLogBucket", "LifecycleConfiguration/Rules/0");
            it.add("foundation", &rule, "Transitions", steps);
        },
    },
    Seed {
        check: "lifecycle-order",
        fault: "objects move after they are gone",
        setting: "off",
        plant: |it| {
            let steps = json!([{"StorageClass": "GLACIER_IR", "TransitionInDays": 400}]);
            let rule = property("AccessLogBucket", "LifecycleConfiguration/Rules/0");
            it.add("foundation", &rule, "Transitions", steps);
        },
    },
];
