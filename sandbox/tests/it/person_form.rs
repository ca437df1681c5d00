//! The form that adds a person, and names that contain markup.

use serde_json::{Value, json};

use super::lab::Lab;

#[tokio::test]
async fn names_are_escaped() {
    let lab = Lab::start().await;
    let page = lab
        .begin("google", "start", "slug=oneil")
        .await
        .page()
        .await
        .text;
    assert!(
        !page.contains("<img") && !page.contains("</script>"),
        "{page}"
    );
    let shown = page
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
        .replace("&#34;", "\"")
        .replace("&#39;", "'");
    assert!(
        shown.contains(r#"O'Neil & "Sons" </script><img src=x onerror=alert(1)>"#),
        "{shown}"
    );

    let consent = lab.begin("google", "discovery/start", "").await;
    let form = "name=%3Cimg+src%3Dx%3E%22&email=x%40evil.example&workspace=yes";
    assert_eq!(consent.press("/person", form).await.status, 303);
    let page = lab
        .begin(
            "google",
            "discovery/start",
            "provider_login_hint=%22%3E%3Cimg%3E",
        )
        .await
        .page()
        .await
        .text;
    assert!(
        page.contains("x@evil.example") && !page.contains("<img"),
        "{page}"
    );
}

#[tokio::test]
async fn an_added_person_is_signed_in_and_stays() {
    let lab = Lab::start().await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let reply = consent
        .press(
            "/person",
            "name=Sam+Example&email=Sam%40acme.example&workspace=yes",
        )
        .await;
    let token = reply
        .header("location")
        .rsplit_once("token=")
        .expect("a token")
        .1;
    let answer = lab
        .post(
            "/v1/b2b/oauth/discovery/authenticate",
            json!({ "discovery_oauth_token": token }),
        )
        .await
        .ok();
    assert_eq!(answer["email_address"], "sam@acme.example");
    assert_eq!(answer["full_name"], "Sam Example");
    assert_eq!(
        answer["discovered_organizations"][0]["member_authenticated"], true,
        "hd proves the address"
    );
    assert_eq!(
        lab.begin("google", "discovery/start", "")
            .await
            .choose("sam@acme.example")
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn an_added_person_can_be_unverified_or_have_tenants() {
    let lab = Lab::start().await;
    let add = async |provider: &str, query: &str, form: &str| -> Value {
        let reply = lab
            .begin(provider, "discovery/start", query)
            .await
            .press("/person", form)
            .await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        let token = reply
            .header("location")
            .rsplit_once("token=")
            .expect("a token")
            .1;
        lab.post(
            "/v1/b2b/oauth/discovery/authenticate",
            json!({ "discovery_oauth_token": token }),
        )
        .await
        .ok()
    };
    let answer = add("google", "", "name=P&email=p%40acme.example&workspace=no").await;
    assert_eq!(
        answer["discovered_organizations"][0]["member_authenticated"], false,
        "without hd nothing is proved"
    );
    let answer = add("slack", "", "name=Q&email=q%40x.example&tenants=T-HOOLI").await;
    assert_eq!(answer["provider_tenant_ids"], json!(["T-HOOLI"]));
    let answer = add(
        "github",
        "custom_scopes=read:org",
        "name=R&email=r%40x.example&tenants=1,+9001",
    )
    .await;
    assert_eq!(answer["provider_tenant_ids"], json!(["1", "9001"]));
    assert_eq!(
        answer["provider_tenant_id"], "",
        "only if there is exactly one"
    );
    // An existing person without this account gets it.
    let answer = add("hubspot", "", "name=Ada&email=ada%40acme.example&tenants=").await;
    assert_eq!(answer["full_name"], "Ada Lovelace");
}

#[tokio::test]
async fn an_invalid_form_is_shown_again_with_its_input() {
    let lab = Lab::start().await;
    let consent = lab.begin("slack", "discovery/start", "").await;
    let long = "n".repeat(101);
    for (form, reason) in [
        ("name=&email=x%40y.example".to_owned(), "name-error"),
        (format!("name={long}&email=x%40y.example"), "name-error"),
        ("name=X&email=nonsense".to_owned(), "email-error"),
        ("name=X&email=a%40b%40c.example".to_owned(), "email-error"),
        ("name=X&email=a%40nodot".to_owned(), "email-error"),
        (
            "name=X&email=dave%40hooli.example".to_owned(),
            "exists already",
        ),
        (
            "name=Safe+%E2%80%AE&email=x%40y.example".to_owned(),
            "name-error",
        ),
        (
            "name=X&email=%E2%80%AEx%40y.example".to_owned(),
            "email-error",
        ),
        (
            "name=X&email=x%40y.example&tenants=a,b".to_owned(),
            "tenants-error",
        ),
    ] {
        let reply = consent.press("/person", &form).await;
        assert_eq!(reply.status, 422, "{form}");
        assert!(reply.text.contains(reason), "{form}: {}", reply.text);
        assert_eq!(
            reply.text.matches(" autofocus").count(),
            1,
            "the first invalid field is visible"
        );
    }
    let reply = consent
        .press("/person", "name=Kept+Name&email=kept&tenants=KEPT")
        .await;
    for kept in [
        "value=\"Kept Name\"",
        "value=\"kept\"",
        "value=\"KEPT\"",
        "<details class=\"add\" open",
    ] {
        assert!(
            reply.text.contains(kept),
            "{kept} is missing in {}",
            reply.text
        );
    }
    assert_eq!(
        consent.choose("dave@hooli.example").await.status,
        303,
        "an error does not use up the request"
    );
}
