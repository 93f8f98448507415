//! The one place that names bincode: flat tables to bytes and back.
//!
//! Integers have fixed widths and are little-endian, so a table is the bytes that `FORMAT.md` draws.

use bincode::config::{Configuration, Fixint, LittleEndian, NoLimit};
use serde::Serialize;
use serde::de::DeserializeOwned;

const FIXED: Configuration<LittleEndian, Fixint, NoLimit> =
    bincode::config::standard().with_little_endian().with_fixed_int_encoding();

/// The longest table, in bytes.
const LONGEST: usize = 1 << 30;

/// The bytes of a table.
pub(super) fn encode<T: Serialize>(table: &T) -> Result<Vec<u8>, String> {
    bincode::serde::encode_to_vec(table, FIXED).map_err(|error| error.to_string())
}

/// The table that the bytes hold.
///
/// What a list claims to hold is taken at its word for a megabyte at most, by serde; beyond that memory grows as elements are
/// read, so a table takes little more than its bytes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    if bytes.len() > LONGEST {
        return Err(format!("a table of {} bytes is longer than {LONGEST} bytes", bytes.len()));
    }
    let (table, read) = bincode::serde::decode_from_slice(bytes, FIXED.with_limit::<LONGEST>())
        .map_err(|error| error.to_string())?;
    if read == bytes.len() { Ok(table) } else { Err(format!("{} bytes behind the end", bytes.len() - read)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_little_endian_and_lists_are_counted() {
        let bytes = encode(&(7_u32, vec![1_u8, 2], -2_i64)).unwrap();
        let expected = [&[7, 0, 0, 0][..], &[2, 0, 0, 0, 0, 0, 0, 0, 1, 2], &[0xfe], &[0xff; 7]].concat();
        assert_eq!(bytes, expected);
        assert_eq!(decode::<(u32, Vec<u8>, i64)>(&bytes), Ok((7, vec![1, 2], -2)));
    }

    #[test]
    fn claims_beyond_the_bytes_and_trailing_bytes_are_refused() {
        assert!(decode::<Vec<u64>>(&(1_u64 << 60).to_le_bytes()).is_err());
        assert!(decode::<Vec<(u32, u32)>>(&u64::MAX.to_le_bytes()).is_err());
        assert!(decode::<u32>(&[1, 0, 0, 0, 0]).is_err());
        assert!(decode::<u32>(&[1, 0, 0]).is_err());
    }
}
