//! Reads the SSO connections of a seed and the people of their identity providers, in the format of an export.

use std::collections::HashSet;

use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    model::{Account, Connection, SsoConnection, fields::fields, ids, sso::kind_of},
    seed::{
        cast::Cast,
        check::{Checker, Place},
        taken::Taken,
    },
};

/// Reads `sso_connections`, the configurations of connections as the vendor's objects. An active connection of an
/// organization without an entry gets a simulated IdP.
pub fn connections(check: &mut Checker, cast: &mut Cast, taken: &Taken, root: Place<'_>) {
    let mut known = HashSet::new();
    for (path, node) in check.tables(root, "sso_connections") {
        let at = Place { node, path: &path };
        let id = check.need_text(
            at,
            "connection_id",
            "the id of a connection that no other entry has",
            |id| {
                let kind = format!("{}-connection", kind_of(id));
                ids::is_id(&kind, id) && !known.contains(id)
            },
        );
        let expected = "the id of an organization of this seed";
        let organization = check.need_text(at, "organization_id", expected, |id| {
            taken.organization_ids.contains(id)
        });
        let (Some(id), Some(organization)) = (id, organization) else {
            continue;
        };
        known.insert(id.to_owned());
        let mut made = empty(id, organization);
        let model = made.configuration();
        let given = check.vendor_fields(at, &[], &model, &[]);
        for (name, value) in given {
            made.set(&name, value);
        }
        cast.connections.push(made);
    }
}

/// A connection that is not configured yet, of the kind in its id.
fn empty(id: &str, organization_id: &str) -> SsoConnection {
    match kind_of(id) {
        "saml" => SsoConnection::saml(organization_id, OffsetDateTime::UNIX_EPOCH),
        "oidc" => SsoConnection::oidc(organization_id),
        _ => SsoConnection::external(
            organization_id,
            &Connection {
                id: String::new(),
                organization_id: String::new(),
                display_name: String::new(),
                identity_provider: String::new(),
            },
        ),
    }
}

/// Reads `idp_accounts`: people who were added to the IdP of a connection, or whose groups were set there.
pub fn accounts(check: &mut Checker, cast: &mut Cast, root: Place<'_>) {
    for (path, node) in check.tables(root, "idp_accounts") {
        let read = serde_json::from_value::<Account>(Value::Object(fields(node.value())));
        match read {
            Ok(account) => cast.accounts.push(account),
            Err(error) => {
                let expected = format!("a person of an IdP as an export has it ({error})");
                check.wrong(node, &path, expected);
            }
        }
    }
}
