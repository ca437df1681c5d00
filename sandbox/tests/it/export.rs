//! `GET …/export` returns a seed that creates the same world again.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::{Seed, World};

use super::control::{control, good, look, refused, steer};
use super::lab::{Lab, text};
use super::passwords::{ADA, GOOD};
use super::sso::{BOB, OIDC, SAML};

/// The contents of the project, without temporary state.
async fn contents(lab: &Lab) -> Value {
    let mut state = look(lab, "state").await;
    for under_way in ["sessions", "now"] {
        state.as_object_mut().expect("an object").remove(under_way);
    }
    state
}

/// Creates the world again from its export as an inline seed. Both must have the same contents and the same export.
pub async fn again(lab: &Lab) -> World {
    let export = look(lab, "export").await;
    let body = json!({ "seed": export });
    let created = good(&control(lab, Method::POST, "/projects", Some(body)).await);
    let world = lab.sandbox.project(&text(&created["project_id"]));
    let world = world.expect("the new project");
    let lab_again = Lab {
        world: world.clone(),
        sandbox: lab.sandbox.clone(),
        url: lab.url.clone(),
        http: lab.http.clone(),
    };
    let (before, after) = (contents(lab).await, contents(&lab_again).await);
    for (name, value) in before.as_object().expect("an object") {
        assert_eq!(after[name], *value, "{name}");
    }
    assert_eq!(after, before);
    assert_eq!(look(&lab_again, "export").await, export);
    world
}

/// The built-in world, an empty one, and both after changes.
#[tokio::test]
async fn plain_worlds_are_exported() {
    let lab = Lab::start().await;
    again(&lab).await;
    let empty = good(
        &control(
            &lab,
            Method::POST,
            "/projects",
            Some(json!({ "seed": "empty" })),
        )
        .await,
    );
    let world = lab
        .sandbox
        .project(&text(&empty["project_id"]))
        .expect("a project");
    let lab = Lab { world, ..lab };
    again(&lab).await;
    let unknown = format!("/projects/{}/export?x=1", lab.credentials().project_id);
    refused(&control(&lab, Method::GET, &unknown, None).await, 400, "x");
}

/// This includes settings of the project, of organizations, and of members.
#[tokio::test]
async fn settings_are_exported() {
    let lab = Lab::start().await;
    let policy = json!({ "roles": [{ "role_id": "editor", "description": "Edits", "permissions": [{ "resource_id": "document", "actions": ["edit"] }] }],
        "resources": [{ "resource_id": "document", "description": "", "actions": ["edit"] }], "scopes": [] });
    let settings = json!({
        "redirect_urls": { "login": ["http://localhost:4000/a", "myapp://b"], "discovery": ["http://localhost:4000/d?x={}"] },
        "locks": { "attempts": 3, "minutes": 5 },
        "passwords": { "validation_policy": "LUDS", "luds_min_password_length": 20, "breached_passwords": ["hunter2 hunter2 hunter2"] },
        "rbac_policy": policy,
    });
    let created = good(&control(&lab, Method::POST, "/projects", Some(settings)).await);
    let world = lab
        .sandbox
        .project(&text(&created["project_id"]))
        .expect("a project");
    let lab = Lab { world, ..lab };
    let custom = json!({ "custom_roles": [{ "role_id": "auditor", "description": "Reads", "permissions": [] }] });
    lab.world.patch_organization("acme", custom);
    let change = json!({
        "organization_external_id": "customer-live-1",
        "trusted_metadata": { "plan": { "name": "member-live-x", "seats": [1, 2.5, null, true] } },
        "email_invites": "NOT_ALLOWED",
        "mfa_policy": "REQUIRED_FOR_ALL",
        "mfa_methods": "RESTRICTED",
        "allowed_mfa_methods": ["totp"],
        "rbac_email_implicit_role_assignments": [{ "domain": "acme.example", "role_id": "editor" }],
        "allowed_oauth_tenants": { "github": ["1"] },
        "oauth_tenant_jit_provisioning": "RESTRICTED",
    });
    lab.put("/v1/b2b/organizations/acme", change).await.ok();
    let ada = text(&lab.member("acme", ADA)["member_id"]);
    let change = json!({ "roles": ["auditor"], "untrusted_metadata": { "theme": "dark" }, "name": "", "external_id": "ada.1", "is_breakglass": true });
    lab.put(&format!("/v1/b2b/organizations/acme/members/{ada}"), change)
        .await
        .ok();
    let again = again(&lab).await;
    let organization = &again.state()["organizations"][0];
    assert_eq!(organization["organization_external_id"], "customer-live-1");
    assert_eq!(again.redirect_urls().login[1], "myapp://b");
}

/// People who joined, were deleted, reactivated or invited, or changed their address.
#[tokio::test]
async fn people_and_members_are_exported() {
    let lab = Lab::start().await;
    // A person who is added on a consent page creates an organization and lets others join by tenant.
    let consent = lab
        .begin("github", "discovery/start", "custom_scopes=read:org")
        .await;
    let form = "name=Sam+Smith&email=sam%40new.example&tenants=77,78";
    let reply = consent.press("/person", form).await;
    let (_, token) = reply
        .header("location")
        .rsplit_once("token=")
        .expect("a token");
    let body = json!({ "discovery_oauth_token": token });
    lab.post("/v1/b2b/oauth/discovery/authenticate", body)
        .await
        .ok();
    let reply = lab
        .begin("slack", "discovery/start", "")
        .await
        .press("/made-up", "")
        .await;
    assert_eq!(reply.status, 303);
    let ist = lab.ist("google", "frank@startup.example").await;
    let made = json!({ "intermediate_session_token": ist, "organization_name": "Startup", "organization_slug": "startup" });
    let made = lab.create(made).await.ok();
    // Joining by tenant and by domain.
    lab.sign_in("github", "dave@hooli.example", "hooli", json!({}))
        .await
        .ok();
    lab.sign_in("google", "grace@acme.example", "acme", json!({}))
        .await
        .ok();
    let grace = lab.member("acme", "grace@acme.example");
    // A deleted member, and a new one with the same address.
    let path = format!(
        "/v1/b2b/organizations/acme/members/{}",
        text(&grace["member_id"])
    );
    lab.delete(&path).await.ok();
    lab.sign_in("google", "grace@acme.example", "acme", json!({}))
        .await
        .ok();
    let invite = json!({ "organization_id": "acme", "email_address": "iris@acme.example" });
    lab.post("/v1/b2b/magic_links/email/invite", invite)
        .await
        .ok();
    // A new address, verified or not.
    let bob = text(&lab.member("globex", BOB)["member_id"]);
    let path = format!("/v1/b2b/organizations/globex/members/{bob}");
    let change = json!({ "email_address": "robert@globex.example" });
    lab.put(&path, change).await.ok();
    let world = again(&lab).await;
    let other = Lab { world, ..lab };
    let frank = other.member("startup", "frank@startup.example");
    assert_eq!(frank["member_id"], made["member_id"]);
    assert_eq!(frank["is_admin"], true);
    // They sign in as the same members with the same registrations.
    let answer = other
        .sign_in("google", "grace@acme.example", "acme", json!({}))
        .await
        .ok();
    assert_ne!(answer["member_id"], grace["member_id"]);
    assert_eq!(
        answer["member"]["oauth_registrations"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let answer = other
        .sign_in("github", "dave@hooli.example", "hooli", json!({}))
        .await
        .ok();
    assert_eq!(answer["member_authenticated"], true);
    let people = contents(&other).await["people"].clone();
    assert_eq!(
        people.as_array().map(Vec::len),
        Some(11),
        "nine of the cast, and two"
    );
}

#[tokio::test]
async fn second_factors_and_locks_are_exported() {
    let lab = Lab::start().await;
    let hal = "hal@hooli.example";
    lab.world.add_member("initech", json!({ "email": hal }));
    let ist = lab.ist_for_mfa(hal, "initech").await;
    let body = json!({ "intermediate_session_token": ist });
    let answer = lab.second("totp", "initech", hal, body).await.ok();
    let body = json!({ "code": lab.totp("initech", hal), "intermediate_session_token": ist });
    lab.second("totp/authenticate", "initech", hal, body)
        .await
        .ok();
    let code = text(&answer["recovery_codes"][3]);
    let use_code = async |lab: &Lab, code: &str| {
        let ist = lab.ist_for_mfa(hal, "initech").await;
        let body = json!({ "intermediate_session_token": ist, "recovery_code": code });
        lab.second("recovery_codes/recover", "initech", hal, body)
            .await
    };
    use_code(&lab, &code).await.ok();
    // Ten wrong codes lock Carol.
    let ist = lab.ist_for_mfa("carol@initech.example", "initech").await;
    for _ in 0..10 {
        let body = json!({ "intermediate_session_token": ist, "code": "000000" });
        lab.second(
            "totp/authenticate",
            "initech",
            "carol@initech.example",
            body,
        )
        .await;
    }
    assert_eq!(
        lab.member("initech", "carol@initech.example")["is_locked"],
        true
    );
    let now = lab.world.now();
    lab.world.freeze_at(now);
    let lab_code = lab.totp("initech", hal);
    let world = again(&lab).await;
    world.freeze_at(now);
    let other = Lab { world, ..lab };
    let shown = other.world.totp_code(&other.member_id("initech", hal));
    assert_eq!(shown, Some(lab_code));
    use_code(&other, &code)
        .await
        .is_error(401, "unable_to_authenticate_recovery_code");
    let answer = use_code(&other, &text(&answer["recovery_codes"][4]))
        .await
        .ok();
    assert_eq!(answer["recovery_codes_remaining"], 8);
    let phone = other.member("initech", ADA)["mfa_phone_number"].clone();
    assert_eq!(phone, "+15555550100");
    // The lock ends at the same time.
    other.world.advance(std::time::Duration::from_mins(61));
    assert_eq!(
        other.member("initech", "carol@initech.example")["is_locked"],
        false
    );
}

/// Passwords with every kind of hash, of members and of addresses.
#[tokio::test]
async fn passwords_are_exported() {
    for shared in [false, true] {
        let settings = stytch_sandbox::PasswordSettings {
            cross_org_passwords_enabled: shared,
            ..Default::default()
        };
        let lab = Lab::start().await.with_passwords(settings);
        lab.set_password("acme", ADA, GOOD).await;
        let hashes = super::password_migration::kinds();
        let kinds = hashes.len();
        for (number, hash) in hashes.into_iter().enumerate() {
            let email = format!("member{number}@acme.example");
            lab.migrate("acme", &email, hash).await.ok();
        }
        let world = again(&lab).await;
        let export = look(&lab, "export").await.to_string();
        assert!(!export.contains(GOOD), "no password is kept as text");
        let other = Lab { world, ..lab };
        other.use_password("acme", ADA, GOOD, json!({})).await.ok();
        other
            .use_password("acme", ADA, "a password that was never set", json!({}))
            .await
            .is_error(401, "unauthorized_credentials");
        for number in 0..kinds {
            let email = format!("member{number}@acme.example");
            other
                .use_password("acme", &email, GOOD, json!({}))
                .await
                .ok();
        }
    }
}

/// Connections of the seed and the API, active and pending, and people of identity providers with groups and roles.
#[tokio::test]
async fn sso_connections_are_exported() {
    let lab = Lab::start().await;
    let saml = lab.active_saml("acme").await;
    let id = text(&saml["connection_id"]);
    let roles = json!({ "saml_group_implicit_role_assignments": [{ "role_id": "stytch_admin", "group": "admins" }] });
    lab.set_connection(&saml, roles).await.ok();
    lab.new_connection("oidc", "acme").await;
    lab.new_connection("saml", "initech").await;
    let external = json!({ "external_organization_id": "globex", "external_connection_id": OIDC, "display_name": "G" });
    lab.post("/v1/b2b/sso/external/acme", external).await.ok();
    let token = lab.newcomer(&id, "sam%40acme.example").await;
    lab.spend_sso(&token, json!({})).await.ok();
    let groups = json!({ "flow": "sso", "connection_id": id, "email": "sam@acme.example", "groups": ["admins"] });
    let token = text(&good(&steer(&lab, "approve", groups).await)["token"]);
    let sam = lab.spend_sso(&token, json!({})).await.ok()["member"].clone();
    assert_eq!(sam["is_admin"], true, "{sam}");
    lab.spend_sso(&lab.sso_token(SAML, BOB), json!({}))
        .await
        .ok();
    let renamed = json!({ "display_name": "Renamed" });
    let seeds = json!({ "connection_id": SAML, "organization_id": lab.organization("globex")["organization_id"] });
    lab.set_connection(&seeds, renamed).await.ok();
    let connections = async |lab: &Lab| {
        let mut all = Vec::new();
        for organization in ["acme", "globex", "initech"] {
            let mut answer = lab.get(&format!("/v1/b2b/sso/{organization}")).await.ok();
            answer
                .as_object_mut()
                .expect("an object")
                .remove("request_id");
            all.push(answer);
        }
        all
    };
    let before = connections(&lab).await;
    let world = again(&lab).await;
    let other = Lab { world, ..lab };
    assert_eq!(connections(&other).await, before);
    let answer = other
        .spend_sso(&other.sso_token(&id, "sam@acme.example"), json!({}))
        .await
        .ok();
    // Registration, group and role are the same.
    for field in ["member_id", "roles", "sso_registrations", "created_at"] {
        assert_eq!(answer["member"][field], sam[field]);
    }
}

/// Entries that no export contains are refused, and nothing is created.
#[tokio::test]
async fn errors_name_the_field() {
    let lab = Lab::start().await;
    lab.set_password("acme", ADA, GOOD).await;
    let saml = lab.active_saml("acme").await;
    lab.newcomer(&text(&saml["connection_id"]), "sam%40acme.example")
        .await;
    let export = look(&lab, "export").await;
    let before = look_at_projects(&lab).await;
    let number = |email: &str, organization: &str| {
        let members = export["members"].as_array().expect("members");
        let place = members
            .iter()
            .position(|it| it["email"] == email && it["organization"] == organization);
        place.expect("the member")
    };
    let carol = number("carol@initech.example", "initech");
    let ada = number(ADA, "acme");
    let registration = |provider: &str, subject: &str| json!([{ "member_oauth_registration_id": "x", "provider_type": provider, "provider_subject": subject }]);
    #[rustfmt::skip]
    let mistakes = [
        ("/organizations/0/created_at", json!("yesterday"), "seed.organizations[0].created_at".to_owned()),
        ("/organizations/0/claimed_email_domains", json!(["saml-connection-live-1"]), "seed.organizations[0].claimed_email_domains".to_owned()),
        ("/member_passwords/0/owner", json!("member-test-nobody"), "seed.member_passwords[0].owner".to_owned()),
        ("/member_passwords/0/password/hash", json!({ "Rot13": "x" }), "seed.member_passwords[0].password".to_owned()),
        ("/member_passwords/0/password/hash/Pbkdf2/iterations", json!(4_000_000_000_u32), "seed.member_passwords[0].password".to_owned()),
        ("/member_passwords/0/password/salt", json!(1), "seed.member_passwords[0].password".to_owned()),
        ("/sso_connections/0/connection_id", json!("saml-connection-live-1"), "seed.sso_connections[0].connection_id".to_owned()),
        ("/sso_connections/0/organization_id", json!("organization-test-nobody"), "seed.sso_connections[0].organization_id".to_owned()),
        ("/sso_connections/0/idp_sso_url", json!(1), "seed.sso_connections[0].idp_sso_url".to_owned()),
        ("/sso_connections/0/idp_sso_uri", json!("x"), "seed.sso_connections[0].idp_sso_uri".to_owned()),
        ("/idp_accounts/0/groups", json!("admins"), "seed.idp_accounts[0]".to_owned()),
        ("/idp_accounts/0/nick", json!("x"), "seed.idp_accounts[0]".to_owned()),
        (&format!("/members/{ada}/roles/0"), json!({ "role_id": "boss", "sources": [] }), format!("seed.members[{ada}].roles[0].role_id")),
        (&format!("/members/{ada}/roles/0"), json!({ "role_id": "stytch_admin", "source": [] }), format!("seed.members[{ada}].roles[0].source")),
        (&format!("/members/{ada}/roles/0"), json!(1), format!("seed.members[{ada}].roles[0]")),
        (&format!("/members/{ada}/oauth_registrations"), registration("google", "1"), format!("seed.members[{ada}].oauth_registrations[0].provider_type")),
        (&format!("/members/{ada}/oauth_registrations"), registration("Google", ""), format!("seed.members[{ada}].oauth_registrations[0].provider_subject")),
        (&format!("/members/{ada}/email_id"), json!(""), format!("seed.members[{ada}].email_id")),
        (&format!("/members/{ada}/totp"), json!({ "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" }), format!("seed.members[{ada}].totp")),
        (&format!("/members/{carol}/totp"), json!({ "secret": "0189" }), format!("seed.members[{carol}].totp.secret")),
        (&format!("/members/{carol}/totp"), json!({ "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "recovery_codes": [{ "id": "x" }] }), format!("seed.members[{carol}].totp.recovery_codes[0].code")),
        (&format!("/members/{carol}/lock_expires_at"), json!("soon"), format!("seed.members[{carol}].lock_expires_at")),
    ];
    for (pointer, value, field) in mistakes {
        let mut seed = export.clone();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        match seed
            .pointer_mut(parent)
            .unwrap_or_else(|| panic!("{parent}"))
        {
            Value::Object(fields) => drop(fields.insert(name.to_owned(), value)),
            Value::Array(items) => items[name.parse::<usize>().expect("a place")] = value,
            other => panic!("{other}"),
        }
        let reply = control(
            &lab,
            Method::POST,
            "/projects",
            Some(json!({ "seed": seed })),
        )
        .await;
        refused(&reply, 400, &field);
    }
    assert_eq!(look_at_projects(&lab).await, before);
}

async fn look_at_projects(lab: &Lab) -> Value {
    good(&control(lab, Method::GET, "/projects", None).await)
}

/// The export contains everything except temporary state and properties of the project.
#[tokio::test]
async fn an_export_is_a_seed_file() {
    let lab = Lab::start().await;
    let export = look(&lab, "export").await;
    let fields: BTreeSet<&str> = export
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "idp_accounts",
        "locks",
        "member_passwords",
        "members",
        "organizations",
        "passwords",
        "people",
        "rate_limits",
        "redirect_urls",
        "sms_prefixes",
        "sso_connections",
    ];
    assert_eq!(fields, BTreeSet::from(expected));
    for text in [
        export.to_string(),
        serde_json::to_string_pretty(&export).expect("JSON"),
    ] {
        Seed::from_json(&text).expect("a seed file");
    }
    for secret in lab.world.minted_secrets() {
        assert!(!export.to_string().contains(&secret));
    }
}
