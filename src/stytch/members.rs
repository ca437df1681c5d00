//! One member: the member object, the phone number, and the tokens for the API of an OAuth provider.
//!
//! Sources: <https://stytch.com/docs/b2b/api/get-member>, `delete-member-mfa-phone-number`, `get-google-access-token`
//! and its siblings for the other four.

#![expect(missing_docs, reason = "the vendor's reference describes its fields")]

use reqwest::Method;
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::{
    MemberId, OrganizationId, Provider, Result, Stytch,
    needed::{Blank, at_least_one, needed, or_default, usable},
    objects::Member,
    secret::ProviderToken,
    send::{Call, Done},
};

/// `stytch.members()`
pub struct Members<'a>(pub(super) &'a Stytch);

/// A registration of the member with a provider, and its tokens.
#[derive(Debug, Default, Deserialize)]
pub struct ProviderRegistration {
    #[serde(deserialize_with = "needed")]
    pub provider_subject: String,
    /// Empty if the provider returned none.
    #[serde(default, deserialize_with = "or_default")]
    pub access_token: ProviderToken,
    /// Lifetime of the access token in seconds; `None` if it does not expire.
    #[serde(default)]
    pub access_token_expires_in: Option<i64>,
    /// About the person (OIDC); empty for GitHub, Slack and HubSpot.
    #[serde(default, deserialize_with = "or_default")]
    pub id_token: ProviderToken,
    #[serde(default, deserialize_with = "usable")]
    pub scopes: Vec<String>,
}

impl Blank for ProviderRegistration {}

/// For Google and Microsoft, the response itself is the one registration. For the others, it has a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tokens {
    Many {
        #[serde(deserialize_with = "at_least_one")]
        registrations: Vec<ProviderRegistration>,
    },
    One(ProviderRegistration),
}

impl Members<'_> {
    /// `GET /v1/b2b/organizations/{organization_id}/member?member_id=…`
    pub async fn get(&self, organization: &OrganizationId, member_id: &MemberId) -> Result<Member> {
        #[derive(Deserialize)]
        struct Found {
            member: Whole,
        }
        #[derive(Deserialize)]
        struct Whole {
            // With a default, a verified phone would count as unverified, and could be deleted.
            mfa_phone_number_verified: bool,
            #[serde(flatten)]
            member: Member,
        }
        let path = format!(
            "/v1/b2b/organizations/{organization}/member?member_id={}",
            encoded(member_id)
        );
        let read = self.0.send(Call::Read, Method::GET, &path, None::<&()>);
        let Found { member: whole } = read.await?;
        Ok(Member {
            mfa_phone_number_verified: whole.mfa_phone_number_verified,
            ..whole.member
        })
    }

    /// `DELETE /v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}`: deletes the phone
    /// number. There is no other way to replace it.
    pub async fn delete_mfa_phone_number(
        &self,
        organization: &OrganizationId,
        member_id: &MemberId,
    ) -> Result<()> {
        let path = format!(
            "/v1/b2b/organizations/{organization}/members/mfa_phone_numbers/{}",
            encoded(member_id)
        );
        let delete = self.0.send(Call::Once, Method::DELETE, &path, None::<&()>);
        delete.await.map(|Done { .. }| ())
    }

    /// `GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}`. If the access
    /// token has expired, Stytch renews it first if it can.
    ///
    /// # Errors
    /// `member_oauth_token_not_found` (404) for a member who never signed in with this provider;
    /// `missing_oauth_refresh_token`, `unable_to_refresh_oauth_token` when they must sign in with it again.
    pub async fn provider_tokens(
        &self,
        organization: &OrganizationId,
        member_id: &MemberId,
        provider: Provider,
    ) -> Result<Vec<ProviderRegistration>> {
        let path = format!(
            "/v1/b2b/organizations/{organization}/members/{}/oauth_providers/{}",
            encoded(member_id),
            provider.slug()
        );
        let tokens: Tokens = self
            .0
            .send(Call::Read, Method::GET, &path, None::<&()>)
            .await?;
        Ok(match tokens {
            Tokens::Many { registrations } => registrations,
            Tokens::One(registration) => vec![registration],
        })
    }
}

fn encoded(member_id: &MemberId) -> String {
    byte_serialize(member_id.as_str().as_bytes()).collect()
}
