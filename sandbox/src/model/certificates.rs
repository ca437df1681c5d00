//! X.509 certificates of SAML connections, as the vendor's objects.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use yasna::{ASN1Result, models::ObjectIdentifier};

use crate::model::{ids, keys, pem::body};

/// The certificate of the sandbox's own key, as an object with a new id of this kind.
pub fn pinned(id_kind: &str, issuer: &str, created_at: &Value) -> Value {
    object(
        id_kind,
        &to_pem(&keys::pinned_certificate()),
        issuer,
        created_at,
    )
}

/// The certificate of the simulated IdP.
pub fn stand_in() -> Value {
    pinned("saml-verification-key", "CN=Stytch sandbox", &Value::Null)
}

/// The certificate of an IdP. `None` if the text is not a PEM certificate.
pub fn verification(pem: &str, created_at: &Value) -> Option<Value> {
    let der = STANDARD.decode(body(pem, "CERTIFICATE")?).ok()?;
    let issuer = issuer(&der).ok()?;
    Some(object(
        "saml-verification-key",
        pem.trim(),
        &issuer,
        created_at,
    ))
}

/// A new certificate for this private key, which signs requests. `None` unless it is an RSA key of 2048 to 4096 bits
/// in PEM (PKCS #1).
pub fn signing(private_key: &str, created_at: &Value) -> Option<Value> {
    let der = STANDARD.decode(pkcs1(private_key)?).ok()?;
    let certificate = keys::certificate_for(&der)?;
    Some(object(
        "saml-signing-key",
        &to_pem(&certificate),
        "Stytch",
        created_at,
    ))
}

/// The base64 text of a private key in PEM (PKCS #1).
pub fn pkcs1(pem: &str) -> Option<String> {
    body(pem, "RSA PRIVATE KEY")
}

fn object(id_kind: &str, pem: &str, issuer: &str, created_at: &Value) -> Value {
    json!({
        "certificate_id": ids::mint(id_kind),
        "certificate": pem,
        "issuer": issuer,
        "created_at": created_at,
        "expires_at": null,
        "updated_at": created_at,
    })
}

fn to_pem(base64: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----")
}

/// The issuer's common name; `""` if it has none (RFC 5280).
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method alone is not general enough over lifetimes"
)]
fn issuer(der: &[u8]) -> ASN1Result<String> {
    /// Tag of the version, which is the first field if present.
    const VERSION: u8 = 0xa0;
    let common_name = ObjectIdentifier::from_slice(&[2, 5, 4, 3]);
    let parts = yasna::parse_der(der, |certificate| {
        certificate.read_sequence(|part| {
            let signed = part.next().collect_sequence_of(|it| it.read_der())?;
            part.next().read_der()?;
            part.next().read_der()?;
            Ok(signed)
        })
    })?;
    // Version, serial number, algorithm, issuer.
    let has_version = parts.first().and_then(|it| it.first()) == Some(&VERSION);
    let issuer = parts
        .get(2 + usize::from(has_version))
        .ok_or_else(|| yasna::ASN1Error::new(yasna::ASN1ErrorKind::Eof))?;
    let names = yasna::parse_der(issuer, |names| {
        names.collect_sequence_of(|set| {
            set.collect_set_of(|name| {
                name.read_sequence(|part| {
                    Ok((part.next().read_oid()?, part.next().read_tagged_der()?))
                })
            })
        })
    })?;
    let found = names
        .iter()
        .flatten()
        .find(|(kind, _)| *kind == common_name);
    Ok(found.map_or_else(String::new, |(_, text)| {
        String::from_utf8_lossy(text.value()).into_owned()
    }))
}
