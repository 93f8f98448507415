//! The fast reductions of a dtype.

/// `for_fold!(reducer, dtype, F => expression)`: the expression for the fold `F` that computes a reduction, if there is one. Sums
/// and products of `f64`, whose bits depend on their order, and of halves have none.
macro_rules! for_fold {
    ($reducer:expr, $dtype:expr, $F:ident => $body:expr) => {
        $crate::exec::compiled::jobs::folds::for_fold!(@match $reducer, $dtype, $F, $body, [
            Sum F32 f32, Product F32 f32, Max F32 f32, Min F32 f32, Max F64 f64, Min F64 f64,
            Sum I32 i32, Product I32 i32, Max I32 i32, Min I32 i32,
            Sum I64 i64, Product I64 i64, Max I64 i64, Min I64 i64,
            Max Bool bool, Min Bool bool
        ])
    };
    (@match $reducer:expr, $dtype:expr, $F:ident, $body:expr, [$($fold:ident $name:ident $type:ty),*]) => {
        match ($reducer, $dtype) {
            $(($crate::ops::Reducer::$fold, $crate::tensor::DType::$name) => {
                type $F = ::holotype_kernels::reduce::$fold<$type>;
                Some($body)
            })*
            _ => None,
        }
    };
}
pub(super) use for_fold;
