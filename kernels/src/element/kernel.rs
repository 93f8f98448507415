//! A kernel: one element-wise function, compiled for each instruction set.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use rten_simd::isa::GenericIsa;
use rten_simd::{Isa, SimdOp};

use super::arithmetic::{Arithmetic, Direct};
use super::{Element, block};
use crate::simd::run;

/// Computes a block of elements from blocks of operands.
///
/// The result of each element may depend on the operands' elements at the same index only, and not on the index.
pub trait Block: Send + Sync + 'static {
    /// Computes the elements of `result`. The operands beyond the kernel's number are empty; the others have as many
    /// elements as `result`, or [`STRIP`](super::STRIP) elements that stand for a longer operand: they are repeated.
    fn run(&self, result: &mut [u8], operands: &[&[u8]; 3]);
}

/// An element-wise function of 1 to 3 operands, which computes blocks of elements. Cheap to clone.
///
/// ```
/// use holotype_kernels::element::Kernel;
/// let less = Kernel::map2(|x: f32, y: f32| x < y);
/// let (x, y) = ([1.0_f32, 5.0], [2.0_f32, f32::NAN]);
/// let mut result = [9_u8; 2];
/// less.run(&mut result, [bytemuck::bytes_of(&x), bytemuck::bytes_of(&y), &[]]);
/// assert_eq!(result, [1, 0]);
/// ```
#[derive(Clone)]
pub struct Kernel {
    block: Arc<dyn Block>,
    operands: [usize; 3],
    arity: usize,
    result: usize,
    /// The operation, if it is a single one.
    pub(super) form: Option<Arithmetic>,
    /// What computes elements where operands are, if it can.
    pub(crate) direct: Option<Direct>,
}

impl Kernel {
    /// The kernel of a function of one element.
    pub fn map1<A: Element, R: Element>(function: impl Fn(A) -> R + Send + Sync + 'static) -> Self {
        let block = Map::<_, (A, R), true> { function, elements: PhantomData };
        Self::from_block(&[size_of::<A>()], size_of::<R>(), block)
    }

    /// The kernel of a function of two elements.
    pub fn map2<A: Element, B: Element, R: Element>(
        function: impl Fn(A, B) -> R + Send + Sync + 'static,
    ) -> Self {
        let block = Map::<_, (A, B, R), true> { function, elements: PhantomData };
        Self::from_block(&[size_of::<A>(), size_of::<B>()], size_of::<R>(), block)
    }

    /// The kernel of a function of three elements.
    pub fn map3<A: Element, B: Element, C: Element, R: Element>(
        function: impl Fn(A, B, C) -> R + Send + Sync + 'static,
    ) -> Self {
        let block = Map::<_, (A, B, C, R), true> { function, elements: PhantomData };
        Self::from_block(&[size_of::<A>(), size_of::<B>(), size_of::<C>()], size_of::<R>(), block)
    }

    /// As [`map1`](Self::map1), compiled once, for the instructions that every machine has: a third of the code, for what
    /// seldom takes long or does not vectorise.
    pub fn plain1<A: Element, R: Element>(function: impl Fn(A) -> R + Send + Sync + 'static) -> Self {
        let block = Map::<_, (A, R), false> { function, elements: PhantomData };
        Self::from_block(&[size_of::<A>()], size_of::<R>(), block)
    }

    /// As [`map2`](Self::map2), compiled once as [`plain1`](Self::plain1) is.
    pub fn plain2<A: Element, B: Element, R: Element>(
        function: impl Fn(A, B) -> R + Send + Sync + 'static,
    ) -> Self {
        let block = Map::<_, (A, B, R), false> { function, elements: PhantomData };
        Self::from_block(&[size_of::<A>(), size_of::<B>()], size_of::<R>(), block)
    }

    /// A kernel that computes whole blocks, with the sizes of an element of the operands (at most 3) and of the result.
    pub fn from_block(operands: &[usize], result: usize, block: impl Block) -> Self {
        let size = |index: usize| operands.get(index).copied().unwrap_or(0);
        Self {
            block: Arc::new(block),
            operands: [size(0), size(1), size(2)],
            arity: operands.len().min(3),
            result,
            form: None,
            direct: None,
        }
    }

    /// Computes as many elements as `result` and the operands hold. Blocks need no alignment.
    ///
    /// An operand of [`STRIP`](super::STRIP) elements is repeated where `result` has more, so that a number need not be
    /// written many times.
    #[inline]
    pub fn run(&self, result: &mut [u8], operands: [&[u8]; 3]) {
        self.block.run(result, &operands);
    }

    /// The size in bytes of an element of each operand.
    pub fn operands(&self) -> &[usize] {
        &self.operands[..self.arity]
    }

    /// The size in bytes of an element of the result.
    pub fn result(&self) -> usize {
        self.result
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kernel({:?} -> {})", self.operands(), self.result)
    }
}

/// A function of elements of the types `E`: those of the operands, then that of the result. It is compiled for each
/// instruction set if it is `WIDE`.
struct Map<F, E, const WIDE: bool> {
    function: F,
    elements: PhantomData<fn(E) -> E>,
}

/// One run of a map.
struct Run<'a, F, E> {
    function: &'a F,
    elements: PhantomData<fn(E) -> E>,
    result: &'a mut [u8],
    operands: &'a [&'a [u8]; 3],
}

macro_rules! maps {
    ($($map:ident [$a:pat, $b:pat, $c:pat]: $($operand:ident $type:ident),*;)*) => {$(
        impl<F: Fn($($type),*) -> R, $($type: Element,)* R: Element> SimdOp for Run<'_, F, ($($type,)* R)> {
            type Output = ();

            #[inline(always)]
            fn eval<I: Isa>(self, _: I) {
                let &[$a, $b, $c] = self.operands;
                block::$map(self.result, $($operand,)* self.function);
            }
        }

        impl<F, $($type: Element,)* R: Element, const WIDE: bool> Block for Map<F, ($($type,)* R), WIDE>
        where
            F: Fn($($type),*) -> R + Send + Sync + 'static,
        {
            fn run(&self, result: &mut [u8], operands: &[&[u8]; 3]) {
                let elements = PhantomData::<fn(($($type,)* R)) -> ($($type,)* R)>;
                let once = Run { function: &self.function, elements, result, operands };
                // The condition is a constant, so what it excludes is not compiled.
                if const { WIDE } { run(once) } else { once.eval(GenericIsa::new()) }
            }
        }
    )*};
}

maps! {
    map1 [a, _, _]: a A;
    map2 [a, b, _]: a A, b B;
    map3 [a, b, c]: a A, b B, c C;
}
