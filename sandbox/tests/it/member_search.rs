//! `organizations.members.search`. See `docs/stytch.md#members`.

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};
use super::shapes::{MEMBER, ORGANIZATION, has_exactly};

async fn search(lab: &Lab, body: Value) -> Reply {
    lab.post("/v1/b2b/organizations/members/search", body).await
}

/// Searches these organizations, and returns the addresses and slugs.
async fn found(lab: &Lab, organizations: &[&str], operands: Value) -> Vec<String> {
    let body = json!({ "organization_ids": organizations, "query": { "operator": "AND", "operands": operands } });
    emails(&search(lab, body).await.ok())
}

fn emails(answer: &Value) -> Vec<String> {
    let members = answer["members"].as_array().expect("members");
    members
        .iter()
        .map(|it| text(&it["email_address"]))
        .collect()
}

fn operand(name: &str, value: &Value) -> Value {
    json!([{ "filter_name": name, "filter_value": value }])
}

#[tokio::test]
async fn every_filter_works() {
    let lab = Lab::start().await;
    lab.world.patch_member(
        "acme",
        "carol@initech.example",
        json!({ "is_breakglass": true, "mfa_phone_number": "+15555550177", "totp_registration_id": "t", "member_password_id": "p", "external_id": "crm-9" }),
    );
    let acme = |name: &'static str, value: Value| {
        let lab = &lab;
        async move { found(lab, &["acme"], operand(name, &value)).await }
    };
    let carol = ["carol@initech.example"];
    let ada = ["ada@acme.example"];
    let ids =
        |organization: &str, email: &str| lab.member(organization, email)["member_id"].clone();
    assert_eq!(
        acme("member_ids", json!([ids("acme", carol[0])])).await,
        carol
    );
    assert_eq!(acme("member_ids", json!(["crm-9"])).await, carol);
    assert_eq!(
        acme("member_ids", json!([ids("hooli", "hal@hooli.example")])).await,
        [""; 0]
    );
    assert_eq!(
        acme("member_emails", json!(["ADA@acme.example", "x@y.example"])).await,
        ada
    );
    assert_eq!(acme("member_email_fuzzy", json!("INITECH")).await, carol);
    assert_eq!(acme("member_is_breakglass", json!(true)).await, carol);
    assert_eq!(acme("member_is_breakglass", json!(false)).await, ada);
    assert_eq!(acme("statuses", json!(["invited", "pending"])).await, carol);
    assert_eq!(
        acme("member_mfa_phone_numbers", json!(["+15555550177"])).await,
        carol
    );
    assert_eq!(
        acme("member_mfa_phone_number_fuzzy", json!("0177")).await,
        carol
    );
    assert_eq!(acme("member_password_exists", json!(true)).await, carol);
    assert_eq!(acme("member_password_exists", json!(false)).await, ada);
    assert_eq!(acme("member_totp_exists", json!(true)).await, carol);
    assert_eq!(acme("member_roles", json!(["stytch_admin"])).await, ada);
    let both = ["acme", "hooli"];
    assert_eq!(
        found(
            &lab,
            &both,
            operand("organization_slugs", &json!(["hooli"]))
        )
        .await,
        ["hal@hooli.example"]
    );
    assert_eq!(
        found(
            &lab,
            &both,
            operand("organization_slug_fuzzy", &json!("OOL"))
        )
        .await,
        ["hal@hooli.example"]
    );
    // The operator `AND` requires all operands to match; `OR` is no longer supported.
    let operands = json!([
        { "filter_name": "member_email_fuzzy", "filter_value": "ada@" },
        { "filter_name": "member_is_breakglass", "filter_value": true },
    ]);
    assert_eq!(found(&lab, &["acme"], operands.clone()).await, [""; 0]);
    let either = json!({ "organization_ids": ["acme"], "query": { "operator": "OR", "operands": operands } });
    search(&lab, either)
        .await
        .is_error(400, "user_search_invalid_operator");
}

#[tokio::test]
async fn results_are_paged_and_include_organizations() {
    let lab = Lab::start().await;
    let all = search(&lab, json!({ "organization_ids": ["acme", "hooli"] }))
        .await
        .ok();
    has_exactly(
        &all,
        "status_code request_id members organizations results_metadata",
    );
    has_exactly(&all["members"][0], MEMBER);
    let acme = text(&lab.organization("acme")["organization_id"]);
    has_exactly(&all["organizations"][&acme], ORGANIZATION);
    assert_eq!(
        all["results_metadata"],
        json!({ "total": 3, "next_cursor": null })
    );
    let first = search(
        &lab,
        json!({ "organization_ids": ["acme", "hooli"], "limit": 2 }),
    )
    .await
    .ok();
    assert_eq!(
        (emails(&first).len(), &first["results_metadata"]["total"]),
        (2, &json!(3))
    );
    assert_eq!(
        first["organizations"].as_object().map(serde_json::Map::len),
        Some(1)
    );
    let cursor = first["results_metadata"]["next_cursor"].clone();
    let second = search(
        &lab,
        json!({ "organization_ids": ["acme", "hooli"], "limit": 2, "cursor": cursor }),
    )
    .await
    .ok();
    assert_eq!(emails(&second), ["hal@hooli.example"]);
    assert_eq!(second["results_metadata"]["next_cursor"], Value::Null);
}

#[tokio::test]
async fn deleted_members_are_found_only_on_request() {
    let lab = Lab::start().await;
    lab.world.patch_member(
        "acme",
        "carol@initech.example",
        json!({ "status": "deleted" }),
    );
    assert_eq!(
        found(&lab, &["acme"], json!([])).await,
        ["ada@acme.example"]
    );
    let name = operand("member_emails", &json!(["carol@initech.example"]));
    assert_eq!(found(&lab, &["acme"], name).await, [""; 0]);
    let deleted = operand("statuses", &json!(["deleted"]));
    assert_eq!(
        found(&lab, &["acme"], deleted).await,
        ["carol@initech.example"]
    );
}

#[rustfmt::skip] // a table: one refusal a line
const MISSING: &[(&str, &str)] = &[
    ("member_ids", "member_search_missing_member_ids"),
    ("member_emails", "member_search_missing_member_emails"),
    ("member_email_fuzzy", "member_search_missing_member_email_fuzzy"),
    ("member_is_breakglass", "member_search_missing_is_breakglass"),
    ("statuses", "member_search_missing_statuses"),
    ("member_mfa_phone_numbers", "member_search_missing_mfa_member_phone_numbers"),
    ("member_mfa_phone_number_fuzzy", "member_search_missing_mfa_member_phone_number_fuzzy"),
    ("member_password_exists", "member_search_missing_password_exists"),
    ("member_roles", "member_search_missing_member_roles"),
    ("member_totp_exists", "member_search_missing_totp_exists"),
    ("organization_slugs", "member_search_missing_organization_slug"),
    ("organization_slug_fuzzy", "member_search_missing_organization_slug_fuzzy"),
];

/// Invalid operands, each with its error.
#[rustfmt::skip] // a table: one refusal a line
fn refused(own_id: &str) -> Vec<(Value, &'static str)> {
    vec![
        (json!([{ "filter_value": ["x"] }]), "member_search_missing_filter_name"),
        (json!([{ "filter_name": 5, "filter_value": ["x"] }]), "member_search_filter_name_must_be_string"),
        (operand("shoe_size", &json!(["x"])), "member_search_filter_name_not_recognized"),
        (operand("member_ids", &json!("x")), "member_search_expected_array_of_strings"),
        (operand("member_roles", &json!([1])), "member_search_expected_array_of_strings"),
        (operand("member_is_breakglass", &json!("true")), "member_search_expected_boolean"),
        (operand("member_email_fuzzy", &json!(["ada"])), "member_search_expected_string"),
        (operand("member_email_fuzzy", &json!("ad")), "member_search_member_email_fuzzy_too_short"),
        (operand("member_mfa_phone_number_fuzzy", &json!("01")), "member_search_member_mfa_phone_number_fuzzy_too_short"),
        (operand("organization_slug_fuzzy", &json!("ac")), "member_search_organization_slug_fuzzy_too_short"),
        (operand("statuses", &json!(["asleep"])), "search_invalid_status_filter"),
        (operand("member_emails", &json!(["nonsense"])), "invalid_email"),
        (operand("member_ids", &json!([own_id, "crm-9"])), "member_search_cannot_mix_internal_and_external_member_ids"),
    ]
}

#[tokio::test]
async fn invalid_operands_are_refused() {
    let lab = Lab::start().await;
    let own = text(&lab.member("acme", "ada@acme.example")["member_id"]);
    let missing = MISSING
        .iter()
        .map(|(name, error)| (operand(name, &Value::Null), *error));
    for (operands, error) in refused(&own).into_iter().chain(missing) {
        let body = json!({ "organization_ids": ["acme"], "query": { "operator": "AND", "operands": operands } });
        search(&lab, body).await.is_error(400, error);
    }
}

#[tokio::test]
async fn invalid_organizations_pages_and_operators_are_refused() {
    let lab = Lab::start().await;
    let xor = json!({ "operator": "XOR", "operands": [] });
    for (body, status, error) in [
        (json!({}), 400, "member_search_organization_ids_empty"),
        (
            json!({ "organization_ids": [] }),
            400,
            "member_search_organization_ids_empty",
        ),
        (
            json!({ "organization_ids": ["acme", "nobody"] }),
            404,
            "organization_not_found",
        ),
        (
            json!({ "organization_ids": ["acme"], "limit": 1001 }),
            400,
            "bad_request",
        ),
        (
            json!({ "organization_ids": ["acme"], "cursor": "x" }),
            400,
            "user_search_invalid_cursor",
        ),
        (
            json!({ "organization_ids": ["acme"], "query": xor }),
            400,
            "user_search_invalid_operator",
        ),
    ] {
        search(&lab, body).await.is_error(status, error);
    }
}
