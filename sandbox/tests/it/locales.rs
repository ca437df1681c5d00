//! The languages that calls accept, and the languages of messages.

use serde_json::{Value, json};
use stytch_sandbox::Channel;

use super::lab::{Lab, Reply, text};

const ADA: &str = "ada@acme.example";
const PHONE: &str = "+15555550100";

const SEND_LINK: &str = "/v1/b2b/magic_links/email/login_or_signup";
const SPEND_LINK: &str = "/v1/b2b/magic_links/authenticate";
const SEND_CODE: &str = "/v1/b2b/otps/email/login_or_signup";
const SPEND_CODE: &str = "/v1/b2b/otps/email/authenticate";

/// Subject and language of the newest message to this address or number.
fn newest(lab: &Lab, to: &str) -> (String, &'static str) {
    let message = lab.world.messages_to(Some(to), None).remove(0);
    (message.subject, message.locale)
}

fn of(organization: &str) -> Value {
    json!({ "organization_id": organization, "email_address": ADA })
}

fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

/// The token of a new link to Ada.
async fn link(lab: &Lab, organization: &str) -> String {
    lab.magic_token(organization, ADA, json!({})).await
}

/// The digits of a new email code for Ada.
async fn code(lab: &Lab, organization: &str) -> String {
    lab.post(SEND_CODE, of(organization)).await.ok();
    let email = lab
        .world
        .messages_to(Some(ADA), Some(Channel::Email))
        .remove(0);
    email.code.expect("a code")
}

#[tokio::test]
async fn emails_are_written_in_the_language_of_the_request() {
    let lab = Lab::start().await;
    let mut resets = vec![];
    for (locale, link, code, continues, invited) in [
        (
            "en",
            "Sign in to Acme Corp",
            "Your code for Acme Corp",
            "Continue to your organizations",
            "You are invited to join Acme Corp",
        ),
        (
            "es",
            "Inicia sesión en Acme Corp",
            "Tu código para Acme Corp",
            "Continúa a tus organizaciones",
            "Tienes una invitación a Acme Corp",
        ),
        (
            "pt-br",
            "Entre em Acme Corp",
            "Seu código para Acme Corp",
            "Continue para suas organizações",
            "Você recebeu um convite para Acme Corp",
        ),
        (
            "fr",
            "Connectez-vous à Acme Corp",
            "Votre code pour Acme Corp",
            "Continuez vers vos organisations",
            "Vous avez une invitation à Acme Corp",
        ),
    ] {
        let address = json!({ "email_address": ADA });
        for (path, body, subject) in [
            (SEND_LINK, of("acme"), link),
            (SEND_CODE, of("acme"), code),
            (
                "/v1/b2b/magic_links/email/discovery/send",
                address,
                continues,
            ),
        ] {
            lab.post(path, with(body, "locale", locale)).await.ok();
            assert_eq!(newest(&lab, ADA), (subject.to_owned(), locale), "{path}");
        }
        let reset = with(of("acme"), "locale", locale);
        lab.post("/v1/b2b/passwords/email/reset/start", reset)
            .await
            .ok();
        let (subject, written) = newest(&lab, ADA);
        assert_eq!(written, locale);
        assert!(subject.ends_with("Acme Corp"), "{subject}");
        assert!(!resets.contains(&subject), "{subject}");
        resets.push(subject);
        let guest = format!("{locale}@elsewhere.example");
        let more = json!({ "locale": locale });
        lab.invite("acme", &guest, more).await.ok();
        assert_eq!(newest(&lab, &guest), (invited.to_owned(), locale));
    }
    // The default is English.
    for nothing in [Value::Null, json!("")] {
        let body = with(json!({ "email_address": ADA }), "locale", nothing);
        lab.post("/v1/b2b/otps/email/discovery/send", body)
            .await
            .ok();
        assert_eq!(newest(&lab, ADA), ("Your code".to_owned(), "en"));
    }
}

/// These two calls accept the languages of emails, also for their SMS. An error does not use up the link or code.
#[tokio::test]
async fn an_email_login_accepts_the_four_languages_of_emails() {
    let lab = Lab::start().await;
    for way in [SPEND_LINK, SPEND_CODE] {
        let body = if way == SPEND_LINK {
            json!({ "magic_links_token": link(&lab, "initech").await })
        } else {
            with(of("initech"), "code", code(&lab, "initech").await)
        };
        for locale in [
            "it", "de-DE", "zh-Hans", "ca-ES", "ja", "cs", "EN", "pt", "klingon",
        ] {
            let reply = lab.post(way, with(body.clone(), "locale", locale)).await;
            reply.is_error(400, "invalid_locale");
            let message = text(&reply.json()["error_message"]);
            assert!(message.contains("en, es, pt-br, fr."), "{message}");
        }
        let answer = lab.post(way, with(body, "locale", "es")).await.ok();
        assert_eq!(answer["member_authenticated"], false);
        assert_eq!(
            newest(&lab, PHONE),
            ("Tu código para Initech".to_owned(), "es")
        );
    }
    for locale in ["en", "es", "pt-br", "fr"] {
        let body = json!({ "magic_links_token": link(&lab, "acme").await, "locale": locale });
        lab.post(SPEND_LINK, body).await.ok();
    }
}

/// Other logins send the SMS in the language of the login.
#[tokio::test]
async fn the_sms_of_a_login_is_in_its_language() {
    let lab = Lab::start().await;
    let is = |subject: &str, locale: &'static str| {
        assert_eq!(newest(&lab, PHONE), (subject.to_owned(), locale));
    };
    let login = async |more: Value| lab.sign_in("google", ADA, "initech", more).await.ok();
    login(json!({ "locale": "zh-Hans" })).await;
    is("您的 Initech 验证码", "zh-Hans");
    login(json!({})).await;
    is("Your code for Initech", "en");
    let ist = lab.ist("google", ADA).await;
    let initech = json!({ "intermediate_session_token": ist, "organization_id": "initech" });
    let exchange = "/v1/b2b/discovery/intermediate_sessions/exchange";
    lab.post(exchange, with(initech, "locale", "de-DE"))
        .await
        .ok();
    is("Ihr Code für Initech", "de-DE");
    let (session, _) = lab.adas_session().await;
    let body = json!({ "organization_id": "initech", "session_token": session, "locale": "ca-ES" });
    lab.post("/v1/b2b/sessions/exchange", body).await.ok();
    is("El vostre codi per a Initech", "ca-ES");
}

/// Requested codes support the languages of emails; codes that a login sends support eight languages.
#[tokio::test]
async fn each_call_accepts_its_own_languages_of_text_messages() {
    let lab = Lab::start().await;
    let send = async |locale: &str| -> Reply {
        let more = json!({ "locale": locale });
        lab.second("otps/sms/send", "initech", ADA, more).await
    };
    let mut subjects = vec![];
    for locale in ["en", "es", "pt-br", "fr"] {
        send(locale).await.ok();
        let (subject, written) = newest(&lab, PHONE);
        assert_eq!(written, locale);
        assert!(subject.contains("Initech"), "{subject}");
        assert!(!subjects.contains(&subject), "{subject}");
        subjects.push(subject);
    }
    let login = async |locale: &str| {
        let more = json!({ "locale": locale });
        lab.sign_in("google", ADA, "initech", more).await
    };
    for locale in ["it", "de-DE", "zh-Hans", "ca-ES"] {
        send(locale).await.is_error(400, "invalid_locale");
        login(locale).await.ok();
        assert_eq!(newest(&lab, PHONE).1, locale);
    }
    for locale in ["ja", "ru", "nl", "pl", "tr", "fa", "vi", "cs"] {
        send(locale).await.is_error(400, "invalid_locale");
        login(locale).await.is_error(400, "invalid_locale");
    }
    for locale in ["sv", "de", "PT-BR"] {
        send(locale).await.is_error(400, "invalid_locale");
    }
}

/// Both the page and the API show it.
#[tokio::test]
async fn the_inbox_shows_the_language() {
    let lab = Lab::start().await;
    lab.post(SEND_LINK, with(of("acme"), "locale", "pt-br"))
        .await
        .ok();
    let page = lab.open("/_sandbox/inbox").await.text;
    assert!(page.contains("<h2 lang=\"pt-br\">"), "{page}");
    assert!(page.contains("language <code>pt-br</code>"), "{page}");
    assert_eq!(lab.world.messages().remove(0).object()["locale"], "pt-br");
}
