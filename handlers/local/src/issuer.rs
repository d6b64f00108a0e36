//! A token issuer with a key of its own: what a Cognito user pool is on AWS.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::json;
use tempfile::NamedTempFile;

/// The key's file in the data directory.
const KEY_FILE: &str = "issuer.der";

/// What PKCS#8 puts before a 2048-bit RSA key's own DER, which is what
/// jsonwebtoken reads.
const PKCS8_HEADER_BYTES: usize = 26;

/// Why there is no key, or no token. Reads on after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// No key could be made.
    #[error("make the issuer's key")]
    Generate,
    /// The key's file cannot be read or written.
    #[error("keep the issuer's key in {}", path.display())]
    Keep {
        /// The key's file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The key's file holds no RSA key of 2048 bits.
    #[error("read the issuer's key {}, which is no 2048-bit RSA key in PKCS#8", path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
    },
    /// The token could not be signed.
    #[error("sign a token")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

/// Who issues, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim of an id token, the `client_id` of an access token.
    pub client: String,
}

impl Default for Audience {
    fn default() -> Self {
        Self {
            issuer: "http://127.0.0.1/switchboard-local".to_owned(),
            client: "switchboard-local".to_owned(),
        }
    }
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenUse {
    /// An id token: names the client in `aud`.
    Id,
    /// An access token: names the client in `client_id`.
    Access,
}

/// A token to be issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// The `sub` claim.
    pub user: String,
    /// The one group that the user is in.
    pub role: String,
    /// Seconds until it expires.
    pub expires_s: u64,
    /// What it is for.
    pub token_use: TokenUse,
    /// Makes it unique: 128 bits from the clock's dice.
    pub jti: u128,
}

/// Signs tokens with a key that outlives the process.
pub struct Issuer {
    audience: Audience,
    key: EncodingKey,
    kid: String,
    modulus: String,
    exponent: String,
}

impl Issuer {
    /// Loads the key from `directory`, and makes it where there is none; without
    /// a directory the key is gone with the process.
    pub fn open(directory: Option<&Path>, audience: Audience) -> Result<Self, IssuerError> {
        let Some(directory) = directory else {
            return Self::with_key(&generate()?, audience).ok_or(IssuerError::Generate);
        };
        let path = directory.join(KEY_FILE);
        Self::with_key(&load_or_make(&path)?, audience).ok_or(IssuerError::Key { path })
    }

    /// None where it is no key.
    fn with_key(pkcs8: &[u8], audience: Audience) -> Option<Self> {
        let der = pkcs8.get(PKCS8_HEADER_BYTES..)?;
        // Also proves that the header was as long as it is said to be.
        let pair = KeyPair::from_der(der).ok()?;
        let public = pair.public_key();
        let modulus = encoded(public.modulus().big_endian_without_leading_zero());
        let exponent = encoded(public.exponent().big_endian_without_leading_zero());
        // The thumbprint of RFC 7638, for a name that follows from the key.
        let thumbprint = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
        let kid = encoded(digest::digest(&digest::SHA256, thumbprint.as_bytes()).as_ref());
        Some(Self {
            audience,
            key: EncodingKey::from_rsa_der(der),
            kid,
            modulus,
            exponent,
        })
    }

    /// The `iss` and client that the tokens name.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// The key's name, which follows from the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key, as a JSON Web Key Set.
    pub fn jwks(&self) -> serde_json::Value {
        json!({ "keys": [{
            "alg": "RS256",
            "e": self.exponent,
            "kid": self.kid,
            "kty": "RSA",
            "n": self.modulus,
            "use": "sig",
        }] })
    }

    /// Signs a token as a Cognito user pool would write it at `now_s`.
    pub fn token(&self, now_s: u64, request: &TokenRequest) -> Result<String, IssuerError> {
        let client = self.audience.client.as_str();
        let user = request.user.as_str();
        let (id, access) = match request.token_use {
            TokenUse::Id => (Some(client), None),
            TokenUse::Access => (None, Some(client)),
        };
        let claims = Claims {
            sub: user,
            iss: &self.audience.issuer,
            aud: id,
            client_id: access,
            token_use: if id.is_some() { "id" } else { "access" },
            id_username: id.map(|_| user),
            username: access.map(|_| user),
            groups: [&request.role],
            auth_time: now_s,
            iat: now_s,
            exp: now_s.saturating_add(request.expires_s),
            jti: format!("{:032x}", request.jti),
        };
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        Ok(jsonwebtoken::encode(&header, &claims, &self.key)?)
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer")
            .field("audience", &self.audience)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    sub: &'a str,
    iss: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    token_use: &'static str,
    #[serde(rename = "cognito:username", skip_serializing_if = "Option::is_none")]
    id_username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(rename = "cognito:groups")]
    groups: [&'a str; 1],
    auth_time: u64,
    iat: u64,
    exp: u64,
    jti: String,
}

/// The key in `path`. Of several processes that make it at once, one wins and
/// the others take the winner's.
fn load_or_make(path: &Path) -> Result<Vec<u8>, IssuerError> {
    let keep = |source| IssuerError::Keep {
        path: path.to_owned(),
        source,
    };
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        read => return read.map_err(keep),
    }
    let pkcs8 = generate()?;
    match write_new(path, &pkcs8) {
        Ok(()) => Ok(pkcs8),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read(path).map_err(keep),
        Err(error) => Err(keep(error)),
    }
}

/// Writes a file whole or not at all, for this user's eyes, where there is none.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    // Temporary files are made with mode 0600.
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(())
}

fn generate() -> Result<Vec<u8>, IssuerError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| IssuerError::Generate)?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| IssuerError::Generate)?;
    Ok(der.as_ref().to_vec())
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
