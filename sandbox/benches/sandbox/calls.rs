//! The calls that must cost the same in a small and in a large world.

use serde_json::{Value, json};

use crate::program::{Program, World};

/// A call of the world, with its name.
pub type Call = (&'static str, fn(&mut Program, &World));

pub const CALLS: [Call; 9] = [
    ("full login", |program, world| program.login(world)),
    ("discovery", |program, world| {
        let found = program.discover(world);
        assert!(found["discovered_organizations"].is_array(), "{found}");
    }),
    ("get an organization", |program, world| {
        program.get(world, "/v1/b2b/organizations/o1");
    }),
    ("update an organization", |program, world| {
        let change = json!({ "organization_name": "One" });
        program.put(world, "/v1/b2b/organizations/o1", &change);
    }),
    ("get a member by address", |program, world| {
        let path = "/v1/b2b/organizations/o1/member?email_address=m7@o1.example";
        program.get(world, path);
    }),
    ("search by slug", |program, world| {
        search_organizations(program, world, "organization_slugs", &json!(["o1"]));
    }),
    ("search by address", |program, world| {
        let address = json!(["m7@o1.example"]);
        search_organizations(program, world, "member_emails", &address);
    }),
    ("members of an organization", |program, world| {
        let body = json!({ "organization_ids": ["o1"] });
        let found = program.post(world, "/v1/b2b/organizations/members/search", &body);
        assert_eq!(found["results_metadata"]["total"], 10, "{found}");
    }),
    ("session revoked", |program, world| {
        let path = "/v1/b2b/organizations/o1/member?email_address=m7@o1.example";
        let member = program.get(world, path);
        let body = json!({ "member_id": member["member_id"] });
        program.post(world, "/v1/b2b/sessions/revoke", &body);
    }),
];

/// A scan of all members.
pub fn scan(program: &mut Program, world: &World) {
    search_organizations(program, world, "member_email_fuzzy", &json!("m7@o1.ex"));
}

fn search_organizations(program: &mut Program, world: &World, filter: &str, value: &Value) {
    let operand = json!({ "filter_name": filter, "filter_value": value });
    let body = json!({ "query": { "operator": "AND", "operands": [operand] } });
    let found = program.post(world, "/v1/b2b/organizations/search", &body);
    assert_eq!(found["results_metadata"]["total"], 1, "{found}");
}

/// Acme with Ada, and so many members more, ten in an organization.
pub fn seed(members: usize) -> Value {
    let mut organizations = vec![json!({
        "slug": "acme",
        "name": "Acme Corp",
        "email_jit_provisioning": "RESTRICTED",
        "email_allowed_domains": ["acme.example"],
    })];
    let mut all = vec![json!({ "organization": "acme", "email": "ada@acme.example" })];
    for number in 0..members / 10 {
        organizations.push(json!({
            "slug": format!("o{number}"),
            "name": format!("Organization {number}"),
            "email_jit_provisioning": "RESTRICTED",
            "email_allowed_domains": [format!("o{number}.example")],
        }));
        all.extend((0..10).map(|person| {
            json!({ "organization": format!("o{number}"), "email": format!("m{person}@o{number}.example") })
        }));
    }
    json!({ "organizations": organizations, "members": all })
}
