//! `organizations.search` and `.get`. See `docs/stytch.md#organizations`.

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};

async fn search(lab: &Lab, body: Value) -> Reply {
    lab.post("/v1/b2b/organizations/search", body).await
}

async fn slugs(lab: &Lab, operator: &str, operands: Value) -> Vec<String> {
    let query = json!({ "operator": operator, "operands": operands });
    let answer = search(lab, json!({ "query": query })).await.ok();
    let found = answer["organizations"].as_array().expect("a list");
    assert_eq!(answer["results_metadata"]["total"], found.len());
    found
        .iter()
        .map(|it| text(&it["organization_slug"]))
        .collect()
}

#[tokio::test]
async fn every_filter_works() {
    let lab = Lab::start().await;
    lab.world.patch_organization(
        "oneil",
        json!({ "claimed_email_domains": ["oneil.example"] }),
    );
    let globex = "organization-test-00000002-0000-4000-8000-000000000000";
    for (name, value, expected) in [
        (
            "organization_ids",
            json!([globex, "organization-test-x"]),
            &["globex"][..],
        ),
        (
            "organization_slugs",
            json!(["acme", "hooli", "hool"]),
            &["acme", "hooli"],
        ),
        ("organization_slugs", json!([]), &[]),
        ("organization_slug_fuzzy", json!("ACM"), &["acme"]),
        ("organization_name_fuzzy", json!("delay ind"), &["vandelay"]),
        (
            "member_emails",
            json!(["Ada@acme.example"]),
            &["acme", "initech", "oneil"],
        ),
        (
            "member_email_fuzzy",
            json!("carol@"),
            &["acme", "initech", "vandelay"],
        ),
        ("allowed_domains", json!(["acme.example"]), &["acme"]),
        ("allowed_domain_fuzzy", json!("hool"), &["hooli"]),
        (
            "claimed_email_domains",
            json!(["oneil.example"]),
            &["oneil"],
        ),
        ("has_active_sso_connection", json!(true), &["globex"]),
        (
            "has_active_sso_connection",
            json!(false),
            &["acme", "initech", "hooli", "vandelay", "oneil"],
        ),
        (
            "sso_connection_id",
            json!("oidc-connection-test-00000002-0000-4000-8000-000000000002"),
            &["globex"],
        ),
        ("sso_connection_id", json!("oidc"), &[]),
    ] {
        assert_eq!(
            slugs(
                &lab,
                "AND",
                json!([{ "filter_name": name, "filter_value": value }])
            )
            .await,
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_operator_combines_filters() {
    let lab = Lab::start().await;
    let two = json!([
        { "filter_name": "member_emails", "filter_value": ["ada@acme.example"] },
        { "filter_name": "organization_slugs", "filter_value": ["acme", "hooli"] },
    ]);
    assert_eq!(slugs(&lab, "AND", two.clone()).await, ["acme"]);
    // `OR` is no longer supported.
    for operator in [json!("OR"), json!("or"), json!("and"), Value::Null] {
        let query = json!({ "operator": operator, "operands": two });
        search(&lab, json!({ "query": query }))
            .await
            .is_error(400, "user_search_invalid_operator");
    }
}

#[tokio::test]
async fn without_a_query_all_organizations_are_paged() {
    let lab = Lab::start().await;
    for body in [
        json!({}),
        json!({ "query": null }),
        json!({ "query": { "operator": "AND", "operands": [] } }),
        json!({ "query": {} }),
    ] {
        assert_eq!(
            search(&lab, body).await.ok()["organizations"]
                .as_array()
                .map(Vec::len),
            Some(6)
        );
    }
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    for expected in [4, 2] {
        let answer = search(&lab, json!({ "limit": 4, "cursor": cursor }))
            .await
            .ok();
        let page = answer["organizations"].as_array().expect("a list").clone();
        assert_eq!(
            (page.len(), &answer["results_metadata"]["total"]),
            (expected, &json!(6))
        );
        seen.extend(page.iter().map(|it| text(&it["organization_slug"])));
        cursor = answer["results_metadata"]["next_cursor"].clone();
    }
    assert_eq!((cursor, seen.len()), (Value::Null, 6));
    assert_eq!(
        seen,
        ["acme", "globex", "initech", "hooli", "vandelay", "oneil"]
    );
}

#[tokio::test]
async fn errors_name_the_field() {
    let lab = Lab::start().await;
    let with = |operands: Value| json!({ "query": { "operator": "AND", "operands": operands } });
    for (body, error) in [
        (
            with(json!([{ "filter_name": "colour", "filter_value": ["red"] }])),
            "organization_search_filter_name_not_recognized",
        ),
        (
            with(json!([{ "filter_value": ["x"] }])),
            "organization_search_missing_filter_name",
        ),
        (
            with(json!([{ "filter_name": "organization_slugs", "filter_value": "acme" }])),
            "organization_search_expected_array_of_strings",
        ),
        (
            with(json!([{ "filter_name": "organization_slugs", "filter_value": [1] }])),
            "organization_search_expected_array_of_strings",
        ),
        (
            with(json!([{ "filter_name": "organization_slugs" }])),
            "organization_search_missing_organization_slugs",
        ),
        (
            with(json!([{ "filter_name": "has_active_sso_connection", "filter_value": "true" }])),
            "organization_search_expected_boolean",
        ),
        (
            with(json!([{ "filter_name": "sso_connection_id", "filter_value": 1 }])),
            "organization_search_expected_string",
        ),
        (
            with(json!([{ "filter_name": "organization_name_fuzzy", "filter_value": "ac" }])),
            "organization_search_organization_name_fuzzy_too_short",
        ),
        (
            with(json!([{ "filter_name": "member_email_fuzzy", "filter_value": "a" }])),
            "organization_search_member_email_fuzzy_too_short",
        ),
        (
            with(json!([{ "filter_name": "member_emails", "filter_value": ["nonsense"] }])),
            "invalid_email",
        ),
        (
            json!({ "query": { "operator": "XOR", "operands": [] } }),
            "user_search_invalid_operator",
        ),
        (
            json!({ "query": { "operands": [{ "filter_name": "organization_slugs", "filter_value": [] }] } }),
            "user_search_invalid_operator",
        ),
        (json!({ "cursor": "%%" }), "user_search_invalid_cursor"),
        (json!({ "cursor": "YWJj" }), "user_search_invalid_cursor"),
        (json!({ "limit": 0 }), "bad_request"),
        (json!({ "limit": 1001 }), "bad_request"),
        (json!({ "limit": "10" }), "bad_request"),
        (json!({ "query": [] }), "bad_request"),
    ] {
        search(&lab, body).await.is_error(400, error);
    }
}

#[tokio::test]
async fn get_accepts_id_slug_and_external_id() {
    let lab = Lab::start().await;
    lab.world
        .patch_organization("oneil", json!({ "organization_external_id": "crm|1" }));
    for reference in [
        "organization-test-00000006-0000-4000-8000-000000000000",
        "oneil",
        "crm%7C1",
    ] {
        let answer = lab
            .get(&format!("/v1/b2b/organizations/{reference}"))
            .await
            .ok();
        assert_eq!(answer["organization"], lab.organization("oneil"));
    }
    lab.get("/v1/b2b/organizations/nowhere")
        .await
        .is_error(404, "organization_not_found");
    lab.get("/v1/b2b/organizations/%zz")
        .await
        .is_error(404, "route_not_found");
}
