//! The people of a world, who have buttons on consent pages, and what a provider reports about them.

use time::OffsetDateTime;

use crate::model::{Grant, Proof, Provider, ids};

/// A person with accounts at providers. A person is not necessarily a member of an organization.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub email: String,
    pub identities: Vec<Identity>,
}

/// One account at one provider.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub provider: Provider,
    /// The provider's `sub`, the id of the account.
    pub subject: String,
    /// Google's Workspace domain. A Google login without it does not prove the address, except for Gmail addresses,
    /// which are Google's own.
    pub hd: Option<String>,
    /// Id of the Slack workspace or `HubSpot` hub, or ids of the GitHub organizations.
    pub tenants: Vec<String>,
    /// Whether the provider has verified the address. Otherwise, no login proves it.
    pub email_verified: bool,
}

/// The result of one login, in an organization or before one is chosen.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub proof: Proof,
    /// The account: the provider's or connection's id for it, a phone number, or another id.
    pub subject: String,
    pub email: String,
    pub full_name: String,
    pub proves_email: bool,
    pub tenants: Vec<String>,
    /// The person's groups at the identity provider, if the connection maps them.
    pub groups: Option<Vec<String>>,
    /// The only organization in which it counts, because SSO and second factors prove nothing to other organizations.
    pub only_in: Option<String>,
    /// The organization that the person signed in to. `None` for discovery, and if it makes no difference.
    pub made_in: Option<String>,
    pub at: OffsetDateTime,
    /// Tokens that the provider issued at an OAuth login, until they are stored for a member.
    pub grant: Option<Grant>,
}

impl Login {
    /// A login by a link or a code that was sent to the address, which proves it.
    pub fn by_email(proof: Proof, email: &str, at: OffsetDateTime) -> Self {
        Self {
            proof,
            subject: email.to_owned(),
            email: email.to_owned(),
            full_name: String::new(),
            proves_email: true,
            tenants: Vec::new(),
            groups: None,
            only_in: None,
            made_in: None,
            at,
            grant: None,
        }
    }

    /// Whether it counts in this organization.
    pub fn counts_in(&self, organization_id: &str) -> bool {
        self.only_in
            .as_ref()
            .is_none_or(|only| only == organization_id)
    }

    /// The login as it counts in this organization. An OAuth login to another organization that does not prove the
    /// address counts as an exchange: the member gets neither the account nor the provider's tokens.
    pub fn brought_to(mut self, organization_id: &str) -> Self {
        let is_from_elsewhere = self
            .made_in
            .as_ref()
            .is_some_and(|made_in| made_in != organization_id);
        if let Proof::Oauth(provider) = self.proof
            && is_from_elsewhere
            && !self.proves_email
        {
            self.proof = Proof::OauthExchange(provider);
            self.grant = None;
        }
        self
    }

    /// Whether both are the same account by the same proof.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.proof == other.proof && self.subject == other.subject
    }
}

impl Person {
    pub fn new(name: &str, email: &str, identity: Identity) -> Self {
        Self {
            id: format!("person-{}", uuid::Uuid::new_v4()),
            name: name.to_owned(),
            email: email.to_lowercase(),
            identities: vec![identity],
        }
    }

    /// The account at this provider, if there is one.
    pub fn identity(&self, provider: Provider) -> Option<&Identity> {
        self.identities
            .iter()
            .find(|identity| identity.provider == provider)
    }

    /// The result of this person's login at the provider with these scopes.
    ///
    /// GitHub lists organizations only with the scope `read:org`.
    pub fn login(
        &self,
        provider: Provider,
        scopes: &[String],
        at: OffsetDateTime,
    ) -> Option<Login> {
        let identity = self.identity(provider)?;
        let lists_tenants =
            provider != Provider::Github || scopes.iter().any(|scope| scope == "read:org");
        Some(Login {
            proof: Proof::Oauth(provider),
            subject: identity.subject.clone(),
            email: self.email.clone(),
            full_name: self.name.clone(),
            proves_email: identity.email_verified
                && match provider {
                    Provider::Google => identity.hd.is_some() || is_gmail(domain(&self.email)),
                    Provider::Microsoft => true,
                    Provider::Github | Provider::Slack | Provider::Hubspot => false,
                },
            tenants: if lists_tenants {
                identity.tenants.clone()
            } else {
                Vec::new()
            },
            groups: None,
            only_in: None,
            made_in: None,
            at,
            grant: None,
        })
    }
}

impl Identity {
    /// A new account, with a subject in the provider's format.
    pub fn new(provider: Provider, hd: Option<String>, tenants: Vec<String>) -> Self {
        let subject = format!("{}-{}", provider.word(), &ids::token()[..20]);
        Self {
            provider,
            subject,
            hd,
            tenants,
            email_verified: true,
        }
    }
}

/// Whether the domain belongs to Gmail, whose addresses are Google's own.
pub fn is_gmail(domain: &str) -> bool {
    matches!(
        domain.to_ascii_lowercase().as_str(),
        "gmail.com" | "googlemail.com"
    )
}

/// The part of an address after the `@`.
pub fn domain(email: &str) -> &str {
    email.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Whether the text has the form of an address: one `@` with text before it and a dotted name after it, without spaces.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let plain = |part: &str| {
        !part.is_empty()
            && !part
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || c == '@')
    };
    text.len() <= 254 && plain(local) && plain(domain) && is_domain(domain)
}

/// Whether the text has the form of a domain: at least two labels of letters, digits and hyphens.
pub fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.contains('.') && text.split('.').all(label)
}

/// Whether the domain is one of a public email provider, so that sharing it proves nothing. Only the first label is
/// compared.
pub fn is_common(domain: &str) -> bool {
    const COMMON: &str = "gmail googlemail yahoo ymail aol icloud me mac hotmail msn outlook live comcast att sbcglobal \
        verizon earthlink igmail hey laposte wanadoo orange free rediffmail uol bol gmx yandex libero";
    let first = domain.split('.').next().unwrap_or_default().to_lowercase();
    COMMON.split(' ').any(|common| common == first)
}

/// Whether the domain offers disposable addresses. The list has only a few well-known ones, because the vendor's is not
/// public.
pub fn is_disposable(domain: &str) -> bool {
    const DISPOSABLE: &str = "10minutemail.com guerrillamail.com maildrop.cc mailinator.com sharklasers.com temp-mail.org \
        trashmail.com yopmail.com";
    DISPOSABLE
        .split(' ')
        .any(|listed| listed.eq_ignore_ascii_case(domain))
}

/// Whether a character can hide or reverse the text around it: a control character, or one that overrides, embeds or
/// isolates a direction. Joiners are allowed, because emoji and Persian need them.
pub fn is_disruptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
