//! Who takes part: users and their tokens, issued by a local host, or read from a file for any other.

use std::path::Path;

use serde::Deserialize;
use switchboard_protocol::{Role, UserId};
use tokio::task::JoinSet;

use crate::target::{Target, TargetError};

/// Tokens that are asked for at the same time: signing is the host's work, and it has few cores.
const AT_ONCE: usize = 8;
/// How long a local host's tokens live: as long as it lets them.
const TOKEN_S: u64 = 86_400;

/// Somebody with a token.
#[derive(Clone)]
pub struct Person {
    /// The token's `sub`.
    pub user: String,
    /// On which side.
    pub role: Role,
    /// The token, which no log and no report ever shows.
    pub token: String,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person")
            .field("user", &self.user)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A customer and a provider.
pub type Pair = (Person, Person);

/// Why nobody takes part.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The file cannot be read.
    #[error("failed to read the tokens of {0}")]
    Unreadable(String, #[source] std::io::Error),
    /// A line is not `user role token`.
    #[error("line {0} of the tokens must be: user role token")]
    Line(usize),
    /// There are not enough of them.
    #[error(
        "{wanted} pairs are wanted, and the tokens are of {customers} customers and {providers} providers"
    )]
    TooFew {
        /// Pairs of the plan.
        wanted: usize,
        /// Customers in the file.
        customers: usize,
        /// Providers in the file.
        providers: usize,
    },
    /// The host issues none.
    #[error(
        "failed to get tokens from the host: where it is not a local one, bring them with --tokens FILE"
    )]
    NotIssued(#[source] TargetError),
    /// The host answers something else.
    #[error("the host's answer has no token")]
    NoToken,
}

/// Reads people from a file, or from standard input where the path is `-`.
pub fn read(path: &Path, pairs: usize) -> Result<Vec<Pair>, PeopleError> {
    let text = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|error| PeopleError::Unreadable(path.display().to_string(), error))?;
    parse(&text, pairs)
}

fn parse(text: &str, pairs: usize) -> Result<Vec<Pair>, PeopleError> {
    let (mut customers, mut providers) = (Vec::new(), Vec::new());
    for (place, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() || line.starts_with('#') {
            continue;
        }
        let person = person(&words).ok_or(PeopleError::Line(place + 1))?;
        match person.role {
            Role::Customer => customers.push(person),
            Role::Provider => providers.push(person),
        }
    }
    if customers.len().min(providers.len()) < pairs {
        let (customers, providers) = (customers.len(), providers.len());
        return Err(PeopleError::TooFew {
            wanted: pairs,
            customers,
            providers,
        });
    }
    Ok(customers.into_iter().zip(providers).take(pairs).collect())
}

fn person(words: &[&str]) -> Option<Person> {
    let [user, role, token] = words else {
        return None;
    };
    let user: UserId = user.parse().ok()?;
    Some(Person {
        user: user.to_string(),
        role: role.parse().ok()?,
        token: (*token).to_owned(),
    })
}

/// Has new people made by a local host. Their names carry the run, so that no other run's conversations are theirs.
pub async fn issue(target: &Target, run: u32, pairs: usize) -> Result<Vec<Pair>, PeopleError> {
    let mut people: Vec<Option<Person>> = vec![None; pairs * 2];
    let mut asking = JoinSet::new();
    let mut next = 0;
    while next < people.len() || !asking.is_empty() {
        if next < people.len() && asking.len() < AT_ONCE {
            let target = target.clone();
            let place = next;
            asking.spawn(async move { (place, issue_one(&target, run, place).await) });
            next += 1;
            continue;
        }
        if let Some(Ok((place, person))) = asking.join_next().await {
            people[place] = Some(person?);
        }
    }
    let mut people = people.into_iter().flatten();
    let mut paired = Vec::with_capacity(pairs);
    while let (Some(customer), Some(provider)) = (people.next(), people.next()) {
        paired.push((customer, provider));
    }
    Ok(paired)
}

#[derive(Deserialize)]
struct Issued {
    token: String,
}

async fn issue_one(target: &Target, run: u32, place: usize) -> Result<Person, PeopleError> {
    let role = if place.is_multiple_of(2) {
        Role::Customer
    } else {
        Role::Provider
    };
    let user = format!("load-{run:06x}-{place}");
    let asked = format!(r#"{{"user":"{user}","role":"{role}","expires_s":{TOKEN_S}}}"#);
    let answer = target
        .post("/_local/token", asked)
        .await
        .map_err(PeopleError::NotIssued)?;
    let issued: Issued = serde_json::from_slice(&answer).map_err(|_| PeopleError::NoToken)?;
    Ok(Person {
        user,
        role,
        token: issued.token,
    })
}

#[cfg(test)]
mod tests {
    use super::{PeopleError, parse};

    #[test]
    fn people_are_paired_in_the_order_of_the_lines() {
        let text = "# who\na customer t1\nb customer t2\n\nx provider t3\ny provider t4\n";
        let pairs = parse(text, 2).unwrap();
        let names: Vec<_> = pairs
            .iter()
            .map(|(a, b)| (a.user.as_str(), b.user.as_str()))
            .collect();
        assert_eq!(names, [("a", "x"), ("b", "y")]);
        assert!(!format!("{pairs:?}").contains("t1"), "a token was shown");
    }

    #[test]
    fn what_is_wrong_with_the_tokens_is_said() {
        assert!(matches!(parse("a customer", 1), Err(PeopleError::Line(1))));
        assert!(matches!(parse("a boss t", 1), Err(PeopleError::Line(1))));
        assert!(matches!(
            parse("a customer t", 1),
            Err(PeopleError::TooFew { providers: 0, .. })
        ));
    }
}
