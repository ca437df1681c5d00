//! QR codes as PNG. The PNG is written here: black and white without compression is forty lines, and the crates for
//! it would be seven.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use qrcode::{Color, QrCode};

/// How many pixels a module is wide.
const SCALE: usize = 6;
/// How many modules of white are around it, as the standard wants.
const QUIET: usize = 4;

/// The text as a QR code, a PNG in base64. `""` for more text than a QR code holds.
pub fn png_base64(text: &str) -> String {
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
        rows.push(0); // no filter
        for byte in 0..side.div_ceil(8) {
            let white = (0..8).filter(|bit| !dark(byte * 8 + bit, y));
            rows.push(white.fold(0_u8, |bits, bit| bits | 0x80 >> bit));
        }
    }
    STANDARD.encode(png(side, &rows))
}

/// A square picture of one bit a pixel: signature, header, data, end.
fn png(side: usize, rows: &[u8]) -> Vec<u8> {
    let side = u32::try_from(side).unwrap_or_default().to_be_bytes();
    let header = [&side[..], &side[..], &[1, 0, 0, 0, 0]].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [
        (b"IHDR", header),
        (b"IDAT", stored(rows)),
        (b"IEND", Vec::new()),
    ] {
        let length = u32::try_from(data.len()).unwrap_or_default();
        let body = [&kind[..], &data[..]].concat();
        file.extend(length.to_be_bytes());
        file.extend(&body);
        file.extend(crc32(&body).to_be_bytes());
    }
    file
}

/// A zlib stream of blocks that are not compressed (RFC 1950, RFC 1951 §3.2.4).
fn stored(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or_default();
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

fn crc32(data: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    /// The check value of the CRC, and Adler-32 of RFC 1950's usual example.
    #[test]
    fn checksums_are_the_standards() {
        assert_eq!(super::crc32(b"123456789"), 0xcbf4_3926);
        assert!(super::stored(b"Wikipedia").ends_with(&0x11e6_0398_u32.to_be_bytes()));
    }
}
