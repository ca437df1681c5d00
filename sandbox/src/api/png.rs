//! Writes a PNG without compression (W3C, PNG Specification, Third Edition; RFC 1950 and 1951 for the data in it). The
//! `png` crate and its dependencies take 2 % of the first build, so only the tests use it.

/// Largest block of uncompressed data, in bytes (RFC 1951 §3.2.4).
const LARGEST_BLOCK: usize = 0xFFFF;

/// A picture of black and white pixels. Each row has a bit for each pixel, 1 for white, in whole bytes.
pub fn png(width: u32, rows: &[Vec<u8>]) -> Vec<u8> {
    let bytes = width.div_ceil(8) as usize;
    debug_assert!(!rows.is_empty() && rows.iter().all(|row| row.len() == bytes));
    let height = length(rows.len());
    let size = [width, height].map(u32::to_be_bytes).concat();
    // Bit depth 1, grayscale, compression method 0, filter method 0, no interlacing.
    let header = [&size[..], &[1, 0, 0, 0, 0]].concat();
    // Before each row is the number of its filter: 0 for none.
    let data: Vec<u8> = rows
        .iter()
        .flat_map(|row| [&[0], &row[..]].concat())
        .collect();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [
        (b"IHDR", header),
        (b"IDAT", zlib(&data)),
        (b"IEND", Vec::new()),
    ] {
        file.extend(length(data.len()).to_be_bytes());
        let kind_and_data = [&kind[..], &data].concat();
        file.extend(&kind_and_data);
        file.extend(crc32(&kind_and_data).to_be_bytes());
    }
    file
}

fn length(number: usize) -> u32 {
    u32::try_from(number).expect("a picture has less than 4 GB")
}

/// The data as a zlib stream of blocks without compression.
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(LARGEST_BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).expect("a block has at most 65,535 bytes");
        stream.push(u8::from(blocks.peek().is_none())); // 1 for the last block
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler32(data).to_be_bytes());
    stream
}

/// The checksum of a zlib stream (RFC 1950 §2.2).
fn adler32(data: &[u8]) -> u32 {
    let sums = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    (sums.1 << 16) | sums.0
}

/// The checksum of a chunk (PNG, Annex D).
fn crc32(data: &[u8]) -> u32 {
    let of_byte = |crc: u32, byte: &u8| {
        let shift = |crc: u32, _| (crc >> 1) ^ ((crc & 1) * 0xEDB8_8320);
        (0..8).fold(crc ^ u32::from(*byte), shift)
    };
    !data.iter().fold(u32::MAX, of_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reader verifies the checksums and returns the pixels.
    fn read(file: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.ignore_checksums(false);
        let mut reader = decoder.read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut pixels).expect("good checksums");
        (info.width, info.height, pixels)
    }

    #[test]
    fn a_reader_sees_the_same_pixels() {
        let rows = [vec![0b1010_0000], vec![0b0100_0000], vec![0b1110_0000]];
        assert_eq!(read(&png(3, &rows)), (3, 3, rows.concat()));
        // Several blocks, and a row that ends in the middle of a byte.
        let row = |at: usize| {
            (0..126).map(move |byte| u8::try_from((at * 7 + byte) % 251).expect("a byte"))
        };
        let rows: Vec<Vec<u8>> = (0..1001)
            .map(|at| row(at).chain([0x80]).collect())
            .collect();
        assert_eq!(read(&png(126 * 8 + 1, &rows)), (1009, 1001, rows.concat()));
    }

    /// Values that are published for these texts.
    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
