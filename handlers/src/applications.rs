//! `applications`: a stack's SNS platform applications, as a custom resource of CloudFormation.
//!
//! CloudFormation has no type for them. The credential of the push service stays in Secrets Manager until it is handed
//! to SNS; the template, its parameters and the events never hold it.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use futures_util::FutureExt as _;
use switchboard::Unavailable;
use tokio::time::timeout;

use crate::aws::applications::{Found, PlatformApplications, Undone};
use crate::aws::http;
use crate::event::{Change, Outcome, ResourceEvent, Wanted};

/// How long a change may take: with the answer it has to end within the function's own 25 seconds.
const CHANGE: Duration = Duration::from_secs(17);

/// Does what the stack asks for, and says so. Whatever happens, the stack is answered: it would wait for an hour.
///
/// The answer itself can fail. Then the whole invocation does, and the platform makes it again; each change is safe to
/// repeat.
pub async fn handle(
    applications: &PlatformApplications,
    connector: &SharedHttpConnector,
    event: &ResourceEvent,
) -> Result<(), Unavailable> {
    let outcome = match event.change() {
        // Boxed: with the clients' own futures in it, it is deeper than the compiler follows.
        Ok(change) => match timeout(CHANGE, carry_out(applications, change).boxed_local()).await {
            Ok(Ok(id)) => Outcome::Done(id),
            Ok(Err(undone)) => Outcome::Failed(undone.to_string()),
            Err(_) => Outcome::Failed("failed to be done in time".to_owned()),
        },
        Err(invalid) => Outcome::Failed(invalid.to_string()),
    };
    if let Outcome::Failed(reason) = &outcome {
        tracing::error!(
            reason,
            "a platform application is not as the stack wants it"
        );
    }
    let answer = serde_json::to_string(&event.answer(&outcome))
        .map_err(|error| Unavailable::new("write an answer", error))?;
    http::put(connector, event.response_url(), answer).await
}

/// Returns the physical id, which is the application's ARN. Where an update returns another one, the stack asks for the
/// removal of the old.
async fn carry_out(applications: &PlatformApplications, change: Change) -> Result<String, Undone> {
    match change {
        Change::Update(arn, wanted) if is_of(&arn, &wanted) => {
            match applications.update(&arn, &wanted).await? {
                Found::Yes => Ok(arn),
                // Somebody has removed it by hand.
                Found::No => applications.create(&wanted).await,
            }
        }
        Change::Create(wanted) | Change::Update(_, wanted) => applications.create(&wanted).await,
        Change::Delete(arn) if is_application(&arn) => {
            applications.delete(&arn).await?;
            Ok(arn)
        }
        // What was never made.
        Change::Delete(id) => Ok(id),
    }
}

/// Whether an ARN is that of an application of this name and platform: neither can be changed.
fn is_of(arn: &str, wanted: &Wanted) -> bool {
    let tail = format!(":app/{}/{}", wanted.platform.as_str(), wanted.name);
    arn.ends_with(&tail)
}

fn is_application(id: &str) -> bool {
    id.starts_with("arn:") && id.contains(":app/")
}
