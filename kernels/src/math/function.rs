//! A function of one `f32`, compiled for each instruction set.

use std::marker::PhantomData;

use rten_simd::{Isa, SimdOp};

use super::Several;
use crate::element::block::{STRIP, elements, map1, set, turns};
use crate::element::{Block, Kernel};
use crate::simd::run;

/// How products are added to.
pub trait Arithmetic: Copy + 'static {
    /// `a * b + c`, rounded once or twice.
    fn mul_add(a: f32, b: f32, c: f32) -> f32;
}

/// Fused multiply-add.
#[derive(Clone, Copy)]
pub struct Fused;

impl Arithmetic for Fused {
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

/// Multiplication, then addition.
#[derive(Clone, Copy)]
pub struct Separate;

impl Arithmetic for Separate {
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a * b + c
    }
}

/// Whether an instruction set has a fused multiply-add: all vectors of 8 and more `f32`, and those of Arm.
#[inline(always)]
pub(super) fn is_fused<I: Isa>(_: I) -> bool {
    cfg!(target_arch = "aarch64") || size_of::<I::F32>() >= 32
}

/// A function of one `f32` that vectorises: without branches, calls and tables.
pub trait Function: Send + Sync + 'static {
    /// Where [`Self::call`] holds: up to this magnitude.
    const LIMIT: f32 = f32::INFINITY;
    /// Whether its steps wait for each other, so that several vectors take turns.
    const HAS_STEPS: bool = true;

    /// The values at `x`, or anything where the magnitude of `x` is above the limit.
    fn call<A: Arithmetic, const N: usize>(x: Several<N>) -> Several<N>;

    /// The value at an `x` beyond the limit.
    fn beyond(x: f32) -> f32 {
        x
    }
}

/// How many elements are computed at least at once: the rest of a block is as fast as vectors are.
const WIDTH: usize = 16;
const BYTES: usize = 4 * WIDTH;
/// So many vectors take turns.
const SIDE_BY_SIDE: usize = 4;

/// Replaces each element by the function's value.
///
/// ```
/// use holotype_kernels::math::{functions::Exp, map_in_place};
/// let mut x = [0.0_f32, f32::NEG_INFINITY];
/// map_in_place::<Exp>(&mut x);
/// assert_eq!(x, [1.0, 0.0]);
/// ```
pub fn map_in_place<F: Function>(elements: &mut [f32]) {
    run(InPlace::<F> { elements, function: PhantomData });
}

struct InPlace<'a, F> {
    elements: &'a mut [f32],
    function: PhantomData<F>,
}

impl<F: Function> SimdOp for InPlace<'_, F> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        if is_fused(isa) { chunks::<F, Fused>(self.elements) } else { chunks::<F, Separate>(self.elements) }
    }
}

/// Computes whole chunks, and the rest within a chunk of its own.
#[inline(always)]
fn chunks<F: Function, A: Arithmetic>(elements: &mut [f32]) {
    let (whole, rest) = elements.as_chunks_mut::<WIDTH>();
    whole.iter_mut().for_each(chunk::<F, A>);
    if !rest.is_empty() {
        let mut padded = [0.0; WIDTH];
        padded[..rest.len()].copy_from_slice(rest);
        chunk::<F, A>(&mut padded);
        rest.copy_from_slice(&padded[..rest.len()]);
    }
}

#[inline(always)]
fn chunk<F: Function, A: Arithmetic>(elements: &mut [f32; WIDTH]) {
    let operands = *elements;
    for element in elements.iter_mut() {
        [*element] = F::call::<A, 1>(Several([*element])).0;
    }
    if F::LIMIT < f32::INFINITY && operands.iter().fold(false, |any, x| any | (x.abs() > F::LIMIT)) {
        for (element, x) in elements.iter_mut().zip(operands).filter(|(_, x)| x.abs() > F::LIMIT) {
            *element = F::beyond(x);
        }
    }
}

/// The kernel of a function.
pub(super) fn kernel<F: Function>() -> Kernel {
    Kernel::from_block(&[4], 4, FunctionBlock::<F>(PhantomData))
}

struct FunctionBlock<F>(PhantomData<F>);

impl<F: Function> Block for FunctionBlock<F> {
    fn run(&self, result: &mut [u8], &[operand, ..]: &[&[u8]; 3]) {
        run(Run::<F> { result, operand, function: PhantomData });
    }
}

struct Run<'a, F> {
    result: &'a mut [u8],
    operand: &'a [u8],
    function: PhantomData<F>,
}

impl<F: Function> SimdOp for Run<'_, F> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        if is_fused(isa) {
            blocks::<F, Fused>(self.result, self.operand);
        } else {
            blocks::<F, Separate>(self.result, self.operand);
        }
    }
}

/// Maps whole chunks, and the rest within a chunk of its own.
#[inline(always)]
fn blocks<F: Function, A: Arithmetic>(result: &mut [u8], operand: &[u8]) {
    let whole = result.len() / BYTES * BYTES;
    let start = if operand.len() < result.len() { whole % (4 * STRIP) } else { whole };
    let (result, rest) = result.split_at_mut(whole);
    vectors::<F, A>(result, operand);
    if !rest.is_empty() {
        let (mut padded, mut padded_operand) = ([0; BYTES], [0; BYTES]);
        let rest_operand = operand.get(start..start + rest.len()).unwrap_or_default();
        padded_operand[..rest_operand.len()].copy_from_slice(rest_operand);
        vectors::<F, A>(&mut padded, &padded_operand);
        rest.copy_from_slice(&padded[..rest.len()]);
    }
}

#[inline(always)]
fn vectors<F: Function, A: Arithmetic>(result: &mut [u8], operand: &[u8]) {
    // The condition is a constant, so what it excludes is not compiled.
    if const { F::HAS_STEPS } {
        turns::<_, SIDE_BY_SIDE>(
            result,
            operand,
            #[inline(always)]
            |x| F::call::<A, _>(Several(x)).0,
            #[inline(always)]
            |x| F::call::<A, _>(Several(x)).0,
        );
    } else {
        map1(
            result,
            operand,
            #[inline(always)]
            |x| {
                let [y] = F::call::<A, 1>(Several([x])).0;
                y
            },
        );
    }
    if F::LIMIT < f32::INFINITY {
        for (result, operand) in result.chunks_mut(BYTES).zip(operand.chunks(BYTES).cycle()) {
            let far = |x: f32| x.abs() > F::LIMIT;
            let elements: [f32; WIDTH] = elements(operand, 0);
            if elements.iter().fold(false, |any, &x| any | far(x)) {
                for (index, x) in elements.into_iter().enumerate().filter(|&(_, x)| far(x)) {
                    set(result, index, F::beyond(x));
                }
            }
        }
    }
}
