//! Who may pass the operator's doors: peers on this machine, and whoever has the operator's token.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Reach, Site, is_near};

/// The shortest token: nobody guesses 128 bits, however they are spelt.
pub(super) const TOKEN_CHARS_MIN: usize = 32;

/// What opens the operator's doors from other machines.
#[derive(Clone)]
pub struct OperatorToken(Box<str>);

/// Why a text is no operator's token, as a fragment that follows its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one line of at least {TOKEN_CHARS_MIN} visible ASCII characters")]
pub struct NoToken;

impl OperatorToken {
    /// Takes the content of a file; a line's end at the end is not part of it.
    pub fn read(text: &str) -> Result<Self, NoToken> {
        let token = text.trim_end_matches(['\r', '\n']);
        let visible = token.bytes().all(|it| it.is_ascii_graphic());
        if visible && token.len() >= TOKEN_CHARS_MIN {
            Ok(Self(token.into()))
        } else {
            Err(NoToken)
        }
    }

    /// The header that shows it.
    pub fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Whether a request shows it: as a bearer's token, or as the password that a browser asks for.
    fn is_shown(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION);
        let Some((scheme, value)) = shown
            .and_then(|it| it.to_str().ok())
            .and_then(|it| it.split_once(' '))
        else {
            return false;
        };
        let is = |it: &[u8]| verify_slices_are_equal(it, self.0.as_bytes()).is_ok();
        match scheme.to_ascii_lowercase().as_str() {
            "bearer" => is(value.as_bytes()),
            "basic" => STANDARD.decode(value).is_ok_and(|it| {
                let colon = it.iter().position(|byte| *byte == b':');
                colon.and_then(|at| it.get(at + 1..)).is_some_and(is)
            }),
            _ => false,
        }
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken(…)")
    }
}

/// Lets an operator through. To others there is nothing here, unless a token could help them.
pub(super) async fn operators(
    State(site): State<Arc<Site>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let near = site.reach == Reach::Loopback && is_near(peer, &request);
    match &site.operator_token {
        _ if near => next.run(request).await,
        Some(token) if token.is_shown(request.headers()) => next.run(request).await,
        // Browsers ask for a password when they are told so, and in no other way.
        Some(_) => {
            let ask = (header::WWW_AUTHENTICATE, "Basic realm=\"operator\"");
            (StatusCode::UNAUTHORIZED, [ask]).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_token_is_one_long_visible_line() {
        for text in [
            TOKEN.to_owned(),
            format!("{TOKEN}\n"),
            format!("{TOKEN}\r\n"),
        ] {
            assert_eq!(&*OperatorToken::read(&text).unwrap().0, TOKEN);
        }
        let short = &TOKEN[1..];
        for text in [
            "",
            short,
            &format!("{short}\n"),
            &format!("{TOKEN} x"),
            &format!("{TOKEN}\n{TOKEN}"),
        ] {
            assert_eq!(OperatorToken::read(text).err(), Some(NoToken), "{text}");
        }
        let debug = format!("{:?}", OperatorToken::read(TOKEN).unwrap());
        assert!(!debug.contains(TOKEN), "{debug}");
    }

    #[test]
    fn it_is_shown_by_a_bearer_or_as_a_password_and_in_no_other_way() {
        let token = OperatorToken::read(TOKEN).unwrap();
        let shown = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            token.is_shown(&headers)
        };
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        for value in [
            format!("Bearer {TOKEN}"),
            format!("bearer {TOKEN}"),
            basic(&format!("x:{TOKEN}")),
            basic(&format!(":{TOKEN}")),
        ] {
            assert!(shown(&value), "{value}");
        }
        for value in [
            TOKEN,
            "Bearer",
            "Bearer ",
            &format!("Bearer {TOKEN}0"),
            &basic(TOKEN),
            &basic(&format!("{TOKEN}:")),
            "Basic !",
            &format!("Digest {TOKEN}"),
        ] {
            assert!(!shown(value), "{value}");
        }
        assert!(!token.is_shown(&HeaderMap::new()));
    }
}
