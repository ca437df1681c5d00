//! Worlds with tens of thousands of members, and thousands of worlds, start quickly and have usable pages.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply};

const ORGANIZATIONS: usize = 1_000;

/// Longer than the work takes on a busy machine, and much shorter than work that grows with the square of the members.
const PATIENCE: Duration = Duration::from_mins(2);

/// A seed with a thousand organizations and this number of people, each a member of one organization. The first
/// `connected` of them belong to the first organization and sign in through its SSO connection.
fn seed(people: usize, connected: usize) -> Value {
    let connection = "saml-connection-test-00000001-0000-4000-8000-000000000001";
    let mut organizations: Vec<Value> = (0..ORGANIZATIONS)
        .map(|number| json!({ "name": format!("Organization {number}"), "slug": format!("o-{number}") }))
        .collect();
    organizations[0]["sso_active_connections"] = json!([
        { "connection_id": connection, "display_name": "Okta of 0", "identity_provider": "okta" },
    ]);
    let email = |number: usize| format!("user{number}@o.example");
    let person = |number: usize| {
        let accounts = json!([{ "provider": "google", "hd": "o.example" }]);
        json!({ "name": format!("User {number}"), "email": email(number), "accounts": accounts })
    };
    let member = |number: usize| {
        if number >= connected {
            let organization = format!("o-{}", number % ORGANIZATIONS);
            return json!({ "email": email(number), "organization": organization });
        }
        let registration = json!({
            "connection_id": connection,
            "external_id": email(number),
            "registration_id": format!("saml-member-registration-test-{number:08}-0000-4000-8000-000000000000"),
            "sso_attributes": {},
        });
        json!({ "email": email(number), "organization": "o-0", "sso_registrations": [registration] })
    };
    json!({
        "organizations": organizations,
        "people": (0..people).map(person).collect::<Vec<_>>(),
        "members": (0..people).map(member).collect::<Vec<_>>(),
    })
}

/// A sandbox with a world of this seed.
async fn lab_with(seed: &Value) -> Lab {
    let lab = Lab::start().await;
    let seed = Seed::from_value(seed).expect("a valid seed");
    let world = lab.sandbox.create_world(seed, RedirectUrls::default());
    Lab { world, ..lab }
}

/// A page, which must be fast and small.
async fn page(lab: &Lab, path: &str) -> String {
    let page = tokio::time::timeout(PATIENCE, lab.open(path)).await;
    let page = page.expect("the page takes much too long");
    assert_eq!(page.status, 200, "{}", page.text);
    let most = 300_000;
    assert!(
        page.text.len() < most,
        "{path} has {} bytes",
        page.text.len()
    );
    page.text
}

/// Target of the link with these words.
fn link(page: &str, words: &str) -> String {
    let before = page.split(&format!(">{words}</a>")).next().expect("a part");
    let href = before.rsplit("href=\"").next().expect("a link");
    let href = href.split('"').next().expect("an address");
    href.replace("&#38;", "&")
}

/// The seed is sent over HTTP, and exceeds the limit for bodies of other calls.
#[tokio::test(flavor = "multi_thread")]
async fn a_world_with_fifty_thousand_members_starts_and_responds_in_time() {
    let lab = Lab::start().await;
    let body = json!({ "seed": seed(50_000, 20_000) }).to_string();
    assert!(body.len() > 8 * 1024 * 1024, "{}", body.len());
    let url = format!("{}/_sandbox/projects", lab.url);
    let create = lab
        .http
        .post(url)
        .header("content-type", "application/json");
    let begun = Instant::now();
    let reply = Reply::send(create.body(body).timeout(2 * PATIENCE)).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    let id = reply.json()["project_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let lab = Lab {
        world: lab.sandbox.project(&id).expect("the new world"),
        ..lab
    };

    let console = page(&lab, &format!("/_sandbox/console/{id}/people")).await;
    assert!(console.contains("Page 1 of 1000"), "people: 50 on a page");
    page(&lab, &format!("/_sandbox/inbox?project_id={id}")).await;
    let consent = lab.begin("google", "discovery/start", "").await;
    assert!(page(&lab, &consent.path).await.contains("Page 1 of 1000"));
    let reply = lab.sso_start("organization_id=o-0").await;
    let idp = lab.page_of(&reply);
    let people = page(&lab, &idp.path).await;
    assert!(people.contains("Page 1 of 400"));
    let found = page(&lab, &format!("{}?q=USER19999", idp.path)).await;
    assert!(found.contains("user19999@o.example") && !found.contains("user19998@"));
    assert_eq!(idp.choose("user49@o.example").await.status, 303);
}

/// A call finds its world as fast among thousands as among two.
#[tokio::test]
async fn a_call_is_as_fast_among_thousands_of_worlds() {
    let lab = Lab::start().await;
    let fastest = |id: &str| {
        let look_up = || {
            let begun = Instant::now();
            for _ in 0..1_000 {
                assert!(lab.sandbox.project(id).is_some());
            }
            begun.elapsed()
        };
        (0..20).map(|_| look_up()).min().expect("a time")
    };
    let create = || {
        let world = lab
            .sandbox
            .create_world(Seed::Default, RedirectUrls::default());
        world.credentials().project_id.clone()
    };
    let among_two = fastest(&create());
    let ids: Vec<String> = (0..2_000).map(|_| create()).collect();
    let among_thousands = fastest(&ids[1_000]);
    assert!(
        among_thousands < 10 * among_two,
        "{among_thousands:?}, {among_two:?} among two"
    );
    page(&lab, "/_sandbox/").await;
    let listed = page(&lab, &format!("/_sandbox/?q={}", ids[1_000])).await;
    assert!(listed.contains(&ids[1_000]) && !listed.contains(&ids[1_001]));
}

/// The page with thousands of people has a search and pages, without scripts.
#[tokio::test]
async fn the_consent_page_has_search_and_pages() {
    let lab = lab_with(&seed(160, 0)).await;
    let consent = lab.begin("google", "discovery/start", "").await;
    let first = page(&lab, &consent.path).await;
    assert!(first.contains("user49@o.example") && !first.contains("user50@"));
    assert!(first.contains("Page 1 of 4") && !first.contains(">Previous<"));
    let second = page(&lab, &link(&first, "Next")).await;
    assert!(second.contains("user50@o.example") && second.contains("Page 2 of 4"));
    let last = link(&second, "Next").replace("people=3", "people=4");
    let last = page(&lab, &last).await;
    assert!(last.contains("user159@o.example") && !last.contains(">Next<"));
    let back = page(&lab, &link(&second, "Previous")).await;
    assert!(back.contains("user0@o.example"));
    // A number that is too large shows the last page, and a word shows page 1.
    let path = &consent.path;
    assert!(
        page(&lab, &format!("{path}?people=99"))
            .await
            .contains("Page 4 of 4")
    );
    assert!(
        page(&lab, &format!("{path}?people=x"))
            .await
            .contains("Page 1 of 4")
    );

    for search in ["q=USER159", "q=user+159", "q=%20o.example+159%20"] {
        let found = page(&lab, &format!("{path}?{search}")).await;
        assert_eq!(found.matches("name=\"person\"").count(), 1, "{search}");
        assert!(found.contains("user159@o.example"));
    }
    let found = page(&lab, &format!("{path}?q=user1")).await;
    assert!(found.contains("Page 1 of 2"), "1, 10 to 19, 100 to 159");
    let second = page(&lab, &link(&found, "Next")).await;
    assert!(
        second.contains("Page 2 of 2") && !second.contains("user29@"),
        "the search stays"
    );
    let none = page(&lab, &format!("{path}?q=%22%3Cb%3E")).await;
    assert!(none.contains("No person here has that name") && !none.contains("\"<b>"));

    let button = page(&lab, &format!("{path}?q=user159")).await;
    let id = button.split("name=\"person\" value=\"").nth(1);
    let id = id
        .and_then(|rest| rest.split('"').next())
        .expect("a button");
    let reply = consent.press("", &format!("person={id}")).await;
    assert_eq!(reply.status, 303);
}

/// The person whom the app suggests is on the first page. With few people, there is no search.
#[tokio::test]
async fn the_suggested_person_is_on_the_first_page() {
    let lab = lab_with(&seed(250, 0)).await;
    let hint = "provider_login_hint=user249%40o.example";
    let consent = lab.begin("google", "discovery/start", hint).await;
    let first = page(&lab, &consent.path).await;
    let at = |email: &str| first.find(email).unwrap_or(usize::MAX);
    assert!(at("user249@o.example</") < at("user0@o.example</"));
    let searched = page(&lab, &format!("{}?q=user1", consent.path)).await;
    assert!(!searched.contains("who has no Google account here"));
    let few = Lab::start().await;
    let consent = few.begin("google", "discovery/start", "").await;
    assert!(!page(&few, &consent.path).await.contains("type=\"search\""));
}

#[tokio::test]
async fn the_console_has_search_and_pages() {
    let lab = lab_with(&seed(3_000, 0)).await;
    let own = format!("/_sandbox/console/{}", lab.credentials().project_id);
    let organizations = format!("{own}/organizations");
    let first = page(&lab, &organizations).await;
    assert!(first.contains("Organization 49<") && !first.contains("Organization 50<"));
    let last = page(
        &lab,
        &format!("{organizations}?organizations=20&q=Organization"),
    )
    .await;
    assert!(last.contains("Organization 999<"));
    let previous = link(&last, "Previous");
    assert!(
        previous.contains("organizations=19#organizations") && previous.contains("q=Organization"),
        "{previous}"
    );
    let found = page(&lab, &format!("{organizations}?q=o-777")).await;
    assert!(found.contains("Organization 777<") && !found.contains("Organization 778<"));
    assert!(
        page(&lab, &format!("{organizations}?q=x-1"))
            .await
            .contains("None found.")
    );

    let people = page(&lab, &format!("{own}/people?people=2")).await;
    assert!(people.contains("user50@o.example"));
    let found = page(&lab, &format!("{own}/people?q=user2999")).await;
    assert!(found.contains("user2999@o.example") && !found.contains("user2998@"));

    for number in 0..150 {
        let email = format!("new{number}@o.example");
        lab.world.add_member("o-5", json!({ "email": email }));
    }
    let found = page(&lab, &format!("{organizations}?q=o-5")).await;
    let (before, _) = found.split_once("Organization 5<").expect("the row");
    let (_, href) = before.rsplit_once("href=\"").expect("its link");
    let (href, _) = href.split_once('"').expect("its end");
    let members = page(&lab, href).await;
    assert!(members.contains("Page 1 of 4"), "153 members");
    let last = link(&members, "Next").replace("members=2", "members=4");
    assert!(page(&lab, &last).await.contains("new149@o.example"));
    let found = page(&lab, &format!("{href}?q=new77")).await;
    assert!(found.contains("new77@o.example") && !found.contains("new78@"));
}

#[tokio::test]
async fn the_inbox_and_the_list_of_connections_have_search_and_pages() {
    let lab = lab_with(&seed(1, 0)).await;
    for number in 0..70 {
        let send = "/v1/b2b/magic_links/email/discovery/send";
        let body = json!({ "email_address": format!("user{number}@o.example") });
        lab.post(send, body).await.ok();
        let slug = format!("c-{number}");
        let connection = json!({
            "connection_id": format!("oidc-connection-test-{number:08}-0000-4000-8000-000000000009"),
            "display_name": format!("Entra {number}"),
            "identity_provider": "microsoft-entra",
        });
        lab.world.add_organization(json!({
            "name": format!("Connected {number}"), "slug": slug, "sso_active_connections": [connection],
        }));
    }
    let project_id = lab.credentials().project_id;
    let inbox = page(&lab, &format!("/_sandbox/inbox?project_id={project_id}")).await;
    assert!(inbox.contains("user69@o.example") && !inbox.contains("user19@o.example"));
    let second = page(&lab, &link(&inbox, "Next")).await;
    assert!(second.contains("user19@o.example") && second.contains("Page 2 of 2"));
    let form = format!("name=\"project_id\" value=\"{project_id}\"");
    assert!(inbox.contains(&form), "a search stays in the project");
    let found = page(
        &lab,
        &format!("/_sandbox/inbox?project_id={project_id}&q=user7%40"),
    )
    .await;
    assert_eq!(found.matches("Open the link").count(), 1);

    let idp = page(&lab, &format!("/_sandbox/idp?project_id={project_id}")).await;
    assert!(idp.contains("Page 1 of 2") && !idp.contains("Entra 69"));
    let found = page(
        &lab,
        &format!("/_sandbox/idp?project_id={project_id}&q=connected+69"),
    )
    .await;
    assert!(found.contains("Entra 69") && !found.contains("Entra 68"));
}

/// Only the call that creates a project accepts large bodies.
#[tokio::test]
async fn only_the_seed_of_a_new_project_can_be_large() {
    let lab = Lab::start().await;
    let long = json!({ "seed": "empty", "padding": "x".repeat(2 * 1024 * 1024) }).to_string();
    for (path, expected) in [
        (
            "/_sandbox/projects".to_owned(),
            "padding must be one of the known fields",
        ),
        (
            "/_sandbox/projects/".to_owned(),
            "padding must be one of the known fields",
        ),
        (
            format!("/_sandbox/projects/{}/reset", lab.credentials().project_id),
            "at most 1 MiB",
        ),
    ] {
        let call = lab
            .call(Method::POST, &path)
            .header("content-type", "application/json");
        let reply = Reply::send(call.body(long.clone())).await;
        assert_eq!(reply.status, 400);
        assert!(reply.text.contains(expected), "{path}: {}", reply.text);
    }
    let too_long = vec![b' '; 32 * 1024 * 1024 + 1];
    let call = lab.call(Method::POST, "/_sandbox/projects").body(too_long);
    let reply = Reply::send(call).await;
    assert!(reply.text.contains("at most 32 MiB"), "{}", reply.text);
}
