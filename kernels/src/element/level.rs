//! The instructions of this machine, looked up once.

#[cfg(all(target_arch = "x86_64", not(test)))]
pub(crate) use best::run;

#[cfg(any(not(target_arch = "x86_64"), test))]
pub(crate) use crate::simd::run;

#[cfg(all(target_arch = "x86_64", not(test)))]
mod best {
    #![expect(unsafe_code)]

    use std::sync::OnceLock;

    use rten_simd::isa::Avx512Isa;
    use rten_simd::{Isa, SimdOp};

    static BEST: OnceLock<Option<Avx512Isa>> = OnceLock::new();

    #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,f16c")]
    unsafe fn eval<Op: SimdOp>(op: Op, isa: impl Isa) -> Op::Output {
        op.eval(isa)
    }

    /// Runs an operation with the best instructions that this machine has.
    ///
    /// Blocks are so short that asking for each feature again would take as long as some of them.
    #[inline]
    pub(crate) fn run<Op: SimdOp>(op: Op) -> Op::Output {
        match BEST.get_or_init(Avx512Isa::new) {
            // SAFETY: the machine has the features, of which the value is the proof.
            Some(isa) => unsafe { eval(op, *isa) },
            None => op.dispatch(),
        }
    }
}
