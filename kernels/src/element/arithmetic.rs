//! Arithmetic of `f32` as kernels: one operation, or two of which the first is an operand of the second. Each is rounded.
#![expect(unsafe_code)]

use std::marker::PhantomData;

use rten_simd::ops::{BitOps, FloatOps, NumOps};
use rten_simd::{Isa, SimdOp};

use super::block::STRIP;
use super::{Block, Kernel};
use crate::simd::run;

/// An operation on two `f32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `x + y`
    Add,
    /// `x - y`
    Subtract,
    /// `x * y`
    Multiply,
    /// `x / y`
    Divide,
}

/// What a kernel computes without slices.
pub(crate) struct Places {
    pub(crate) result: *mut f32,
    pub(crate) count: usize,
    pub(crate) operands: [*const f32; 3],
    /// How far operands go on for the next [`STRIP`] elements: not at all if they are strips.
    pub(crate) steps: [usize; 3],
}

/// Computes elements.
///
/// # Safety
///
/// The result has `count` elements, and so have the operands, or [`STRIP`] if they are strips. An operand may be where the
/// result is, from its first element on; no other operand overlaps the result.
pub(crate) type Direct = unsafe fn(&Places);

/// A function of up to three vectors.
trait Formula: Send + Sync + 'static {
    const OPERANDS: usize;

    fn call<I: Isa>(isa: I, operands: [I::F32; 3]) -> I::F32;
}

/// An operation on two vectors.
trait Operation: Send + Sync + 'static {
    fn call<I: Isa>(isa: I, x: I::F32, y: I::F32) -> I::F32;
}

macro_rules! operations {
    ($($name:ident $method:ident;)*) => {$(
        struct $name;

        impl Operation for $name {
            #[inline(always)]
            fn call<I: Isa>(isa: I, x: I::F32, y: I::F32) -> I::F32 {
                isa.f32().$method(x, y)
            }
        }
    )*};
}

operations! {
    Add add;
    Subtract sub;
    Multiply mul;
    Divide div;
}

struct One<O>(PhantomData<O>);

impl<O: Operation> Formula for One<O> {
    const OPERANDS: usize = 2;

    #[inline(always)]
    fn call<I: Isa>(isa: I, [x, y, _]: [I::F32; 3]) -> I::F32 {
        O::call(isa, x, y)
    }
}

/// `P` of the first two, then `Q` with the third, which is its left operand if `SWAPPED`.
struct Two<P, Q, const SWAPPED: bool>(PhantomData<(P, Q)>);

impl<P: Operation, Q: Operation, const SWAPPED: bool> Formula for Two<P, Q, SWAPPED> {
    const OPERANDS: usize = 3;

    #[inline(always)]
    fn call<I: Isa>(isa: I, [x, y, z]: [I::F32; 3]) -> I::F32 {
        let first = P::call(isa, x, y);
        if SWAPPED { Q::call(isa, z, first) } else { Q::call(isa, first, z) }
    }
}

struct Run<'a, F> {
    places: &'a Places,
    formula: PhantomData<F>,
}

impl<F: Formula> SimdOp for Run<'_, F> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let &Places { mut result, count, mut operands, steps: [a, b, c] } = self.places;
        for _ in 0..count / STRIP {
            for at in (0..STRIP).step_by(ops.len()) {
                let mut values = [ops.zero(); 3];
                for (value, operand) in values.iter_mut().zip(operands).take(F::OPERANDS) {
                    // SAFETY: all have `STRIP` elements from here on.
                    *value = unsafe { ops.load_ptr(operand.wrapping_add(at)) };
                }
                // SAFETY: as above; what is read of these elements has been.
                unsafe { ops.store_ptr(F::call(isa, values), result.wrapping_add(at)) };
            }
            result = result.wrapping_add(STRIP);
            let [x, y, z] = operands;
            operands = [x.wrapping_add(a), y.wrapping_add(b), z.wrapping_add(c)];
        }
        let rest = count % STRIP;
        let mut at = 0;
        while at < rest {
            let mask = ops.first_n_mask((rest - at).min(ops.len()));
            let mut values = [ops.zero(); 3];
            for (value, operand) in values.iter_mut().zip(operands).take(F::OPERANDS) {
                // SAFETY: the elements of the mask are some of the last; a strip has more.
                *value = unsafe { ops.load_ptr_mask(operand.wrapping_add(at), mask) };
            }
            // SAFETY: as above.
            unsafe { ops.store_ptr_mask(F::call(isa, values), result.wrapping_add(at), mask) };
            at += ops.len();
        }
    }
}

unsafe fn direct<F: Formula>(places: &Places) {
    run(Run::<F> { places, formula: PhantomData });
}

/// Runs what takes so many operands on slices.
struct Checked {
    direct: Direct,
    arity: usize,
}

impl Block for Checked {
    fn run(&self, result: &mut [u8], operands: &[&[u8]; 3]) {
        let mut count = result.len() / 4;
        let mut steps = [STRIP; 3];
        for (step, operand) in steps.iter_mut().zip(operands).take(self.arity) {
            let own = operand.len() / 4;
            if own == STRIP && count > STRIP {
                *step = 0;
            } else {
                count = count.min(own);
            }
        }
        let operands = operands.map(|operand| operand.as_ptr().cast());
        // SAFETY: the lengths have been looked at, and a result overlaps no operand.
        unsafe { (self.direct)(&Places { result: result.as_mut_ptr().cast(), count, operands, steps }) };
    }
}

/// The kernel of a formula.
fn kernel<F: Formula>(form: Option<Arithmetic>) -> Kernel {
    from_direct(direct::<F>, F::OPERANDS, form)
}

fn from_direct(direct: Direct, arity: usize, form: Option<Arithmetic>) -> Kernel {
    let mut kernel = Kernel::from_block(&[4; 3][..arity], 4, Checked { direct, arity });
    kernel.form = form;
    kernel.direct = Some(direct);
    kernel
}

fn two<P: Operation>(second: Arithmetic, swapped: bool) -> Kernel {
    match (second, swapped) {
        // The order does not matter.
        (Arithmetic::Add, _) => kernel::<Two<P, Add, false>>(None),
        (Arithmetic::Multiply, _) => kernel::<Two<P, Multiply, false>>(None),
        (Arithmetic::Subtract, false) => kernel::<Two<P, Subtract, false>>(None),
        (Arithmetic::Subtract, true) => kernel::<Two<P, Subtract, true>>(None),
        (Arithmetic::Divide, false) => kernel::<Two<P, Divide, false>>(None),
        (Arithmetic::Divide, true) => kernel::<Two<P, Divide, true>>(None),
    }
}

impl Kernel {
    /// The kernel of an operation on two `f32`.
    ///
    /// ```
    /// use holotype_kernels::element::{Arithmetic, Kernel};
    /// let mut result = [0_u8; 4];
    /// let [x, y] = [3.0_f32, 2.0].map(f32::to_ne_bytes);
    /// Kernel::arithmetic(Arithmetic::Subtract).run(&mut result, [&x, &y, &[]]);
    /// assert_eq!(f32::from_ne_bytes(result), 1.0);
    /// ```
    pub fn arithmetic(operation: Arithmetic) -> Self {
        match operation {
            Arithmetic::Add => kernel::<One<Add>>(Some(operation)),
            Arithmetic::Subtract => kernel::<One<Subtract>>(Some(operation)),
            Arithmetic::Multiply => kernel::<One<Multiply>>(Some(operation)),
            Arithmetic::Divide => kernel::<One<Divide>>(Some(operation)),
        }
    }

    /// The kernel of this operation on the first two operands, followed by another on what comes of it and the third, which is
    /// the left operand if `swapped`; `None` unless both are from [`Kernel::arithmetic`].
    ///
    /// Each operation rounds, so that results are those of the one after the other.
    pub fn then(&self, second: &Self, swapped: bool) -> Option<Self> {
        let second = second.form?;
        Some(match self.form? {
            Arithmetic::Add => two::<Add>(second, swapped),
            Arithmetic::Subtract => two::<Subtract>(second, swapped),
            Arithmetic::Multiply => two::<Multiply>(second, swapped),
            Arithmetic::Divide => two::<Divide>(second, swapped),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::Numbers;
    use crate::simd::level::{ALL, with};

    type Scalar = fn(f32, f32) -> f32;

    const OPERATIONS: [(Arithmetic, Scalar); 4] = [
        (Arithmetic::Add, |x, y| x + y),
        (Arithmetic::Subtract, |x, y| x - y),
        (Arithmetic::Multiply, |x, y| x * y),
        (Arithmetic::Divide, |x, y| x / y),
    ];

    /// Runs a kernel on operands, and over its first operand.
    fn check(kernel: &Kernel, operands: [&[f32]; 3], expected: &[f32]) {
        let count = expected.len();
        let mut result = vec![7.0; count];
        let bytes = operands.map(bytemuck::cast_slice);
        kernel.run(bytemuck::cast_slice_mut(&mut result), bytes);
        let bits = |numbers: &[f32]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&result), bits(expected));
        if operands[0].len() == count {
            result.copy_from_slice(operands[0]);
            let place = result.as_mut_ptr();
            let places = Places {
                result: place,
                count,
                operands: [place.cast_const(), operands[1].as_ptr(), operands[2].as_ptr()],
                steps: operands.map(|operand| if operand.len() == count { STRIP } else { 0 }),
            };
            // SAFETY: the operands have as many elements as the result, or are strips.
            unsafe { kernel.direct.unwrap()(&places) };
            assert_eq!(bits(&result), bits(expected));
        }
    }

    #[test]
    fn operations_and_pairs_round_each_time_on_all_levels() {
        let mut numbers = Numbers::new();
        for level in ALL {
            for count in [0, 1, 7, 16, 63, 64, 65, 100, 200] {
                let lengths = [(); 3].map(|()| if count > STRIP && numbers.coin() { STRIP } else { count });
                let [x, y, z] = lengths.map(|length| numbers.floats(length));
                let at = |operand: &[f32], index: usize| operand[index % operand.len()];
                for (first, f) in OPERATIONS {
                    let one = Kernel::arithmetic(first);
                    let of_one: Vec<f32> = (0..count).map(|i| f(at(&x, i), at(&y, i))).collect();
                    with(level, || check(&one, [&x, &y, &[]], &of_one));
                    for (second, g) in OPERATIONS {
                        for swapped in [false, true] {
                            let pair = one.then(&Kernel::arithmetic(second), swapped).unwrap();
                            let result = |(i, &own): (usize, &f32)| {
                                if swapped { g(at(&z, i), own) } else { g(own, at(&z, i)) }
                            };
                            let expected: Vec<f32> = of_one.iter().enumerate().map(result).collect();
                            with(level, || check(&pair, [&x, &y, &z], &expected));
                            assert!(pair.then(&one, false).is_none());
                        }
                    }
                }
            }
        }
    }
}
