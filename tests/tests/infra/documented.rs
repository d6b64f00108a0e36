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
            "AsyncEventAge",
            "AsyncEventsDropped",
            "AsyncEventsReceived",
            "ConcurrentExecutions",
            "DeadLetterErrors",
            "DestinationDeliveryFailures",
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
    // the same pages: of the account alone
    Documented {
        namespace: "AWS/Lambda",
        metrics: &[
            "ClaimedAccountConcurrency",
            "UnreservedConcurrentExecutions",
        ],
        dimensions: &[&[]],
    },
    // amazondynamodb/latest/developerguide/metrics-dimensions.html
    Documented {
        namespace: "AWS/DynamoDB",
        metrics: &[
            "ReturnedItemCount",
            "SuccessfulRequestLatency",
            "SystemErrors",
            "ThrottledRequests",
        ],
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
        metrics: &["ConditionalCheckFailedRequests", "TransactionConflict"],
        dimensions: &[&["TableName"]],
    },
    Documented {
        namespace: "AWS/DynamoDB",
        metrics: &["PendingReplicationCount", "ReplicationLatency"],
        dimensions: &[&["ReceivingRegion", "TableName"]],
    },
    Documented {
        namespace: "AWS/DynamoDB",
        metrics: &["UserErrors"],
        dimensions: &[&[]],
    },
    // AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    Documented {
        namespace: "AWS/SQS",
        metrics: &[
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesVisible",
            "NumberOfMessagesSent",
        ],
        dimensions: &[&["QueueName"]],
    },
    // sns/latest/dg/sns-monitoring-using-cloudwatch.html
    Documented {
        namespace: "AWS/SNS",
        metrics: &[
            "NumberOfMessagesPublished",
            "NumberOfNotificationsDelivered",
            "NumberOfNotificationsFailed",
        ],
        dimensions: &[
            &["TopicName"],
            &["Application"],
            &["Application", "Platform"],
            &["Platform"],
        ],
    },
    // AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
    Documented {
        namespace: "AWS/Logs",
        metrics: &["IncomingBytes", "IncomingLogEvents"],
        dimensions: &[&[], &["LogGroupName"]],
    },
    // eventbridge/latest/userguide/eb-monitoring.html
    Documented {
        namespace: "AWS/Events",
        metrics: &["FailedInvocations", "Invocations", "ThrottledRules"],
        dimensions: &[&["RuleName"]],
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
    // Route53/latest/DeveloperGuide/monitoring-cloudwatch.html
    Documented {
        namespace: "AWS/Route53",
        metrics: &["HealthCheckPercentageHealthy", "HealthCheckStatus"],
        dimensions: &[&["HealthCheckId"]],
    },
    // cognito/latest/developerguide/metrics-for-cognito-user-pools.html
    Documented {
        namespace: "AWS/Cognito",
        metrics: &[
            "SignInSuccesses",
            "SignInThrottles",
            "TokenRefreshSuccesses",
        ],
        dimensions: &[&["UserPool", "UserPoolClient"]],
    },
];
