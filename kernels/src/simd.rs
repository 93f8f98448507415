//! Which instructions kernels are run with.

#[cfg(not(all(target_arch = "x86_64", not(test))))]
use rten_simd::SimdOp;

#[cfg(all(target_arch = "x86_64", not(test)))]
pub(crate) use best::run;

/// Runs an operation with the best instructions that this machine has.
#[cfg(not(any(target_arch = "x86_64", test)))]
#[inline]
pub(crate) fn run<Op: SimdOp>(op: Op) -> Op::Output {
    op.dispatch()
}

/// Runs an operation with the instructions that the test on this thread asks for.
#[cfg(test)]
pub(crate) fn run<Op: SimdOp>(op: Op) -> Op::Output {
    level::run(op)
}

#[cfg(all(target_arch = "x86_64", not(test)))]
mod best {
    //! The instructions of this machine, looked up once.
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
    /// Blocks, and the products of small layers, are so short that asking for each feature again would take as long as some of them.
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

/// Levels of instructions below the best, so that tests see all of them.
#[cfg(test)]
pub(crate) mod level {
    use std::cell::Cell;

    use rten_simd::SimdOp;

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(crate) enum Level {
        Best,
        Narrow,
        Generic,
    }

    pub(crate) const ALL: [Level; 3] = [Level::Best, Level::Narrow, Level::Generic];

    thread_local! {
        static LEVEL: Cell<Level> = const { Cell::new(Level::Best) };
    }

    /// The level of this thread.
    pub(crate) fn current() -> Level {
        LEVEL.get()
    }

    /// Runs `test` with this level, on this thread alone unless it is the best.
    pub(crate) fn with<R>(level: Level, test: impl FnOnce() -> R) -> R {
        let before = LEVEL.replace(level);
        let result = test();
        LEVEL.set(before);
        result
    }

    pub(super) fn run<Op: SimdOp>(op: Op) -> Op::Output {
        match LEVEL.get() {
            Level::Best => op.dispatch(),
            #[cfg(target_arch = "x86_64")]
            Level::Narrow => match rten_simd::isa::Avx2Isa::new() {
                Some(isa) => op.eval(isa),
                None => op.dispatch(),
            },
            #[cfg(not(target_arch = "x86_64"))]
            Level::Narrow => op.dispatch(),
            Level::Generic => op.eval(rten_simd::isa::GenericIsa::new()),
        }
    }
}
