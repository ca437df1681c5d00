//! The project's public keys, and the local check of a session JWT against them.
//!
//! Source: <https://stytch.com/docs/b2b/guides/sessions/resources/using-jwts>. Keys are rotated about twice a year, and
//! an old one stays published for another month.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use reqwest::Method;
use serde::{Deserialize, de::IgnoredAny};
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

use super::{
    OrganizationId, Result, SessionJwt, Stytch,
    jwt::{Jwk, Jwt, PublicKey},
    send::Call,
    sessions::Sessions,
};

/// Maximum difference between Stytch's clock and ours.
pub const LEEWAY: Duration = Duration::seconds(30);

/// Age at which the keys are fetched again. If Stytch does not respond, the old keys stay in use.
const FRESH_FOR: Duration = Duration::hours(1);

/// Minimum time between two fetches. JWTs with made-up key ids must not cause more.
const ASK_AGAIN_AFTER: Duration = Duration::seconds(10);

/// The fetched keys.
#[derive(Default)]
pub(super) struct Jwks {
    keys: RwLock<Arc<HashMap<String, PublicKey>>>,
    /// Locked during a fetch, so that there is only one at a time.
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    at: Option<OffsetDateTime>,
    answered_at: Option<OffsetDateTime>,
}

/// Why a JWT could not be verified locally. The caller then asks Stytch about the session.
#[derive(Debug, thiserror::Error)]
pub enum NotVouched {
    /// The JWT is not valid for this project and organization at this time.
    #[error("the JWT is refused: {0}")]
    Refused(&'static str),
    /// The keys could not be fetched.
    #[error("no keys: {0}")]
    NoKeys(super::Error),
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// The required claims (RFC 7519 §4.1, and two of Stytch's).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    #[serde(rename = "sub")]
    _subject: String,
    exp: i64,
    nbf: i64,
    #[serde(rename = "https://stytch.com/organization")]
    organization: OrganizationClaim,
    #[serde(rename = "https://stytch.com/session")]
    _session: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct OrganizationClaim {
    organization_id: OrganizationId,
}

impl Sessions<'_> {
    /// Verifies a JWT of a session in this organization. Returns the time until which it is valid: its `exp` plus the
    /// leeway. Checks the signature (only RS256 with a key of the project), issuer, audience, times and the
    /// organization claim.
    ///
    /// # Errors
    /// [`NotVouched`]. The session may still be valid; call [`Sessions::authenticate`] to find out.
    pub async fn verify_jwt(
        &self,
        jwt: &SessionJwt,
        organization: &OrganizationId,
        now: OffsetDateTime,
    ) -> std::result::Result<OffsetDateTime, NotVouched> {
        self.verify_at(jwt, organization, [now; 2]).await
    }

    /// The same for a JWT that has just arrived. It is accepted if it is valid now by this machine's clock or by
    /// Stytch's. Returns a time by this machine's clock.
    ///
    /// # Errors
    /// As [`Sessions::verify_jwt`].
    pub async fn verify_new_jwt(
        &self,
        jwt: &SessionJwt,
        organization: &OrganizationId,
        now: OffsetDateTime,
    ) -> std::result::Result<OffsetDateTime, NotVouched> {
        let there = self.0.now().unwrap_or(now);
        self.verify_at(jwt, organization, [now, there]).await
    }

    async fn verify_at(
        &self,
        jwt: &SessionJwt,
        organization: &OrganizationId,
        clocks: [OffsetDateTime; 2],
    ) -> std::result::Result<OffsetDateTime, NotVouched> {
        let [now, _] = clocks;
        let jwt = Jwt::parse(jwt.expose()).map_err(NotVouched::Refused)?;
        let key = self.0.key(&jwt.kid, now).await?;
        let wrong = NotVouched::Refused("signature, issuer, audience or claims are wrong");
        let claims: Option<Claims> = jwt.claims(&key);
        let claims = claims.filter(|it| self.0.is_of_project(it)).ok_or(wrong)?;
        if &claims.organization.organization_id != organization {
            return Err(NotVouched::Refused("it is about another organization"));
        }
        let time = |seconds| OffsetDateTime::from_unix_timestamp(seconds);
        let (Ok(exp), Ok(nbf)) = (time(claims.exp), time(claims.nbf)) else {
            return Err(NotVouched::Refused("its times are not valid"));
        };
        let (exp, nbf) = (exp.saturating_add(LEEWAY), nbf.saturating_sub(LEEWAY));
        let is_valid_at = |at: &OffsetDateTime| nbf <= *at && exp > *at;
        match clocks.into_iter().find(is_valid_at) {
            Some(at) => Ok(now.saturating_add(exp - at)),
            None => Err(NotVouched::Refused("it is not valid at this time")),
        }
    }
}

impl Stytch {
    /// Whether the project is the issuer and the audience.
    fn is_of_project(&self, claims: &Claims) -> bool {
        let project_id = &self.0.credentials.project_id;
        let is_audience = match &claims.aud {
            Audience::One(id) => id == project_id,
            Audience::Several(ids) => ids.contains(project_id),
        };
        // Projects with a custom domain use the second issuer.
        let issuer = claims.iss.strip_prefix("stytch.com/");
        let origin = self.0.base_url.as_str().trim_end_matches('/');
        is_audience && (issuer == Some(project_id) || claims.iss == origin)
    }

    async fn key(
        &self,
        kid: &str,
        now: OffsetDateTime,
    ) -> std::result::Result<PublicKey, NotVouched> {
        let jwks = &self.0.jwks;
        let mut asked = match jwks.at_hand(kid) {
            // A request whose key is cached does not wait while another request fetches keys.
            Some(key) => match jwks.asked.try_lock() {
                Ok(asked) if asked.is_stale(now) => asked,
                _ => return Ok(key),
            },
            None => jwks.asked.lock().await,
        };
        let mut failure = None;
        // Another request may have fetched the keys meanwhile.
        if asked.is_stale(now) || jwks.at_hand(kid).is_none() && asked.may_again(now) {
            asked.at = Some(now);
            match self.ask_for_keys().await {
                Ok(keys) => {
                    asked.answered_at = Some(now);
                    *jwks.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                }
                Err(error) => failure = Some(error),
            }
        }
        match (jwks.at_hand(kid), failure) {
            (Some(key), _) => Ok(key),
            (None, Some(error)) => Err(NotVouched::NoKeys(error)),
            (None, None) => Err(NotVouched::Refused("its key is not one of the project's")),
        }
    }

    /// `GET /v1/b2b/sessions/jwks/{project_id}`. Ignores keys that can't verify RS256.
    async fn ask_for_keys(&self) -> Result<HashMap<String, PublicKey>> {
        let path = format!("/v1/b2b/sessions/jwks/{}", self.0.credentials.project_id);
        let set: KeySet = self
            .send(Call::Read, Method::GET, &path, None::<&()>)
            .await?;
        let keys = set.keys.into_iter().filter_map(|key| {
            let jwk: Jwk = serde_json::from_value(key).ok()?;
            let key = jwk.public_key()?;
            Some((jwk.kid, key))
        });
        Ok(keys.collect())
    }
}

impl Jwks {
    fn at_hand(&self, kid: &str) -> Option<PublicKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(kid).cloned()
    }
}

/// These compare times by their distance. If our clock was set back, the last fetch may be in the future.
impl Asked {
    fn may_again(&self, now: OffsetDateTime) -> bool {
        self.at.is_none_or(|at| (now - at).abs() >= ASK_AGAIN_AFTER)
    }

    fn is_stale(&self, now: OffsetDateTime) -> bool {
        let fresh = self
            .answered_at
            .is_some_and(|at| (now - at).abs() < FRESH_FOR);
        !fresh && self.may_again(now)
    }
}
