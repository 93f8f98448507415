//! Which instructions kernels are run with.

use rten_simd::SimdOp;

/// Runs an operation with the best instructions that this machine has.
#[cfg(not(test))]
#[inline]
pub(crate) fn run<Op: SimdOp>(op: Op) -> Op::Output {
    op.dispatch()
}

/// Runs an operation with the instructions that the test on this thread asks for.
#[cfg(test)]
pub(crate) fn run<Op: SimdOp>(op: Op) -> Op::Output {
    level::run(op)
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
