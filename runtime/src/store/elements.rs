//! Elements as the little-endian bytes of a file, and back. On little-endian machines these are the bytes in memory.

use std::borrow::Cow;

use crate::tensor::{DType, Data, element_count};

/// The elements as they stand in a file.
pub(super) fn to_file(data: &Data) -> Cow<'_, [u8]> {
    if cfg!(target_endian = "little") {
        return Cow::Borrowed(data.bytes());
    }
    let mut bytes = data.bytes().to_vec();
    bytes.chunks_exact_mut(data.dtype().size()).for_each(<[u8]>::reverse);
    Cow::Owned(bytes)
}

/// The number of bytes that a tensor of known sizes has in a file.
pub(super) fn length(dtype: DType, sizes: &[usize]) -> Option<usize> {
    element_count(sizes)?.checked_mul(dtype.size())
}

/// A copy of elements that stand in a file.
///
/// # Errors
/// If the bytes are not as many as the sizes say, or are truth values other than 0 and 1.
pub(super) fn from_file(dtype: DType, sizes: Vec<usize>, bytes: &[u8]) -> Result<Data, String> {
    if length(dtype, &sizes) != Some(bytes.len()) {
        return Err(format!("{} bytes do not make a tensor of {dtype} with sizes {sizes:?}", bytes.len()));
    }
    if let (DType::Bool, Some(byte)) = (dtype, bytes.iter().find(|byte| **byte > 1)) {
        return Err(format!("the bytes [{byte}] are no value of {dtype}"));
    }
    let mut native = Cow::Borrowed(bytes);
    if cfg!(target_endian = "big") {
        native.to_mut().chunks_exact_mut(dtype.size()).for_each(<[u8]>::reverse);
    }
    Data::from_bytes(dtype, sizes, &native).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_little_endian() {
        let data = Data::new([2], vec![1.0_f32, f32::from_bits(0x7fc0_1234)]).unwrap();
        assert_eq!(*to_file(&data), [0, 0, 0x80, 0x3f, 0x34, 0x12, 0xc0, 0x7f]);
        let back = from_file(DType::F32, vec![2], &to_file(&data)).unwrap();
        assert!(back.same_bits(&data));
    }

    #[test]
    fn wrong_lengths_and_truth_values_are_refused() {
        assert!(from_file(DType::I16, vec![2], &[0; 3]).is_err());
        assert!(from_file(DType::I16, vec![usize::MAX, 2], &[0; 4]).is_err());
        assert!(from_file(DType::Bool, vec![2], &[1, 2]).is_err());
        assert_eq!(from_file(DType::U64, vec![3, 0], &[]).unwrap().sizes(), [3, 0]);
    }
}
