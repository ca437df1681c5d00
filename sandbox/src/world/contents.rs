//! Changes of organizations and members, for tests in this process.

use serde_json::{Map, Value};

use crate::{
    model::{Member, Organization, State, clock::wire, fields::fields, ids},
    rules::roles,
    world::World,
};

impl World {
    /// Replaces fields of the organization's object without checks, so that tests can use values that the vendor would
    /// refuse.
    ///
    /// # Panics
    /// If no organization has the slug, or the patch is not an object.
    pub fn patch_organization(&self, slug: &str, patch: Value) {
        let mut state = self.lock();
        let organization = state
            .organizations
            .iter_mut()
            .find(|organization| organization.slug() == slug);
        organization
            .unwrap_or_else(|| panic!("the sandbox has no organization `{slug}`"))
            .merge(fields(patch));
    }

    /// Adds an organization with `name` and `slug` (or the vendor's `organization_name` and `organization_slug`) and
    /// any fields of the vendor's object. Returns the id.
    ///
    /// # Panics
    /// If the name or the slug is missing.
    pub fn add_organization(&self, organization: Value) -> String {
        let mut given = fields(organization);
        let name = take_text(&mut given, &["organization_name", "name"]);
        let slug = take_text(&mut given, &["organization_slug", "slug"]);
        let mut state = self.lock();
        let id = ids::mint("organization");
        let mut made = Organization::new(&id, &name, &slug, state.now());
        made.merge(given);
        let id = made.id().to_owned();
        state.organizations.push(made);
        id
    }

    /// Replaces fields of a member's object. `roles` can be names; `is_admin` is updated with them.
    ///
    /// # Panics
    /// If there is no such organization or member, or the patch is not an object.
    pub fn patch_member(&self, slug: &str, email: &str, patch: Value) {
        let mut state = self.lock();
        let organization_id = organization_id(&state, slug);
        let now = wire(state.now());
        let member = state
            .members
            .iter_mut()
            .find(|m| {
                m.organization_id() == organization_id && m.email().eq_ignore_ascii_case(email)
            })
            .unwrap_or_else(|| panic!("the sandbox has no member {email} in `{slug}`"));
        member.merge(fields(patch));
        member.set("updated_at", now);
    }

    /// Adds a member with `email_address` (or `email`) and any fields of the vendor's object. By default, the member is
    /// active with a verified address. Returns the id.
    ///
    /// # Panics
    /// If there is no such organization, or the address is missing.
    pub fn add_member(&self, slug: &str, member: Value) -> String {
        let mut given = fields(member);
        let email = take_text(&mut given, &["email_address", "email"]);
        let mut state = self.lock();
        let organization_id = organization_id(&state, slug);
        let mut made = Member::minted(&organization_id, &email, "", state.now());
        made.set("status", "active");
        made.set("email_address_verified", true);
        made.merge(given);
        roles::add_member(&mut state, made)
    }
}

fn organization_id(state: &State, slug: &str) -> String {
    let organization = state
        .organizations
        .iter()
        .find(|organization| organization.slug() == slug);
    organization
        .unwrap_or_else(|| panic!("the sandbox has no organization `{slug}`"))
        .id()
        .to_owned()
}

fn take_text(fields: &mut Map<String, Value>, names: &[&str]) -> String {
    names
        .iter()
        .find_map(|name| fields.remove(*name))
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_else(|| panic!("`{}` is missing", names[0]))
}
