//! Compressed forms. Data is stored, so that no compressor is needed; only bombs are made of back references.

use super::checksum::{adler32, crc32};

/// Deflate with stored blocks.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut chunks = bytes.chunks(65535).peekable();
    if chunks.peek().is_none() {
        return vec![1, 0, 0, 0xff, 0xff];
    }
    while let Some(chunk) = chunks.next() {
        let length = u16::try_from(chunk.len()).unwrap();
        out.push(u8::from(chunks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(chunk);
    }
    out
}

/// Deflate of zeros, 158 to one: one literal, then references of the greatest length to the byte before.
pub fn zeros(length: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.low_first(0b011, 3);
    bits.high_first(0b0011_0000, 8);
    for _ in 0..(length - 1) / 258 {
        bits.high_first(0b1100_0101, 8);
        bits.high_first(0, 5);
    }
    for _ in 0..(length - 1) % 258 {
        bits.high_first(0b0011_0000, 8);
    }
    bits.high_first(0, 7);
    bits.bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn bit(&mut self, bit: u32) {
        if self.used.is_multiple_of(8) {
            self.bytes.push(0);
        }
        *self.bytes.last_mut().unwrap() |= u8::try_from(bit & 1).unwrap() << (self.used % 8);
        self.used += 1;
    }

    fn low_first(&mut self, value: u32, count: u32) {
        (0..count).for_each(|index| self.bit(value >> index));
    }

    fn high_first(&mut self, value: u32, count: u32) {
        (0..count).rev().for_each(|index| self.bit(value >> index));
    }
}

/// A zlib stream.
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    [&[0x78, 0x9c][..], &deflate(bytes), &adler32(bytes).to_be_bytes()].concat()
}

/// A gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    gzip_of(&deflate(bytes), crc32(bytes), bytes.len())
}

/// A gzip member of zeros, which has the checksum that it is told.
pub fn gzip_of_zeros(length: usize, crc: u32) -> Vec<u8> {
    gzip_of(&zeros(length), crc, length)
}

fn gzip_of(deflated: &[u8], crc: u32, length: usize) -> Vec<u8> {
    let size = u32::try_from(length).unwrap();
    [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff][..], deflated, &crc.to_le_bytes(), &size.to_le_bytes()].concat()
}

/// An xz file with one uncompressed LZMA2 chunk, checked by CRC-32.
pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let flags = [0, 1];
    let mut out = [&b"\xfd7zXZ\0"[..], &flags, &crc32(&flags).to_le_bytes()].concat();
    let header = [2, 0, 0x21, 1, 0x16, 0, 0, 0];
    let size = u16::try_from(bytes.len() - 1).unwrap().to_be_bytes();
    let mut block = [&header[..], &crc32(&header).to_le_bytes(), &[1], &size, bytes, &[0]].concat();
    let unpadded = u64::try_from(block.len() + 4).unwrap();
    block.resize(block.len().next_multiple_of(4), 0);
    out.extend(&block);
    out.extend(crc32(bytes).to_le_bytes());
    let mut index = vec![0, 1];
    index.extend(number(unpadded));
    index.extend(number(u64::try_from(bytes.len()).unwrap()));
    index.resize(index.len().next_multiple_of(4), 0);
    out.extend(&index);
    out.extend(crc32(&index).to_le_bytes());
    let backward = u32::try_from((index.len() + 4) / 4 - 1).unwrap().to_le_bytes();
    let footer = [&backward[..], &flags].concat();
    out.extend(crc32(&footer).to_le_bytes());
    out.extend(footer);
    out.extend(b"YZ");
    out
}

fn number(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
    out
}
