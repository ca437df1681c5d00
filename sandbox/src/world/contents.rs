//! Organizations and members that a test changes.

use serde_json::{Map, Value};

use crate::{
    model::{Member, Organization, State, clock::wire, fields::fields, ids},
    rules::roles,
    world::World,
};

impl World {
    /// Replaces fields of the organization's object, also by what no vendor would allow.
    ///
    /// # Panics
    /// When no organization has the slug, or the patch is no object.
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

    /// Adds an organization: `name` and `slug` (or the vendor's `organization_name` and `organization_slug`) and
    /// any field of the vendor's object. Returns the id.
    ///
    /// # Panics
    /// When name or slug is missing.
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

    /// Replaces fields of a member's object. `roles` may be names; `is_admin` follows them.
    ///
    /// # Panics
    /// When there is no such organization or member, or the patch is no object.
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

    /// Adds a member: `email_address` (or `email`) and any field of the vendor's object. Active and with a proven
    /// address unless it says otherwise. Returns the id.
    ///
    /// # Panics
    /// When there is no such organization, or the address is missing.
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
