//! The values of a page, one at a time, in each encoding of the specification.

use crate::dataset::parquet::delta::Delta;
use crate::dataset::parquet::element::Physical;
use crate::dataset::parquet::hybrid::{Hybrid, packed};
use crate::dataset::parquet::schema::Leaf;
use crate::limits;

/// A value as it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Raw<'p> {
    Truth(bool),
    Number(i64),
    Bytes(&'p [u8]),
}

/// The values that a column has in its dictionary.
#[derive(Debug)]
pub(super) struct Dictionary {
    bytes: Vec<u8>,
    places: Vec<(u32, u32)>,
}

/// How the values of a page are read.
#[derive(Debug)]
pub(super) enum Decoder {
    Plain { at: usize },
    Bits { bit: u64 },
    Runs(Hybrid),
    Dictionary(Hybrid),
    Delta(Delta),
    Lengths { lengths: Delta, at: usize },
    Prefixes { prefixes: Delta, lengths: Delta, at: usize, value: Vec<u8> },
    Split { start: usize, count: usize, next: usize, value: Vec<u8> },
}

/// Says that bytes are not what the encoding demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Odd(pub(super) &'static str);

const ENDS: Odd = Odd("has fewer values than it says");
const HEADER: Odd = Odd("has values without a header that can be read");

/// Returns how many bytes a value takes, where all take as many.
fn width(leaf: &Leaf) -> Option<usize> {
    Some(match leaf.physical {
        Physical::Boolean | Physical::Bytes => return None,
        Physical::Int32 | Physical::Float => 4,
        Physical::Int64 | Physical::Double => 8,
        Physical::Int96 => 12,
        Physical::Fixed => leaf.length,
    })
}

/// Takes a value that stands as it is.
fn plain<'p>(page: &'p [u8], at: &mut usize, leaf: &Leaf) -> Result<&'p [u8], Odd> {
    let length = if let Some(width) = width(leaf) {
        width
    } else {
        let length = word(page, *at)?;
        *at += 4;
        length
    };
    let end = at.checked_add(length).ok_or(ENDS)?;
    let value = page.get(*at..end).ok_or(ENDS)?;
    *at = end;
    Ok(value)
}

/// Reads a length of four bytes.
pub(super) fn word(page: &[u8], at: usize) -> Result<usize, Odd> {
    let bytes = at.checked_add(4).and_then(|end| page.get(at..end)).ok_or(ENDS)?;
    Ok(u32::from_le_bytes(bytes.try_into().map_err(|_| ENDS)?) as usize)
}

impl Dictionary {
    /// Finds the values of a dictionary page.
    pub(super) fn new(bytes: Vec<u8>, count: u64, leaf: &Leaf) -> Result<Self, Odd> {
        let (mut places, mut at) = (Vec::new(), 0);
        if leaf.physical == Physical::Boolean {
            return Err(Odd("has a dictionary of truth values"));
        }
        // Of values without bytes, any number would fit.
        let most = bytes.len() / width(leaf).unwrap_or(4).max(1);
        if count > most as u64 {
            return Err(Odd("has a dictionary with fewer values than it says"));
        }
        for _ in 0..count {
            let length = plain(&bytes, &mut at, leaf)?.len();
            let place = u32::try_from(at - length).ok().zip(u32::try_from(length).ok());
            places.push(place.ok_or(ENDS)?);
        }
        Ok(Self { bytes, places })
    }

    fn get(&self, index: u32) -> Option<&[u8]> {
        let (start, length) = *self.places.get(index as usize)?;
        self.bytes.get(start as usize..(start as usize).checked_add(length as usize)?)
    }
}

impl Decoder {
    /// Reads the values of a page from `at` on; none for an encoding that is not read for such values.
    pub(super) fn new(encoding: i64, page: &[u8], mut at: usize, leaf: &Leaf) -> Result<Option<Self>, Odd> {
        let integers = matches!(leaf.physical, Physical::Int32 | Physical::Int64);
        let bytes = leaf.physical == Physical::Bytes;
        let boolean = leaf.physical == Physical::Boolean;
        // A page of nothing but nulls may have nothing at all, whatever its encoding.
        if at >= page.len() {
            return Ok(Some(Self::Plain { at }));
        }
        Ok(Some(match encoding {
            0 if boolean => Self::Bits { bit: (at as u64).saturating_mul(8) },
            0 => Self::Plain { at },
            2 | 8 if !boolean => {
                let width = page.get(at).copied().unwrap_or_default();
                Self::Dictionary(Hybrid::new(at + 1, page.len(), width).ok_or(HEADER)?)
            }
            3 if boolean => {
                let length = word(page, at)?;
                at += 4;
                let end = at.checked_add(length).filter(|end| *end <= page.len()).ok_or(ENDS)?;
                Self::Runs(Hybrid::new(at, end, 1).ok_or(HEADER)?)
            }
            5 if integers => Self::Delta(Delta::new(page, at).ok_or(HEADER)?),
            6 if bytes => {
                let lengths = Delta::new(page, at).ok_or(HEADER)?;
                Self::Lengths { at: lengths.end(page).ok_or(ENDS)?, lengths }
            }
            7 if bytes || leaf.physical == Physical::Fixed => {
                let prefixes = Delta::new(page, at).ok_or(HEADER)?;
                let lengths = Delta::new(page, prefixes.end(page).ok_or(ENDS)?).ok_or(HEADER)?;
                Self::Prefixes { prefixes, at: lengths.end(page).ok_or(ENDS)?, lengths, value: Vec::new() }
            }
            9 if !boolean && !bytes => {
                let width = width(leaf).filter(|width| *width > 0).ok_or(HEADER)?;
                let count = page.len().saturating_sub(at) / width;
                // A width that the page has not is only claimed.
                let value = vec![0; if count > 0 { width } else { 0 }];
                Self::Split { start: at, count, next: 0, value }
            }
            _ => return Ok(None),
        }))
    }

    /// Returns the next value.
    pub(super) fn next<'p>(
        &'p mut self,
        page: &'p [u8],
        dictionary: Option<&'p Dictionary>,
        leaf: &Leaf,
    ) -> Result<Raw<'p>, Odd> {
        Ok(match self {
            Self::Plain { at } => Raw::Bytes(plain(page, at, leaf)?),
            Self::Bits { bit } => {
                let value = packed(page, *bit, 1).ok_or(ENDS)?;
                *bit += 1;
                Raw::Truth(value == 1)
            }
            Self::Runs(runs) => Raw::Truth(runs.next(page).ok_or(ENDS)? == 1),
            Self::Dictionary(indices) => {
                let dictionary = dictionary.ok_or(Odd("has no dictionary, and values that stand in one"))?;
                let index = indices.next(page).ok_or(ENDS)?;
                Raw::Bytes(dictionary.get(index).ok_or(Odd("has values that its dictionary has not"))?)
            }
            Self::Delta(delta) => Raw::Number(delta.next(page).ok_or(ENDS)?),
            Self::Lengths { lengths, at } => Raw::Bytes(after(page, at, lengths)?),
            Self::Prefixes { prefixes, lengths, at, value } => {
                let kept = prefixes.next(page).and_then(|length| usize::try_from(length).ok()).ok_or(ENDS)?;
                if kept > value.len() {
                    return Err(Odd("has a value that begins with more than the one before it"));
                }
                value.truncate(kept);
                value.extend_from_slice(after(page, at, lengths)?);
                if value.len() as u64 > limits::DATASET_ROW_BYTES {
                    return Err(Odd("has a value that is longer than a row may be"));
                }
                Raw::Bytes(value)
            }
            Self::Split { start, count, next, value } => {
                if *next >= *count {
                    return Err(ENDS);
                }
                for (stream, byte) in value.iter_mut().enumerate() {
                    *byte = *page.get(*start + stream * *count + *next).ok_or(ENDS)?;
                }
                *next += 1;
                Raw::Bytes(value)
            }
        })
    }
}

/// Takes as many bytes as the next length says.
fn after<'p>(page: &'p [u8], at: &mut usize, lengths: &mut Delta) -> Result<&'p [u8], Odd> {
    let length = lengths.next(page).and_then(|length| usize::try_from(length).ok()).ok_or(ENDS)?;
    let end = at.checked_add(length).ok_or(ENDS)?;
    let value = page.get(*at..end).ok_or(ENDS)?;
    *at = end;
    Ok(value)
}
