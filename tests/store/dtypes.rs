//! Every dtype as variable, input and output, with the same bits each time.

use std::collections::BTreeSet;

use holotype::graph::Role;
use holotype::prelude::*;
use holotype::store::Load;

fn numbers(sizes: &[usize]) -> Tensor {
    Tensor::from_vec(sizes, (0..sizes.iter().product()).map(|i: usize| i as f32).collect())
}

fn assert_same(left: &Tensor, right: &Tensor, what: &str) {
    let (left, right) = (left.data().unwrap(), right.data().unwrap());
    assert!(left.same_bits(right), "{what}: {left:?} and {right:?}");
}

/// A variable, and the input, each as it is.
#[derive(Module)]
struct Keeper {
    kept: Variable,
}

#[layer]
impl Keeper {
    #[signature(x = [None; any])]
    fn call(&self, x: &Tensor) -> (Tensor, Tensor) {
        (x.clone(), self.kept.value())
    }

    #[signature(x = [None, 0; any])]
    fn keep_nothing(&self, x: &Tensor) -> Tensor {
        x.clone()
    }
}

/// The values of each dtype that are easily lost: extremes, zeros of both signs, infinities, payloads of NaN.
fn edges() -> Vec<Tensor> {
    use half::{bf16, f16};
    let f32s =
        [0, 0x8000_0000, 1, 0x7f7f_ffff, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc0_1234, 0x7f80_0001];
    let f64s = [
        0,
        1 << 63,
        1,
        0x7fef_ffff_ffff_ffff,
        0x7ff0 << 48,
        0xfff0 << 48,
        0x7ff8 << 48,
        0xfff8_0000_dead_beef,
    ];
    let f16s = [0, 0x8000, 1, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0xfe12, 0x7c01];
    let bf16s = [0, 0x8000, 1, 0x7f7f, 0x7f80, 0xff80, 0x7fc0, 0xffc3, 0x7f81];
    vec![
        Tensor::from(f32s.map(f32::from_bits).to_vec()),
        Tensor::from(f64s.map(f64::from_bits).to_vec()),
        Tensor::from(f16s.map(f16::from_bits).to_vec()),
        Tensor::from(bf16s.map(bf16::from_bits).to_vec()),
        Tensor::from(vec![i8::MIN, -1, 0, i8::MAX]),
        Tensor::from(vec![i16::MIN, -1, 0, i16::MAX]),
        Tensor::from(vec![i32::MIN, -1, 0, i32::MAX]),
        Tensor::from(vec![i64::MIN, -1, 0, i64::MAX]),
        Tensor::from(vec![0, u8::MAX]),
        Tensor::from(vec![0, u16::MAX]),
        Tensor::from(vec![0, u32::MAX]),
        Tensor::from(vec![0, u64::MAX]),
        Tensor::from(vec![true, false, true]),
    ]
}

#[test]
fn every_dtype_as_variable_input_and_output() {
    let directory = tempfile::tempdir().unwrap();
    let dtypes: BTreeSet<DType> = edges().iter().map(Tensor::dtype).collect();
    assert_eq!(dtypes, DType::ALL.into_iter().collect());
    for value in edges() {
        let dtype = value.dtype();
        let twice = Tensor::concatenate(&[&value, &value], 0);
        let empty = numbers(&[0]).cast(dtype);
        for (kept, input) in
            [(value.clone(), twice), (empty.clone(), value), (numbers(&[1, 2, 0]).cast(dtype), empty)]
        {
            let model = Keeper { kept: Variable::with_role(kept.clone(), Role::State) };
            holotype::save(&model, directory.path()).unwrap();
            let load = |load: Load| load.load(directory.path()).unwrap();
            for program in [load(Load::new()), load(Load::new().copied())] {
                let outputs = program.call(std::slice::from_ref(&input)).unwrap();
                assert_same(&outputs[0], &input, dtype.name());
                assert_same(&outputs[1], &kept, dtype.name());
                let nothing = numbers(&[4, 0]).cast(dtype);
                let outputs = program.call_function("keep_nothing", std::slice::from_ref(&nothing)).unwrap();
                assert_same(&outputs[0], &nothing, dtype.name());
            }
            let restored: Keeper = holotype::restore(directory.path()).unwrap();
            assert_same(&restored.kept.value(), &kept, dtype.name());
        }
    }
}
