//! Reads authenticator apps and passwords of a seed's members, in the format of an export.

use serde_json::Value;

use crate::{
    model::{Password, Totp, totp::RecoveryCode},
    seed::{
        cast::Cast,
        check::{Checker, Place},
        node::Node,
        taken::Taken,
    },
};

/// Reads a member's `totp`: the secret of the authenticator app, and its recovery codes, which are otherwise derived
/// from the registration id.
pub fn totp(check: &mut Checker, at: Place<'_>, registration_id: &str) -> Option<Totp> {
    check.only(at, &["secret", "recovery_codes"]);
    if registration_id.is_empty() {
        let expected = "left out, or given together with totp_registration_id";
        check.wrong(at.node, at.path, expected);
    }
    let expected = "the secret of an authenticator app: 10 to 64 bytes in base32";
    let secret = check.need_text(at, "secret", expected, |secret| {
        Totp::migrated(secret, &[]).is_some()
    });
    let mut totp = Totp::registered(registration_id, secret?)?;
    if at.node.get("recovery_codes").is_some() {
        let codes = check.tables(at, "recovery_codes").into_iter();
        let codes = codes.filter_map(|(path, node)| {
            let at = Place { node, path: &path };
            check.only(at, &["id", "code"]);
            let id = check.need_text(at, "id", "an id", |id| !id.is_empty());
            let code = check.need_text(at, "code", "a code", |code| !code.is_empty());
            Some(RecoveryCode {
                id: id?.to_owned(),
                code: code?.to_owned(),
            })
        });
        totp.recovery_codes = codes.collect();
    }
    Some(totp)
}

/// Reads `member_passwords`: password hashes by member id, or by address if they work in all organizations.
pub fn passwords(check: &mut Checker, cast: &mut Cast, taken: &Taken, root: Place<'_>) {
    for (path, node) in check.tables(root, "member_passwords") {
        let at = Place { node, path: &path };
        check.only(at, &["owner", "password"]);
        let expected =
            "the id of a member of this seed, or an address in lower case, that no other entry has";
        let owner = check.need_text(at, "owner", expected, |owner| {
            let is_address = owner.contains('@') && owner == owner.to_lowercase();
            (is_address || taken.member_ids.contains(owner)) && !cast.passwords.contains_key(owner)
        });
        let password = password(check, at);
        if let (Some(owner), Some(password)) = (owner, password) {
            cast.passwords.insert(owner.to_owned(), password);
        }
    }
}

fn password(check: &mut Checker, at: Place<'_>) -> Option<Password> {
    let field = format!("{}.password", at.path);
    let given = at.node.get("password").map(Node::value);
    let read = serde_json::from_value::<Password>(given.unwrap_or(Value::Null));
    let expected = match read {
        Ok(password) if password.hash.is_affordable() => return Some(password),
        Ok(_) => "a hash that takes no longer than a second or two".to_owned(),
        Err(error) => format!("a password as an export has it ({error})"),
    };
    check.wrong(at.node, &field, expected);
    None
}
