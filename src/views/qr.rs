//! A QR code as one SVG path, made on the server. It needs no script, no image from elsewhere, and no unescaped HTML.

use std::fmt::Write;

use qrcode::{Color, QrCode};
use url::form_urlencoded::byte_serialize;

use super::names::is_disruptive;
use crate::{sign_in::PartialSession, stytch::secret::TotpSecret};

/// A QR code, ready for a template.
pub struct Qr {
    /// Width and height of the `viewBox`, including the quiet zone.
    pub size: usize,
    /// The `d` attribute of the path.
    pub path: String,
}

/// QR code of the `otpauth:` URL that authenticator apps read:
/// <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>. `None` if the names are too long for a QR
/// code. The visitor can still type the key.
pub fn otpauth(whose: &PartialSession, secret: &TotpSecret) -> Option<Qr> {
    // The URL format requires %20 for a space, but form encoding writes +.
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

/// Width of the empty border that the standard requires, in units.
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
