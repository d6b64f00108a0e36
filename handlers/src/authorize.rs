//! `authorize`: whether a handshake may go on. REQUEST authorizer of `$connect`.

use switchboard::auth::{Denied, Verifier};
use switchboard::{Metric, Tally};

use crate::event::{AuthorizerEvent, Policy};

/// Why the platform is to answer something else than 101 or 403.
#[derive(Debug, thiserror::Error)]
pub enum Rejected {
    /// 401. The platform recognises it by exactly this text.
    #[error("Unauthorized")]
    Unauthorized,
    /// 500: nobody is let in unverified.
    #[error("failed to verify the token")]
    Unavailable,
}

/// Verifies the token and returns the policy, with the session as context.
pub async fn handle(
    verifier: &Verifier,
    event: &AuthorizerEvent,
    tally: &mut Tally,
) -> Result<Policy, Rejected> {
    let (Some(token), Ok(device)) = (event.token(), event.device()) else {
        tally.add(Metric::AuthorizationsRefused, 1);
        return Err(Rejected::Unauthorized);
    };
    match verifier.verify(token).await {
        Ok(identity) => Ok(Policy::allow(
            &identity,
            device.as_ref(),
            event.method_arn(),
        )),
        Err(Denied::Unauthorized) => {
            tally.add(Metric::AuthorizationsRefused, 1);
            Err(Rejected::Unauthorized)
        }
        Err(Denied::Forbidden) => {
            tally.add(Metric::AuthorizationsRefused, 1);
            Ok(Policy::deny(event.method_arn()))
        }
        Err(Denied::Unavailable(error)) => {
            tracing::error!(?error, "the issuer's keys cannot be had: nobody is let in");
            Err(Rejected::Unavailable)
        }
    }
}
