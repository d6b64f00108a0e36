//! Gives the plays at any venue: a URL and tokens are all that differs between the local host, an emulator and AWS.
//!
//! Tokens are read from a file, one `user role token` a line, of users who have not talked to each other before.
//! Plays that look at a push are left out: elsewhere it arrives on a phone.

use std::collections::VecDeque;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use clap::Parser;
use serde_json::Value;
use switchboard::protocol::Role;
use switchboard_tests::plays;
use switchboard_tests::venue::{Guest, Venue};

/// The plays, at a venue of your own.
#[derive(Debug, Parser)]
struct Options {
    /// The stage's URL: `wss://…/live`, or `ws://127.0.0.1:8080/local`.
    #[arg(long)]
    url: String,
    /// A file with one `user role token` a line: three customers and two providers; `-` reads standard input.
    #[arg(long)]
    tokens: PathBuf,
}

/// A gateway that only its URL is known of.
struct Elsewhere {
    url: String,
    guests: Mutex<VecDeque<(Role, Guest)>>,
}

#[async_trait::async_trait]
impl Venue for Elsewhere {
    fn url(&self) -> String {
        self.url.clone()
    }

    async fn guest(&self, _name: &str, role: Role) -> Guest {
        let mut guests = self.guests.lock().unwrap();
        let place = guests.iter().position(|(it, _)| *it == role);
        let found = place.and_then(|place| guests.remove(place));
        found
            .unwrap_or_else(|| panic!("there is no other {role} among the tokens"))
            .1
    }

    async fn push(&self, _conversation: &str, _seq: u64) -> Value {
        panic!("a push cannot be seen here")
    }

    async fn passes(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

fn guests(text: &str) -> VecDeque<(Role, Guest)> {
    let guest = |(number, line): (usize, &str)| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [user, role, token] = words[..] else {
            panic!("line {} is not `user role token`", number + 1);
        };
        let role = role.parse();
        let role = role.unwrap_or_else(|_| panic!("line {} has no role", number + 1));
        let guest = Guest {
            id: user.to_owned(),
            token: token.to_owned(),
        };
        (role, guest)
    };
    text.lines()
        .enumerate()
        .filter(|it| !it.1.trim().is_empty())
        .map(guest)
        .collect()
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let mut text = String::new();
    if options.tokens.as_os_str() == "-" {
        std::io::stdin()
            .read_to_string(&mut text)
            .expect("failed to read standard input");
    } else {
        text = std::fs::read_to_string(&options.tokens).expect("failed to read the tokens");
    }
    // Two providers of cryptography are linked, so one has to be named.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("nobody was faster");
    let venue = Elsewhere {
        url: options.url,
        guests: Mutex::new(guests(&text)),
    };
    Box::pin(plays::door(&venue)).await;
    println!("door: strangers stay outside");
    Box::pin(plays::talk(&venue)).await;
    println!("talk: what is said is heard, once and in order");
}
