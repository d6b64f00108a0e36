//! A function that is not configured ends at init and says which variable it misses.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::timeout;

use crate::cloud::Cloud;
use crate::function::{NAMES, command, settings};

/// Runs a function to its end, with a variable set to something else or not at all.
async fn fails(cloud: &Cloud, name: &str, variable: &str, value: Option<&str>) {
    // Nobody listens there: it must not come so far.
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    let mut command = command(name, nowhere);
    command.envs(settings(cloud)).env_remove(variable);
    if let Some(value) = value {
        command.env(variable, value);
    }
    let output = timeout(Duration::from_secs(20), command.output()).await;
    let output = output
        .unwrap_or_else(|_| panic!("{name} runs without {variable}"))
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{name}, {variable}={value:?}: {said}"
    );
    assert!(
        said.contains(&format!("\"{variable}\"")),
        "{name}, {variable}={value:?}: {said}"
    );
    assert!(!said.contains("secret-access-key"), "{said}");
}

#[tokio::test]
async fn what_has_to_be_said_is_named_when_it_is_not() {
    let cloud = Cloud::open().await;
    let of_the_gateway = [
        "SWITCHBOARD_CHAT_TABLE",
        "SWITCHBOARD_CONNECTIONS_TABLE",
        "SWITCHBOARD_MANAGEMENT_ENDPOINT",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ];
    for name in ["connect", "disconnect", "message", "deliver"] {
        for variable in of_the_gateway {
            fails(&cloud, name, variable, None).await;
        }
        fails(&cloud, name, "SWITCHBOARD_CHAT_TABLE", Some("")).await;
        fails(&cloud, name, "SWITCHBOARD_PUSH_TEXT", Some("loud")).await;
    }
    let needed = [
        ("census", "SWITCHBOARD_CONNECTIONS_TABLE"),
        ("feedback", "SWITCHBOARD_CHAT_TABLE"),
        ("applications", "AWS_REGION"),
    ];
    for (name, variable) in needed {
        fails(&cloud, name, variable, None).await;
    }
    for name in NAMES {
        fails(&cloud, name, "SWITCHBOARD_ENVIRONMENT", Some("")).await;
    }
    for variable in ["SWITCHBOARD_ISSUERS", "SWITCHBOARD_AUDIENCES"] {
        for value in [None, Some(""), Some("one,,two"), Some(",")] {
            fails(&cloud, "authorize", variable, value).await;
        }
    }
}
