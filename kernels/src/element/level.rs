//! The instructions of this machine, looked up once.

#[cfg(all(target_arch = "x86_64", not(test)))]
pub(crate) use best::run;

#[cfg(any(not(target_arch = "x86_64"), test))]
pub(crate) use crate::simd::run;

#[cfg(all(target_arch = "x86_64", not(test)))]
mod best {
    #![expect(unsafe_code)]

    use std::sync::OnceLock;

    use rten_simd::isa::{Avx2Isa, Avx512Isa, GenericIsa};
    use rten_simd::{Isa, SimdOp};

    /// Instructions that this machine has, of which the value is the proof.
    enum Best {
        Avx512(Avx512Isa),
        Avx2(Avx2Isa),
        Generic,
    }

    static BEST: OnceLock<Best> = OnceLock::new();

    fn best() -> Best {
        match (Avx512Isa::new(), Avx2Isa::new()) {
            (Some(isa), _) => Best::Avx512(isa),
            (_, Some(isa)) => Best::Avx2(isa),
            _ => Best::Generic,
        }
    }

    #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,f16c")]
    unsafe fn avx512<Op: SimdOp>(op: Op, isa: impl Isa) -> Op::Output {
        op.eval(isa)
    }

    #[target_feature(enable = "avx2,avx,fma,f16c")]
    unsafe fn avx2<Op: SimdOp>(op: Op, isa: impl Isa) -> Op::Output {
        op.eval(isa)
    }

    /// Runs an operation with the best instructions that this machine has.
    ///
    /// Blocks are so short that asking for each feature again would take as long as some of them.
    #[inline]
    pub(crate) fn run<Op: SimdOp>(op: Op) -> Op::Output {
        match BEST.get_or_init(best) {
            // SAFETY: the machine has the features.
            Best::Avx512(isa) => unsafe { avx512(op, *isa) },
            // SAFETY: as above.
            Best::Avx2(isa) => unsafe { avx2(op, *isa) },
            Best::Generic => op.eval(GenericIsa::new()),
        }
    }
}
