//! Whether a tensor fits in memory, asked before a kernel allocates it: an allocation that fails would end the process.

use super::data::element_count;
use super::dtype::DType;

/// Allocations up to this size are not asked about first.
const SMALL: usize = 1 << 28;

/// Checks that a tensor of these sizes can be allocated.
///
/// # Errors
/// Its size in bytes, in words.
pub(crate) fn check_memory(dtype: DType, sizes: &[usize]) -> Result<(), String> {
    let bytes = element_count(sizes).and_then(|count| count.checked_mul(dtype.size()));
    let fits = bytes.is_some_and(|bytes| bytes <= SMALL || can_allocate(bytes));
    if fits {
        return Ok(());
    }
    let bytes =
        bytes.map_or_else(|| "more bytes than can be counted".to_owned(), |bytes| format!("{bytes} bytes"));
    Err(format!("the result {sizes:?} of {dtype} needs {bytes}, which do not fit in memory"))
}

fn can_allocate(bytes: usize) -> bool {
    let mut probe = Vec::<u8>::new();
    std::hint::black_box(&mut probe).try_reserve_exact(bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Tensor;

    #[test]
    fn a_tensor_too_large_for_memory_is_an_error() {
        assert_eq!(check_memory(DType::F64, &[1 << 20]), Ok(()));
        assert!(check_memory(DType::U8, &[usize::MAX, 2]).unwrap_err().contains("can be counted"));
        let error = Tensor::zeros([1_i64 << 60]).to_vec::<f32>().unwrap_err().to_string();
        assert!(error.contains("do not fit in memory"), "{error}");
        assert!(Tensor::zeros([i64::MAX, 0]).to_vec::<f32>().unwrap().is_empty());
    }
}
