//! Tensors as users meet them: broadcasting, operators, errors that wait, and arrays in and out.

#![allow(clippy::unwrap_used)]

use half::{bf16, f16};
use holotype::prelude::*;
use holotype::tensor::Element;
use ndarray::{Array0, ArrayD, Axis, Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn};
use proptest::prelude::*;

/// What two shapes broadcast to, found by `ndarray`; none if they do not.
fn broadcast(left: &[usize], right: &[usize]) -> Option<Vec<usize>> {
    let rank = left.len().max(right.len());
    let aligned =
        |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis]);
    // The only candidate, which `ndarray` then has to accept for both.
    let target: Vec<_> = (0..rank)
        .map(|axis| match (aligned(left, axis), aligned(right, axis)) {
            (1, size) | (size, _) => size,
        })
        .collect();
    let fits = |shape: &[usize]| ArrayD::<u8>::zeros(shape).broadcast(target.as_slice()).is_some();
    (fits(left) && fits(right)).then_some(target)
}

fn counted(sizes: &[usize], first: i64) -> ArrayD<i64> {
    let count: usize = sizes.iter().product();
    ArrayD::from_shape_vec(sizes, (first..).take(count).collect()).unwrap()
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![Just(0_usize), Just(1), Just(2), Just(3)], 0..5)
}

/// Two shapes that mostly broadcast: the second is the first with some sizes 1 and some dimensions cut off in front.
fn pairs() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    (sizes(), any::<u8>(), 0..3_usize, any::<bool>(), sizes()).prop_map(|(left, ones, cut, swap, other)| {
        let right = left.iter().enumerate().skip(cut);
        let right: Vec<_> = right.map(|(axis, &size)| if ones >> axis & 1 == 1 { 1 } else { size }).collect();
        let right = if ones > 200 { other } else { right };
        if swap { (right, left) } else { (left, right) }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn operators_broadcast_as_ndarray_does((left, right) in pairs()) {
        let (a, b) = (counted(&left, 1), counted(&right, 100));
        let (x, y) = (Tensor::from(&a), Tensor::from(&b));
        let found = &x * &y;
        if let Some(target) = broadcast(&left, &right) {
            let stretch = |array: &ArrayD<i64>| array.broadcast(target.as_slice()).unwrap().to_owned();
            prop_assert_eq!(found.to_array::<i64>().unwrap(), stretch(&a) * stretch(&b));
            let less = x.greater_equal(&y).select(&y, &x).to_array::<i64>().unwrap();
            prop_assert_eq!(less, stretch(&a));
        } else {
            let error = found.ok().unwrap_err().to_string();
            prop_assert!(error.starts_with("multiply(") && error.contains("cannot be broadcast"), "{}", error);
        }
    }

    #[test]
    fn a_tensor_broadcasts_to_a_shape_as_an_array_does((own, target) in pairs()) {
        let array = counted(&own, 1);
        let found = Tensor::from(&array).broadcast_to(target.clone());
        match array.broadcast(target.as_slice()) {
            Some(expected) => prop_assert_eq!(found.to_array::<i64>().unwrap(), expected.to_owned()),
            None => prop_assert!(found.ok().unwrap_err().to_string().starts_with("broadcast_to([")),
        }
    }

    #[test]
    fn sums_along_axes_are_those_of_ndarray(own in sizes(), mask in any::<u8>()) {
        let array = counted(&own, -5);
        let axes: Vec<_> = (0..own.len()).filter(|axis| mask >> axis & 1 == 1).collect();
        let expected = axes.iter().rev().fold(array.clone(), |array, &axis| array.sum_axis(Axis(axis)));
        let numbers: Vec<isize> = axes.iter().map(|&axis| axis.cast_signed() - own.len().cast_signed()).collect();
        let found = Tensor::from(&array).sum_axis(numbers);
        prop_assert_eq!(found.to_array::<i64>().unwrap(), expected);
    }
}

#[test]
fn the_first_error_comes_out_of_a_long_chain() {
    let (x, y) = (Tensor::zeros([2, 3]), Tensor::zeros([4]));
    let wrong = &x + &y; // the mistake
    let line =
        1 + include_str!("tensor.rs").lines().position(|line| line.ends_with("// the mistake")).unwrap();
    let expected = wrong.clone().ok().unwrap_err().to_string();
    assert!(
        expected.starts_with("add([2, 3; f32], [4; f32]): the shapes [2, 3] and [4] cannot be broadcast"),
        "{expected}"
    );
    assert!(expected.ends_with(&format!("\n  at tests/tensor.rs:{line}:17")), "{expected}");
    let other_mistake = &x - Tensor::from([1_i32]);
    let mut chain = wrong;
    for step in 0..1000 {
        chain = match step % 10 {
            0 => &chain * 2.0,
            1 => 1.0 - &chain,
            2 => chain.exp().reshape([-1]),
            3 => (&chain / &x).sum_axis([0, 1]),
            4 => chain.cast(DType::I8).equal(3),
            5 => x.greater(0.0).select(&chain, &x),
            6 => chain.broadcast_to([7, 7]),
            7 => -chain.maximum(&y).max(),
            8 => &chain + &other_mistake,
            _ => &x + &chain,
        };
    }
    let reads = [
        chain.to_array::<f32>().map(drop),
        chain.to_vec::<i64>().map(drop),
        chain.to_scalar::<bool>().map(drop),
        chain.data().map(drop),
        chain.clone().into_array::<f32>().map(drop),
        chain.clone().into_data().map(drop),
    ];
    for read in reads {
        assert_eq!(read.unwrap_err().to_string(), expected);
    }
    assert_eq!(chain.to_string(), format!("failed tensor: {expected}"));
    let variable = Variable::new(chain.clone());
    assert_eq!(variable.data().unwrap_err().to_string(), expected);
    assert_eq!((variable.value() + 1.0).ok().unwrap_err().to_string(), expected);
}

#[test]
fn an_error_names_the_line_of_each_operator() {
    let (x, y) = (Tensor::zeros([2]), Tensor::from([true]));
    let line = line!() + 2;
    let errors = [
        &x + &y,
        &x - &y,
        &x * &y,
        &x / &y,
        x.pow(&y),
        x.maximum(&y),
        x.less(&y),
        -&y,
        y.sin(),
        y.sum(),
        x.sum_axis(1),
        x.reshape([3]),
        x.reshape([-1, -1]),
        x.broadcast_to([3]),
        x.select(&x, &x),
        x.logical_not(),
    ];
    for (index, error) in errors.into_iter().enumerate() {
        let error = error.ok().unwrap_err().to_string();
        let expected = format!("\n  at tests/tensor.rs:{}:", line as usize + index);
        assert!(error.contains(&expected), "{error} is not {expected}");
    }
}

#[test]
fn a_variable_that_gets_another_type_keeps_its_value_and_carries_the_error() {
    let variable = Variable::new(Tensor::from([1.0_f32, 2.0]));
    variable.assign(Tensor::from([1.0_f32]));
    let error = variable.data().unwrap_err().to_string();
    assert!(error.starts_with("assign([1; f32]): the variable made at tests/tensor.rs:"), "{error}");
    variable.assign(Tensor::from([3.0_f32, 4.0]));
    assert_eq!(variable.value().to_vec::<f32>().unwrap(), [3.0, 4.0]);
}

/// Every operator with tensors, references, variables and numbers on either side, for one dtype.
fn operators<T: Element + holotype::ops::Operand>(number: fn(i64) -> T) {
    let six = || Tensor::from([number(6), number(6)]);
    let (two, row) = (number(2), Tensor::from([[number(2)], [number(3)]]));
    let (v6, v2) = (Variable::new(six()), Variable::new(row.clone()));
    let is = |found: Tensor, expected: [i64; 4], what: &str| {
        assert_eq!(found.dtype(), T::DTYPE, "{what}");
        let expected = expected.map(number).to_vec();
        let found = found.broadcast_to([2, 2]).to_vec::<T>().unwrap();
        assert_eq!(found, expected, "{what} of {}", T::DTYPE);
    };
    macro_rules! check {
        ($op:tt, $by_row:expr, $by_two:expr, $two_by:expr) => {
            let what = stringify!($op);
            is(six() $op row.clone(), $by_row, what);
            is(six() $op &row, $by_row, what);
            is(&six() $op row.clone(), $by_row, what);
            is(&six() $op &row, $by_row, what);
            is(&v6 $op &v2, $by_row, what);
            is(v6.clone() $op v2.clone(), $by_row, what);
            is(&v6 $op &row, $by_row, what);
            is(v6.clone() $op row.clone(), $by_row, what);
            is(six() $op &v2, $by_row, what);
            is(&six() $op v2.clone(), $by_row, what);
            is(six() $op two, $by_two, what);
            is(&six() $op two, $by_two, what);
            is(&v6 $op two, $by_two, what);
            is(v6.clone() $op two, $by_two, what);
            // Integers meet every numeric dtype.
            is(&six() $op 2, $by_two, what);
            is(&six() $op 2_u8, $by_two, what);
            is(&six() $op 2_usize, $by_two, what);
            is(12 $op &six(), $two_by, what);
            is(12 $op six(), $two_by, what);
            is(12 $op &v6, $two_by, what);
            is(12 $op v6.clone(), $two_by, what);
        };
    }
    check!(+, [8, 8, 9, 9], [8; 4], [18; 4]);
    check!(-, [4, 4, 3, 3], [4; 4], [6; 4]);
    check!(*, [12, 12, 18, 18], [12; 4], [72; 4]);
    check!(/, [3, 3, 2, 2], [3; 4], [2; 4]);
}

#[test]
fn operators_take_tensors_variables_and_numbers_of_every_dtype() {
    operators::<f32>(|n| n as f32);
    operators::<f64>(|n| n as f64);
    operators::<f16>(|n| f16::from_f32(n as f32));
    operators::<bf16>(|n| bf16::from_f32(n as f32));
    operators::<i8>(|n| n as i8);
    operators::<i16>(|n| n as i16);
    operators::<i32>(|n| n as i32);
    operators::<i64>(|n| n);
    operators::<u8>(|n| n as u8);
    operators::<u16>(|n| n as u16);
    operators::<u32>(|n| n as u32);
    operators::<u64>(|n| n as u64);
}

#[test]
fn floats_meet_float_tensors_of_every_dtype_and_are_rounded_once() {
    for dtype in DType::ALL.into_iter().filter(|dtype| dtype.is_float()) {
        let x = Tensor::from([1.0_f64]).cast(dtype);
        for sum in [&x + 0.1, 0.1 + &x, &x + 0.1_f32 as f64] {
            assert_eq!(sum.dtype(), dtype);
        }
        let exact = (&x * 0.1).cast(DType::F64).to_scalar::<f64>().unwrap();
        let rounded = Tensor::scalar(0.1_f64).cast(dtype).cast(DType::F64).to_scalar::<f64>().unwrap();
        assert_eq!(exact, rounded, "{dtype}");
    }
}

#[test]
fn numbers_that_the_dtype_cannot_hold_are_refused() {
    let says = |tensor: Tensor, words: &str| {
        let error = tensor.ok().unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("at tests/tensor.rs:"), "{error}");
    };
    let (ints, bytes, truth) = (Tensor::from([1_i32]), Tensor::from([1_u8]), Tensor::from([true]));
    says(&ints + 0.5, "the float 0.5 meets a i32 tensor: cast the tensor to a float dtype first");
    says(0.5 * &ints, "the float 0.5 meets a i32 tensor");
    says(&bytes + 256, "the integer 256 does not fit the dtype u8");
    says(&bytes - -1, "the integer -1 does not fit the dtype u8");
    says(300 - &bytes, "the integer 300 does not fit the dtype u8");
    says(&truth + 1, "the integer 1 does not fit the dtype bool");
    says(&truth + &truth, "it takes numeric tensors, not bool");
    says(&ints + true, "the truth value true meets a i32 tensor");
    says(&ints + &bytes, "the dtypes i32 and u8 differ: convert one with `.cast(DType::I32)`");
}

/// Arrays of rank 0 to 6 of one dtype come and go, also those whose memory is in another order.
fn arrays<T: Element>(number: fn(usize) -> T) {
    for rank in 0..=6 {
        let sizes: Vec<usize> = (0..rank).map(|axis| axis % 3 + 1).collect();
        let count: usize = sizes.iter().product();
        let array = ArrayD::from_shape_vec(IxDyn(&sizes), (0..count).map(number).collect()).unwrap();
        macro_rules! rank {
            ($($ix:ty),*) => {$(
                if let Ok(array) = array.clone().into_dimensionality::<$ix>() {
                    let reversed = array.view().reversed_axes().to_owned();
                    for array in [array.clone(), array.clone().reversed_axes(), reversed] {
                        let expected = array.clone().into_dyn();
                        for tensor in [Tensor::from(&array), Tensor::from(array.view()), Tensor::from(array.clone())] {
                            assert_eq!((tensor.dtype(), tensor.rank()), (T::DTYPE, rank));
                            assert_eq!(tensor.to_array::<T>().unwrap(), expected);
                            assert_eq!(tensor.to_vec::<T>().unwrap(), expected.iter().copied().collect::<Vec<_>>());
                            assert_eq!(tensor.into_array::<T>().unwrap(), expected);
                        }
                    }
                }
            )*};
        }
        rank!(Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn);
        let empty =
            ArrayD::<T>::from_shape_vec(IxDyn(&[sizes.as_slice(), &[0]].concat()), Vec::new()).unwrap();
        assert_eq!(Tensor::from(empty.clone()).into_array::<T>().unwrap(), empty);
    }
    let scalar = Array0::from_elem((), number(1));
    assert_eq!(Tensor::from(scalar).to_scalar::<T>().unwrap(), number(1));
    let other = if T::DTYPE == DType::U8 { DType::U16 } else { DType::U8 };
    let error = Tensor::from([number(1)]).cast(other).to_vec::<T>().unwrap_err().to_string();
    assert!(error.contains(&format!("[1; {other}]")) && error.contains("cast"), "{error}");
}

#[test]
fn arrays_of_every_dtype_and_rank_come_and_go() {
    arrays::<f32>(|n| n as f32 - 0.5);
    arrays::<f64>(|n| n as f64 - 0.5);
    arrays::<f16>(|n| f16::from_f32(n as f32 - 0.5));
    arrays::<bf16>(|n| bf16::from_f32(n as f32 - 0.5));
    arrays::<i8>(|n| n as i8);
    arrays::<i16>(|n| n as i16);
    arrays::<i32>(|n| n as i32);
    arrays::<i64>(|n| n as i64);
    arrays::<u8>(|n| n as u8);
    arrays::<u16>(|n| n as u16);
    arrays::<u32>(|n| n as u32);
    arrays::<u64>(|n| n as u64);
    arrays::<bool>(|n| n % 3 == 1);
}

#[test]
fn an_array_goes_in_and_out_without_a_copy() {
    let array = ArrayD::<f32>::zeros(IxDyn(&[4, 5]));
    let before = array.as_ptr();
    let tensor = Tensor::from(array);
    assert_eq!(tensor.data().unwrap().view::<f32>().unwrap().as_ptr(), before);
    assert_eq!(tensor.into_array::<f32>().unwrap().as_ptr(), before);
}

/// NaNs and infinities with all their bits.
#[test]
fn every_bit_of_a_float_survives() {
    let bits = [0x7fc0_1234_u32, 0xffc0_0001, 0x7f80_0001, 0x8000_0000, 0x7f80_0000, 1];
    let array = ndarray::Array1::from_iter(bits.map(f32::from_bits));
    let found = Tensor::from(array).reshape([2, 3]).into_array::<f32>().unwrap();
    assert_eq!(found.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), bits);
}
