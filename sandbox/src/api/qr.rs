//! QR codes as PNG.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};
use qrcode::{Color, QrCode};

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
    let mut rows = Vec::new();
    for y in 0..side {
        for byte in 0..side.div_ceil(8) {
            let white = (0..8).filter(|bit| !dark(byte * 8 + bit, y));
            rows.push(white.fold(0_u8, |bits, bit| bits | 0x80 >> bit));
        }
    }
    let picture = png(side, &rows).expect("rows of the picture's size, written to memory");
    format!("data:image/png;base64,{}", STANDARD.encode(picture))
}

/// A square PNG with one bit per pixel.
fn png(side: usize, rows: &[u8]) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::new();
    let side = u32::try_from(side).unwrap_or_default();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.set_compression(Compression::NoCompression);
    encoder.set_filter(Filter::NoFilter);
    encoder.write_header()?.write_image_data(rows)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    /// The reader verifies the standard's checksums and returns the pixels.
    #[test]
    fn checksums_are_the_standards() {
        let rows = [0b1010_0000, 0b0100_0000, 0b1110_0000];
        let file = super::png(3, &rows).expect("a picture");
        let decoder = png::Decoder::new(std::io::Cursor::new(file));
        let mut reader = decoder.read_info().expect("a PNG");
        let mut pixels = [0; 3];
        let info = reader.next_frame(&mut pixels).expect("good checksums");
        assert_eq!((info.width, info.height, pixels), (3, 3, rows));
    }
}
