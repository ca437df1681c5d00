//! Seeds: the contents of a file, and mistakes with line numbers.

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::{RedirectUrls, Seed, SeedMistakes};

use super::control::{control, good, look, refused};
use super::lab::{Lab, Reply, listed, pairs, text};

const SMALL: &str = r#"
[redirect_urls]
discovery = ["http://localhost:5000/back"]

[[rbac_policy.roles]]
role_id = "editor"
permissions = [{ resource_id = "stytch.self", actions = ["*"] }]

[[organizations]]
slug = "umbrella"
name = "Umbrella"
id = "organization-test-11111111-0000-4000-8000-000000000001"
auth_methods = "RESTRICTED"
allowed_auth_methods = ["google_oauth"]
trusted_metadata = { tier = 3, beta = true, since = 2024-01-31 }

[[people]]
id = "alice"
name = "Alice"
email = "Alice@umbrella.example"
accounts = [{ provider = "google", hd = "umbrella.example", subject = "10769" }]

[[members]]
email = "alice@umbrella.example"
organization = "umbrella"
id = "member-test-11111111-0001-4000-8000-000000000001"
roles = ["stytch_admin", "editor"]

[[members]]
email = "guest@elsewhere.example"
organization = "umbrella"
status = "invited"
"#;

const SMALL_AS_JSON: &str = r#"{
  "redirect_urls": { "discovery": ["http://localhost:5000/back"] },
  "rbac_policy": { "roles": [{ "role_id": "editor", "permissions": [{ "resource_id": "stytch.self", "actions": ["*"] }] }] },
  "organizations": [
    { "slug": "umbrella", "name": "Umbrella", "id": "organization-test-11111111-0000-4000-8000-000000000001",
      "organization_logo_url": null, "auth_methods": "RESTRICTED", "allowed_auth_methods": ["google_oauth"],
      "trusted_metadata": { "tier": 3, "beta": true, "since": "2024-01-31" } }
  ],
  "people": [
    { "id": "alice", "name": "Alice", "email": "Alice@umbrella.example",
      "accounts": [{ "provider": "google", "hd": "umbrella.example", "subject": "10769" }] }
  ],
  "members": [
    { "email": "alice@umbrella.example", "organization": "umbrella",
      "id": "member-test-11111111-0001-4000-8000-000000000001", "roles": ["stytch_admin", "editor"] },
    { "email": "guest@elsewhere.example", "organization": "umbrella", "status": "invited" }
  ]
}"#;

fn state_of(lab: &Lab, seed: Seed) -> Value {
    lab.sandbox
        .create_world(seed, RedirectUrls::default())
        .state()
}

/// This includes ids, dates and registrations.
#[tokio::test]
async fn the_printed_seed_is_the_built_in_one() {
    let lab = Lab::start().await;
    let printed = Seed::from_toml(Seed::PRINTED).expect("a valid seed");
    let state = state_of(&lab, printed);
    assert_eq!(state, lab.world.state());
    assert_eq!(state["members"].as_array().map(Vec::len), Some(8));
    let ada = &state["members"][2];
    assert_eq!(
        ada["member_id"],
        "member-test-00000001-0003-4000-8000-000000000000"
    );
    assert_eq!(
        ada["oauth_registrations"][1]["member_oauth_registration_id"],
        "oauth-user-test-00000001-0003-4000-8000-000000000002"
    );
}

#[tokio::test]
async fn toml_and_json_with_the_same_content_create_the_same_world() {
    let lab = Lab::start().await;
    let toml = state_of(&lab, Seed::from_toml(SMALL).expect("good"));
    let json = state_of(&lab, Seed::from_json(SMALL_AS_JSON).expect("good"));
    assert_eq!(toml, json);
    let organization = &toml["organizations"][0];
    assert_eq!(
        organization["organization_id"],
        "organization-test-11111111-0000-4000-8000-000000000001"
    );
    assert_eq!(
        organization["trusted_metadata"],
        json!({ "tier": 3, "beta": true, "since": "2024-01-31" })
    );
    assert_eq!(
        organization["mfa_policy"], "OPTIONAL",
        "omitted settings have the vendor's defaults"
    );
    let alice = &toml["members"][0];
    assert_eq!(alice["name"], "Alice", "found by the address");
    assert_eq!(
        (&alice["status"], &alice["is_admin"]),
        (&json!("active"), &json!(true))
    );
    assert_eq!(alice["oauth_registrations"][0]["provider_subject"], "10769");
    let guest = &toml["members"][1];
    assert_eq!(
        (&guest["status"], &guest["email_address_verified"]),
        (&json!("invited"), &json!(false))
    );
}

/// An account whose address the provider has not verified proves nothing.
#[tokio::test]
async fn an_account_can_have_an_unverified_address() {
    let seed = |verified: &str| {
        let text = format!(
            "[[organizations]]\nslug = \"umbrella\"\nname = \"Umbrella\"\n[[people]]\nname = \"Al\"\n\
             email = \"al@umbrella.example\"\naccounts = [{{ provider = \"microsoft\"{verified} }}]\n\
             [[members]]\nemail = \"al@umbrella.example\"\norganization = \"umbrella\"\n"
        );
        Seed::from_toml(&text).expect("a seed")
    };
    let lab = Lab::start().await;
    for (verified, is_member) in [("", true), (", email_verified = false", false)] {
        let world = lab
            .sandbox
            .create_world(seed(verified), RedirectUrls::default());
        let own = Lab {
            world,
            sandbox: lab.sandbox.clone(),
            url: lab.url.clone(),
            http: lab.http.clone(),
        };
        let email = "al@umbrella.example";
        let login = own.sign_in("microsoft", email, "umbrella", json!({})).await;
        assert_eq!(login.ok()["member_authenticated"], is_member);
    }
}

/// Creates a world over HTTP, and signs in a person who is only in that seed.
#[tokio::test]
async fn a_seed_can_be_sent_over_http() {
    let lab = Lab::start().await;
    let seed: Value = serde_json::from_str(SMALL_AS_JSON).expect("JSON");
    let body = Some(json!({ "seed": seed }));
    let made = good(&control(&lab, Method::POST, "/projects", body).await);
    let world = lab
        .sandbox
        .project(&text(&made["project_id"]))
        .expect("it is there");
    let lab = Lab { world, ..lab };
    let state = look(&lab, "state").await;
    assert_eq!(state["people"][0]["id"], "alice");
    assert_eq!(
        state["redirect_urls"],
        json!({ "login": [], "signup": [], "invite": [], "reset_password": [], "discovery": ["http://localhost:5000/back"] })
    );
    let answer = lab.discover("google", "alice@umbrella.example").await;
    assert_eq!(listed(&answer), pairs(&[("umbrella", "active_member")]));
    let ist = text(&answer["intermediate_session_token"]);
    assert_eq!(
        lab.exchange(&ist, "umbrella").await.ok()["member_authenticated"],
        true
    );
    let projects = good(&control(&lab, Method::GET, "/projects", None).await);
    assert_eq!(projects["projects"][1]["seed"], "custom");
}

fn told(mistakes: &SeedMistakes) -> Vec<(Option<usize>, &str)> {
    mistakes
        .all()
        .iter()
        .map(|mistake| (mistake.line, mistake.field.as_str()))
        .collect()
}

/// All mistakes are reported together, sorted by line.
#[test]
fn every_mistake_has_its_line() {
    let toml = r#"
[[organization]]
slug = "x"

[[organizations]]
slug = "acme"
name = ""
auth_methods = "SOME"
allowed_auth_methods = ["google_oauth", "carrier_pigeon"]
email_allowed_domains = "acme.example"
sso_default_connection_id = "saml-connection-live-1"
colour = "red"

[[organizations]]
slug = "acme"
name = "Again"
id = "organization-live-11111111-0000-4000-8000-000000000001"

[[people]]
name = "Ann"
email = "ann"
accounts = [
  { provider = "apple" },
  { provider = "github", hd = "acme.example" },
  { provider = "slack", tenants = ["T1", "T2"], email_verified = "no" },
  { provider = "slack" },
]

[[members]]
email = "ann@acme.example"
organization = "globex"
status = "asleep"
is_breakglass = "yes"
mfa_phone_number = "12345"
roles = [3]

[redirect_urls]
login = ["localhost:3000"]
logout = []
"#;
    let mistakes = Seed::from_toml(toml).expect_err("full of mistakes");
    assert_eq!(
        told(&mistakes),
        [
            (Some(2), "organization"),
            (Some(7), "organizations[0].name"),
            (Some(8), "organizations[0].auth_methods"),
            (Some(9), "organizations[0].allowed_auth_methods[1]"),
            (Some(10), "organizations[0].email_allowed_domains"),
            (Some(10), "organizations[0].email_allowed_domains"),
            (Some(11), "organizations[0].sso_default_connection_id"),
            (Some(12), "organizations[0].colour"),
            (Some(15), "organizations[1].slug"),
            (Some(17), "organizations[1].id"),
            (Some(21), "people[0].email"),
            (Some(23), "people[0].accounts[0].provider"),
            (Some(24), "people[0].accounts[1].hd"),
            (Some(25), "people[0].accounts[2].tenants"),
            (Some(25), "people[0].accounts[2].email_verified"),
            (Some(26), "people[0].accounts[3]"),
            (Some(31), "members[0].organization"),
            (Some(32), "members[0].status"),
            (Some(33), "members[0].is_breakglass"),
            (Some(34), "members[0].mfa_phone_number"),
            (Some(35), "members[0].roles[0]"),
            (Some(38), "redirect_urls.login[0]"),
            (Some(39), "redirect_urls.logout"),
        ],
        "{mistakes}"
    );
    assert!(
        mistakes.to_string().contains(
            "line 8: organizations[0].auth_methods must be one of ALL_ALLOWED, RESTRICTED"
        ),
        "{mistakes}"
    );
}

#[test]
fn mistakes_in_json_have_line_numbers() {
    let json = "{\n \"people\": [\n  {\"name\": \"A \\\" ] }\",\n   \"email\": \"a@b.example\"},\n  {\"name\":\n 7, \"email\": \"a@b.example\"}\n ],\n\"members\": [3]\n}";
    let mistakes = Seed::from_json(json).expect_err("three mistakes");
    assert_eq!(
        told(&mistakes),
        [
            (Some(6), "people[1].name"),
            (Some(6), "people[1].email"),
            (Some(8), "members[0]")
        ]
    );
    let broken = Seed::from_json("{\n \"people\": [\n}").expect_err("no JSON");
    assert_eq!(told(&broken), [(Some(3), "the file")]);
    let broken = Seed::from_toml("a = 1\nb = = 2\n").expect_err("no TOML");
    assert_eq!(told(&broken), [(Some(2), "the file")]);
    assert_eq!(told(&Seed::from_json("[]").expect_err("no table")).len(), 1);
}

/// One of the two values would be ignored. This includes `null` and keys with escaped letters.
#[test]
fn duplicate_json_keys_are_refused() {
    let json = "{\n \"people\": [\n  {\"name\": \"A\", \"email\": \"a@b.example\",\n   \"n\\u0061me\":\n    null}],\n\"organizations\": [],\n\"organizations\": [{\"slug\": \"b\", \"slug\": \"c\"}]\n}";
    let mistakes = Seed::from_json(json).expect_err("three mistakes");
    assert_eq!(
        told(&mistakes),
        [
            (Some(5), "people[0].name"),
            (Some(7), "organizations[0].slug"),
            (Some(7), "organizations"),
        ]
    );
    let said = mistakes.to_string();
    assert!(said.starts_with("line 5: people[0].name must be given only once"));
    // The same key in two objects is not a duplicate.
    let twins = r#"{"people": [{"name": "A", "email": "a@b.example"}, {"name": "A", "email": "b@b.example"}]}"#;
    Seed::from_json(twins).expect("good");
}

/// This applies to seeds and to all other calls.
#[tokio::test]
async fn duplicate_keys_over_http_are_refused() {
    let lab = Lab::start().await;
    for (body, field) in [
        (r#"{"seed": {"people": [], "people": []}}"#, "seed.people"),
        (r#"{"seed": "empty", "seed": "default"}"#, "seed"),
    ] {
        let request = lab.http.post(format!("{}/_sandbox/projects", lab.url));
        let request = request.header("content-type", "application/json");
        refused(&Reply::send(request.body(body)).await, 400, field);
    }
}

/// A person can't have two memberships in one organization, and ids are unique.
#[test]
fn duplicate_people_and_members_are_refused() {
    let twice = format!(
        "{SMALL}\n[[members]]\nemail = \"ALICE@umbrella.example\"\norganization = \"umbrella\"\n"
    );
    let mistakes = Seed::from_toml(&twice).expect_err("twice");
    assert_eq!(told(&mistakes), [(Some(34), "members[2]")]);
    let same_id = "id = \"member-test-11111111-0001-4000-8000-000000000001\"";
    let both = SMALL.replace("status = \"invited\"", same_id);
    let mistakes = Seed::from_toml(&both).expect_err("the same id");
    assert_eq!(told(&mistakes).len(), 1);
    assert_eq!(told(&mistakes)[0].1, "members[1].id");
}

#[tokio::test]
async fn a_mistake_over_http_names_the_field() {
    let lab = Lab::start().await;
    for (seed, field) in [
        (
            json!({ "organizations": [{ "slug": "a b", "name": "A" }] }),
            "seed.organizations[0].slug",
        ),
        (json!({ "organizations": {} }), "seed.organizations"),
        (json!({ "cast": [] }), "seed.cast"),
    ] {
        let reply = control(
            &lab,
            Method::POST,
            "/projects",
            Some(json!({ "seed": seed })),
        )
        .await;
        refused(&reply, 400, field);
    }
}
