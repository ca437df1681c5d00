//! QR codes as PNG.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use qrcode::{Color, QrCode};

use super::png::png;

/// Width of a module in pixels.
const SCALE: usize = 6;
/// Width of the white border in modules, as the standard requires.
const QUIET: usize = 4;

/// A QR code of the text as a PNG in a data URI, for `<img src>`. `""` if the text is too long for a QR code.
pub fn png_data_uri(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else {
        return String::new();
    };
    let modules = code.width();
    let side = (modules + 2 * QUIET) * SCALE;
    let dark = |x: usize, y: usize| {
        let module = |at: usize| (at / SCALE).checked_sub(QUIET).filter(|at| *at < modules);
        module(x)
            .zip(module(y))
            .is_some_and(|(x, y)| code[(x, y)] == Color::Dark)
    };
    let row = |y: usize| {
        let byte = |at: usize| {
            let white = (0..8).filter(|bit| !dark(at * 8 + bit, y));
            white.fold(0_u8, |bits, bit| bits | (0x80 >> bit))
        };
        (0..side.div_ceil(8)).map(byte).collect()
    };
    let rows: Vec<Vec<u8>> = (0..side).map(row).collect();
    let picture = png(
        u32::try_from(side).expect("a QR code has 177 modules at most"),
        &rows,
    );
    format!("data:image/png;base64,{}", STANDARD.encode(picture))
}
