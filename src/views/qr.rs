//! A QR code as one SVG path, made on the server: no script, no image from elsewhere, nothing that must not be escaped.

use std::fmt::Write;

use qrcode::{Color, QrCode};
use url::form_urlencoded::byte_serialize;

use super::names::is_disruptive;
use crate::{sign_in::PartialSession, stytch::secret::TotpSecret};

/// A drawing of `size` by `size` units.
pub struct Qr {
    /// For the `viewBox`, the quiet zone included.
    pub size: usize,
    /// For the `d` of a path.
    pub path: String,
}

/// What authenticator apps read: <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>. `None` when the
/// names are too long for a code; the key can be typed then.
pub fn otpauth(whose: &PartialSession, secret: &TotpSecret) -> Option<Qr> {
    // That format wants %20 for a blank, a form's encoding writes +.
    let encode = |text: &str| {
        let text = text.chars().filter(|c| !is_disruptive(*c));
        byte_serialize(text.collect::<String>().as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    let issuer = encode(&whose.organization.organization_name);
    let email = encode(&whose.email);
    draw(&format!(
        "otpauth://totp/{issuer}:{email}?secret={}&issuer={issuer}",
        secret.expose()
    ))
}

/// The standard asks for four empty units around it.
const QUIET: usize = 4;

fn draw(text: &str) -> Option<Qr> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % width + QUIET, at / width + QUIET);
            write!(path, "M{x} {y}h1v1h-1z").ok()?;
        }
    }
    Some(Qr {
        size: width + 2 * QUIET,
        path,
    })
}
