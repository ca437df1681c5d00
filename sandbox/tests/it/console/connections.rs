//! SSO connections in the console.

use serde_json::{Value, json};

use super::{accepted, page, press, refused};
use crate::lab::Lab;

fn organization(lab: &Lab, slug: &str) -> String {
    let id = lab.organization(slug)["organization_id"].clone();
    format!("organizations/{}", id.as_str().expect("an id"))
}

fn active(lab: &Lab, slug: &str) -> Vec<Value> {
    let organization = lab.organization(slug);
    let active = organization["sso_active_connections"].as_array();
    active.expect("a list").clone()
}

#[tokio::test]
async fn an_oidc_connection_is_added_and_configured() {
    let lab = Lab::start().await;
    let acme = organization(&lab, "acme");
    let form = [("kind", "oidc"), ("display_name", "Acme Okta")];
    let created = accepted(&lab, &format!("{acme}/connections/new"), &form).await;
    let own = created.trim_start_matches('/').replace("?done=created", "");
    assert!(page(&lab, &created).await.contains("pending"));
    assert!(active(&lab, "acme").is_empty());

    let wrong = [("issuer", "http://x"), ("client_id", "kept")];
    refused(&lab, &own, &wrong, "issuer", "https://").await;
    let form = [
        ("identity_provider", "okta"),
        ("issuer", "https://okta.idp.example"),
        ("client_id", "id"),
        ("client_secret", "secret"),
    ];
    accepted(&lab, &own, &form).await;
    assert_eq!(active(&lab, "acme")[0]["display_name"], json!("Acme Okta"));
    let text = page(&lab, &format!("/{own}")).await;
    assert!(text.contains("https://okta.idp.example/jwks"));
    let typed = super::forms::filled_in(&text);
    let typed: Vec<(&str, &str)> = typed.iter().map(|(a, b)| (&**a, &**b)).collect();
    let done = accepted(&lab, &own, &typed).await;
    assert!(done.ends_with("?done=unchanged"), "{typed:?}");

    accepted(&lab, &format!("{own}/delete"), &[]).await;
    assert!(active(&lab, "acme").is_empty());
    assert_eq!(
        lab.open(&format!("{}/{own}", super::path(&lab)))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_saml_connection_reads_metadata() {
    let lab = Lab::start().await;
    let acme = organization(&lab, "acme");
    let form = [("kind", "saml"), ("display_name", "Acme SAML")];
    let created = accepted(&lab, &format!("{acme}/connections/new"), &form).await;
    let own = created.trim_start_matches('/').replace("?done=created", "");
    let elsewhere = [
        ("metadata_url", "https://okta.com/metadata"),
        ("display_name", "Kept"),
    ];
    refused(&lab, &own, &elsewhere, "metadata_url", "could not be read").await;
    // The metadata is valid but the mapping is not, so neither is saved.
    let half = [
        ("metadata_url", "https://okta.idp.example/metadata"),
        ("attribute_mapping", r#"{"full_name": "name"}"#),
    ];
    let reply = press(&lab, &own, &super::form(&half)).await;
    assert_eq!(reply.status, 400);
    assert!(
        !page(&lab, &format!("/{own}"))
            .await
            .contains("value=\"https://okta.idp.example/sso\"")
    );
    let whole = [
        ("metadata_url", "https://okta.idp.example/metadata"),
        (
            "attribute_mapping",
            r#"{"email": "NameID", "full_name": "displayName"}"#,
        ),
    ];
    accepted(&lab, &own, &whole).await;
    assert_eq!(active(&lab, "acme")[0]["display_name"], json!("Acme SAML"));
}

#[tokio::test]
async fn an_external_connection_requires_another_organization() {
    let lab = Lab::start().await;
    let acme = organization(&lab, "acme");
    let new = format!("{acme}/connections/new");
    let globex = lab.organization("globex")["organization_id"].clone();
    let globex = globex.as_str().expect("an id").to_owned();
    let theirs = active(&lab, "globex")[0]["connection_id"].clone();
    let theirs = theirs.as_str().expect("an id").to_owned();
    let nowhere = [("kind", "external"), ("external_organization_id", "kept")];
    refused(
        &lab,
        &new,
        &nowhere,
        "external_organization_id",
        "could not be found",
    )
    .await;
    let unknown = [("kind", "magic")];
    let reply = press(&lab, &new, &super::form(&unknown)).await;
    assert!(reply.status == 400 && reply.text.contains("id=\"kind-error\""));
    let form = [
        ("kind", "external"),
        ("external_organization_id", &*globex),
        ("external_connection_id", &*theirs),
    ];
    let created = accepted(&lab, &new, &form).await;
    assert!(page(&lab, &created).await.contains("active"));
}
