//! What reductions compute: a state that takes elements in.

use std::marker::PhantomData;

use crate::element::Element;

/// A reduction of many elements to one.
///
/// The crate fixes the order in which elements are taken in and states merged, by the number of elements alone.
pub trait Fold: Send + Sync + 'static {
    /// What is reduced, and the result.
    type Element: Element;
    /// What is known of the elements taken in so far.
    type State: Copy + Send + Sync;
    /// The state before the first element; merged with any state, it gives that state.
    const START: Self::State;
    /// Whether it is compiled for each instruction set, and made for one long row on several threads. What seldom takes long is
    /// compiled once, for every machine; its states must not depend on the order of elements, as those of integers do not.
    const WIDE: bool = true;
    /// Takes an element in. It must not panic, whatever the element: it may be given the default one, and what it gives be dropped.
    fn step(state: Self::State, element: Self::Element) -> Self::State;
    /// The state of the elements of both.
    fn merge(left: Self::State, right: Self::State) -> Self::State;
    /// The result.
    fn finish(state: Self::State) -> Self::Element;
}

/// The sum: integers wrap, `f32` adds up in `f64`.
pub struct Sum<T>(PhantomData<T>);

/// The product: integers wrap, `f32` multiplies in `f64`.
pub struct Product<T>(PhantomData<T>);

/// The greatest element; NaN if any is NaN; 0 is greater than -0. Of `bool`, whether any is true.
pub struct Max<T>(PhantomData<T>);

/// The least element; NaN if any is NaN; -0 is less than 0. Of `bool`, whether all are true.
pub struct Min<T>(PhantomData<T>);

macro_rules! folds {
    ($wide:literal: $($fold:ident<$type:ty>: $state:ty = $start:expr, $step:expr, $merge:expr, $finish:expr;)*) => {$(
        impl Fold for $fold<$type> {
            type Element = $type;
            type State = $state;
            const START: $state = $start;
            const WIDE: bool = $wide;
            #[inline(always)]
            fn step(state: $state, element: $type) -> $state {
                $step(state, element)
            }
            #[inline(always)]
            fn merge(left: $state, right: $state) -> $state {
                $merge(left, right)
            }
            #[inline(always)]
            fn finish(state: $state) -> $type {
                $finish(state)
            }
        }
    )*};
}

macro_rules! integers {
    ($($type:ty),*) => {
        folds! { false: $(
            Sum<$type>: $type = 0, <$type>::wrapping_add, <$type>::wrapping_add, |x| x;
            Product<$type>: $type = 1, <$type>::wrapping_mul, <$type>::wrapping_mul, |x| x;
            Max<$type>: $type = <$type>::MIN, Ord::max, Ord::max, |x| x;
            Min<$type>: $type = <$type>::MAX, Ord::min, Ord::min, |x| x;
        )*}
    };
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// The more extreme of a state and an element, made of operations that vectorise; NaN if either is.
macro_rules! extreme {
    ($name:ident, $type:ident, $compare:tt, $tie:tt) => {
        #[inline(always)]
        fn $name(state: $type, x: $type) -> $type {
            // A state that is NaN stays, since no comparison with it holds.
            let value = if x $compare state { x } else { state };
            // What is equal differs at most in the sign of zero.
            let tie = $type::from_bits(x.to_bits() $tie state.to_bits());
            let value = if x == state { tie } else { value };
            if x.is_nan() { $type::NAN } else { value }
        }
    };
}

extreme!(max_f32, f32, >, &);
extreme!(min_f32, f32, <, |);
extreme!(max_f64, f64, >, &);
extreme!(min_f64, f64, <, |);

folds! { true:
    Sum<f32>: f64 = 0.0, |sum, x| sum + f64::from(x), |x, y| x + y, |sum| sum as f32;
    Sum<f64>: f64 = 0.0, |sum, x| sum + x, |x, y| x + y, |sum| sum;
    Product<f32>: f64 = 1.0, |product, x| product * f64::from(x), |x, y| x * y, |product| product as f32;
    Product<f64>: f64 = 1.0, |product, x| product * x, |x, y| x * y, |product| product;
    Max<f32>: f32 = f32::NEG_INFINITY, max_f32, max_f32, |x| x;
    Max<f64>: f64 = f64::NEG_INFINITY, max_f64, max_f64, |x| x;
    Min<f32>: f32 = f32::INFINITY, min_f32, min_f32, |x| x;
    Min<f64>: f64 = f64::INFINITY, min_f64, min_f64, |x| x;
}

folds! { false:
    Max<bool>: bool = false, |x, y| x | y, |x, y| x | y, |x| x;
    Min<bool>: bool = true, |x, y| x & y, |x, y| x & y, |x| x;
}
