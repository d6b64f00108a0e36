//! Metrics that AWS documents, as far as the templates may name them: namespace, names, and sets of dimensions.
//!
//! A namespace that is not here is not to be used before somebody has read its page.

/// The metrics of a namespace that come with the same sets of dimensions.
pub(crate) struct Documented {
    /// The namespace.
    pub(crate) namespace: &'static str,
    /// The metrics.
    pub(crate) metrics: &'static [&'static str],
    /// The sets of dimensions, each of which is a metric of its own.
    pub(crate) dimensions: &'static [&'static [&'static str]],
}

/// Metrics of our namespace that no code emits: operators put them there by hand.
pub(crate) const BY_HAND: &[(&str, &[&str])] = &[
    // The switch by which Route 53 moves everybody to the standby Region.
    ("FailOver", &["Environment"]),
];

/// Page names are below `https://docs.aws.amazon.com/`.
pub(crate) const DOCUMENTED: &[Documented] = &[
    // apigateway/latest/developerguide/apigateway-websocket-api-logging.html
    Documented {
        namespace: "AWS/ApiGateway",
        metrics: &[
            "ClientError",
            "ConnectCount",
            "ExecutionError",
            "IntegrationError",
            "IntegrationLatency",
            "MessageCount",
        ],
        dimensions: &[
            &["ApiId"],
            &["ApiId", "Stage"],
            &["ApiId", "Method", "Resource", "Stage"],
        ],
    },
    // lambda/latest/dg/monitoring-metrics-types.html, and …/monitoring-metrics-view.html for the dimensions
    Documented {
        namespace: "AWS/Lambda",
        metrics: &[
            "ConcurrentExecutions",
            "Duration",
            "Errors",
            "Invocations",
            "IteratorAge",
            "Throttles",
        ],
        dimensions: &[
            &[],
            &["FunctionName"],
            &["FunctionName", "Resource"],
            &["ExecutedVersion", "FunctionName", "Resource"],
        ],
    },
    // amazondynamodb/latest/developerguide/metrics-dimensions.html
    Documented {
        namespace: "AWS/DynamoDB",
        metrics: &["SuccessfulRequestLatency", "SystemErrors"],
        dimensions: &[&["Operation", "TableName"]],
    },
    Documented {
        namespace: "AWS/DynamoDB",
        metrics: &[
            "ConsumedReadCapacityUnits",
            "ConsumedWriteCapacityUnits",
            "ReadThrottleEvents",
            "WriteThrottleEvents",
        ],
        dimensions: &[&["TableName"], &["GlobalSecondaryIndexName", "TableName"]],
    },
    Documented {
        namespace: "AWS/DynamoDB",
        metrics: &["ReplicationLatency"],
        dimensions: &[&["ReceivingRegion", "TableName"]],
    },
    // AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    Documented {
        namespace: "AWS/SQS",
        metrics: &["ApproximateNumberOfMessagesVisible"],
        dimensions: &[&["QueueName"]],
    },
    // AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
    Documented {
        namespace: "AWS/Logs",
        metrics: &["IncomingBytes"],
        dimensions: &[&[], &["LogGroupName"]],
    },
    // vpc/latest/userguide/vpc-nat-gateway-cloudwatch.html
    Documented {
        namespace: "AWS/NATGateway",
        metrics: &["ErrorPortAllocation", "PacketsDropCount"],
        dimensions: &[&["NatGatewayId"]],
    },
    // acm/latest/userguide/cloudwatch-metrics.html
    Documented {
        namespace: "AWS/CertificateManager",
        metrics: &["DaysToExpiry"],
        dimensions: &[&["CertificateArn"]],
    },
];

#[cfg(test)]
mod tests {
    use crate::checks::leaves;
    use crate::templates::Templates;

    use super::DOCUMENTED;

    #[test]
    fn nothing_is_here_that_nobody_uses() {
        let templates = Templates::read();
        let texts: Vec<&str> = templates.stacks.values().flat_map(leaves).collect();
        for it in DOCUMENTED.iter().flat_map(|it| it.metrics) {
            let named = texts.iter().any(|text| text.contains(it));
            assert!(named, "{it} is documented, and no template names it");
        }
    }
}
