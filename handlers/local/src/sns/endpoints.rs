//! Platform endpoints, with the rules of SNS that the product has to live with.
//!
//! An ARN carries its token, so nothing has to be kept on disk: an ARN of an
//! earlier run is taken for the enabled endpoint that it was. What an earlier
//! run disabled, deleted or gave another token is forgotten with it; the next
//! registration of the device repairs that, as it repairs it on AWS.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::wire::{Form, Refusal, element, entries};

/// More devices than a local stack will ever see.
const ENDPOINTS_MAX: usize = 200_000;

/// All endpoints that this run has heard of.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    /// `None` for one that was deleted.
    by_arn: BTreeMap<String, Option<Endpoint>>,
    /// The ARN for a path (`APNS/app`) and a token: a token has one owner.
    owners: BTreeMap<(String, String), String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Endpoint {
    token: String,
    enabled: bool,
    user_data: String,
}

impl Endpoints {
    pub(super) fn create(&mut self, form: &Form) -> Result<String, Refusal> {
        let application = form.required("PlatformApplicationArn")?;
        let token = form.required("Token")?;
        let (base, path) = application
            .split_once(":app/")
            .ok_or_else(|| Refusal::invalid("PlatformApplicationArn"))?;
        let attributes = form.map("Attributes", "key", "value");
        let enabled = attributes.get("Enabled").map(|it| it == "true");
        let user_data = form
            .get("CustomUserData")
            .or(attributes.get("CustomUserData").map(String::as_str))
            .unwrap_or_default();
        let owner = (path.to_owned(), token.to_owned());
        let arn = match self.owners.get(&owner) {
            Some(arn) => arn.clone(),
            None => self.free_arn(&format!("{base}:endpoint/{path}"), token),
        };
        if let Some(Some(existing)) = self.by_arn.get(&arn) {
            // A disabled endpoint is returned as if it were fine, unless the
            // caller says that it should be enabled.
            if existing.user_data != user_data || enabled.is_some_and(|it| it != existing.enabled) {
                return Err(Refusal::taken(&arn));
            }
        } else {
            let endpoint = Endpoint {
                token: token.to_owned(),
                enabled: enabled.unwrap_or(true),
                user_data: user_data.to_owned(),
            };
            self.insert(arn.clone(), endpoint)?;
        }
        Ok(element("EndpointArn", &arn))
    }

    pub(super) fn attributes(&mut self, form: &Form) -> Result<String, Refusal> {
        let endpoint = self.get(form.required("EndpointArn")?)?;
        let enabled = endpoint.enabled.to_string();
        let mut attributes = vec![("Enabled", enabled.as_str()), ("Token", &endpoint.token)];
        if !endpoint.user_data.is_empty() {
            attributes.push(("CustomUserData", &endpoint.user_data));
        }
        Ok(entries("Attributes", &attributes))
    }

    pub(super) fn set(&mut self, form: &Form) -> Result<String, Refusal> {
        let arn = form.required("EndpointArn")?;
        let mut endpoint = self.get(arn)?.clone();
        for (name, value) in form.map("Attributes", "key", "value") {
            match name.as_str() {
                "Enabled" => endpoint.enabled = value == "true",
                "Token" => endpoint.token = value,
                "CustomUserData" => endpoint.user_data = value,
                other => return Err(Refusal::invalid(&format!("Attributes: {other}"))),
            }
        }
        let owner = (path(arn).to_owned(), endpoint.token.clone());
        if let Some(owner) = self.owners.get(&owner)
            && owner != arn
        {
            return Err(Refusal::taken(owner));
        }
        self.remove(arn);
        self.insert(arn.to_owned(), endpoint)?;
        Ok(String::new())
    }

    /// Deleting what is not there succeeds, as on AWS.
    pub(super) fn delete(&mut self, form: &Form) -> Result<String, Refusal> {
        let arn = form.required("EndpointArn")?;
        if self.get(arn).is_ok() {
            self.remove(arn);
        }
        Ok(String::new())
    }

    /// The token behind an endpoint that can be published to.
    pub(super) fn publishable(&mut self, arn: &str) -> Result<&str, Refusal> {
        let endpoint = self.get(arn)?;
        if endpoint.enabled {
            Ok(&endpoint.token)
        } else {
            Err(Refusal::endpoint_disabled())
        }
    }

    pub(super) fn disable(&mut self, arn: &str) -> bool {
        if self.get(arn).is_err() {
            return false;
        }
        if let Some(Some(endpoint)) = self.by_arn.get_mut(arn) {
            endpoint.enabled = false;
        }
        true
    }

    /// The endpoint, remembered from its ARN where an earlier run made it.
    fn get(&mut self, arn: &str) -> Result<&Endpoint, Refusal> {
        if !self.by_arn.contains_key(arn) {
            let token = token_in(arn).ok_or_else(Refusal::not_found)?;
            let endpoint = Endpoint {
                token,
                enabled: true,
                user_data: String::new(),
            };
            self.insert(arn.to_owned(), endpoint)?;
        }
        self.by_arn
            .get(arn)
            .and_then(Option::as_ref)
            .ok_or_else(Refusal::not_found)
    }

    fn insert(&mut self, arn: String, endpoint: Endpoint) -> Result<(), Refusal> {
        if self.by_arn.len() >= ENDPOINTS_MAX && !self.by_arn.contains_key(&arn) {
            return Err(Refusal::full());
        }
        let owner = (path(&arn).to_owned(), endpoint.token.clone());
        // Two endpoints of earlier runs may claim one token: the first keeps it.
        self.owners.entry(owner).or_insert_with(|| arn.clone());
        self.by_arn.insert(arn, Some(endpoint));
        Ok(())
    }

    fn remove(&mut self, arn: &str) {
        if let Some(Some(endpoint)) = self.by_arn.insert(arn.to_owned(), None) {
            let owner = (path(arn).to_owned(), endpoint.token);
            if self.owners.get(&owner).is_some_and(|it| it == arn) {
                self.owners.remove(&owner);
            }
        }
    }

    /// The ARN for a token, numbered on where that one has taken another token.
    fn free_arn(&self, prefix: &str, token: &str) -> String {
        let arn = format!("{prefix}/{}", URL_SAFE_NO_PAD.encode(token));
        let mut free = arn.clone();
        let mut number = 1;
        while matches!(self.by_arn.get(&free), Some(Some(_))) {
            number += 1;
            free = format!("{arn}.{number}");
        }
        free
    }
}

/// `APNS/app` of `arn:aws:sns:…:endpoint/APNS/app/<token>`.
fn path(arn: &str) -> &str {
    arn.split_once(":endpoint/")
        .and_then(|(_, rest)| rest.rsplit_once('/'))
        .map_or("", |(path, _)| path)
}

fn token_in(arn: &str) -> Option<String> {
    let (_, last) = arn.split_once(":endpoint/")?.1.rsplit_once('/')?;
    let encoded = last.split('.').next()?;
    String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}
