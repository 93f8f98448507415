//! Layers whose control flow tensors decide: at once, traced and loaded they give the same, which is what Rust gives for
//! numbers.

use holotype::prelude::*;

/// What a layer gives at once; traced and loaded it has to give the same.
fn everywhere(layer: &impl Layer, inputs: &[Tensor]) -> Vec<Tensor> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model");
    let at_once = layer.invoke("call", inputs).unwrap();
    let program = Program::trace(layer).unwrap();
    let traced = program.call(inputs).unwrap();
    holotype::save(layer, &path).unwrap();
    let loaded = holotype::load(&path).unwrap().call(inputs).unwrap();
    for ((left, middle), right) in at_once.iter().zip(&traced).zip(&loaded) {
        let left = left.data().unwrap_or_else(|error| panic!("{error}"));
        assert!(left.same_bits(middle.data().unwrap()), "{left:?} at once, {middle:?} traced");
        assert!(left.same_bits(right.data().unwrap()), "{left:?} at once, {right:?} loaded");
    }
    at_once
}

fn number(tensor: &Tensor) -> f64 {
    tensor.to_scalar().unwrap()
}

/// The names of what the graph of a layer does, functions within functions included.
fn operations(layer: &impl Layer) -> Vec<&'static str> {
    let program = Program::trace(layer).unwrap();
    let functions = &program.graph().functions;
    functions.iter().flat_map(|function| &function.nodes).map(|node| node.operation.name()).collect()
}

#[derive(Module)]
struct Root {
    tolerance: f64,
}

#[layer]
impl Root {
    #[signature(x = [; f64])]
    #[autograph]
    fn call(&self, x: &Tensor) -> Tensor {
        let mut y = x.ones_like();
        while (&y * &y - x).abs() > self.tolerance {
            y = (&y + x / &y) / 2.0;
        }
        y
    }
}

#[test]
fn a_while_is_newtons_method() {
    let root = Root { tolerance: 1e-12 };
    assert!(operations(&root).contains(&"while"));
    for x in [2.0, 1e6, 0.25] {
        let y = number(&everywhere(&root, &[Tensor::from(x)])[0]);
        assert!((y - f64::sqrt(x)).abs() < 1e-6, "{y}");
    }
}

#[derive(Module)]
struct Branches {
    strict: bool,
}

#[layer(autograph)]
impl Branches {
    #[signature(x = [None; f64], scale = [; f64])]
    fn call(&self, x: Tensor, scale: &Tensor) -> (Tensor, Tensor) {
        let mut y = &x * 1.0;
        let sign;
        if x.sum() > 10.0 && !(x.min() < 0.0) {
            y = y * scale;
            sign = scale * 1.0;
        } else if 5.0 < x.sum() || self.strict && x.max() == 3.0 {
            y += &x;
            sign = -scale;
        } else {
            sign = scale * 0.0;
        }
        let moved = if scale >= 0.0 { x } else { -x };
        (y + moved, sign)
    }

    fn helper(limit: usize) -> usize {
        let mut n = 0;
        while n < limit {
            n += 2;
        }
        n
    }
}

fn branches(x: &[f64], scale: f64, strict: bool) -> (Vec<f64>, f64) {
    let sum: f64 = x.iter().sum();
    let least = x.iter().copied().fold(f64::INFINITY, f64::min);
    let most = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (factor, sign) = if sum > 10.0 && least >= 0.0 {
        (scale, scale)
    } else if sum > 5.0 || strict && most == 3.0 {
        (2.0, -scale)
    } else {
        (1.0, 0.0 * scale)
    };
    let moved = if scale >= 0.0 { 1.0 } else { -1.0 };
    (x.iter().map(|x| x * factor + x * moved).collect(), sign)
}

#[test]
fn branches_choose_values_and_change_variables() {
    assert!(operations(&Branches { strict: true }).contains(&"case"));
    assert_eq!(Branches::helper(5), 6);
    let inputs: [&[f64]; 6] =
        [&[5.0, 6.0], &[12.0, -1.0], &[3.0, 3.0], &[1.0, 2.0], &[3.0, 0.0, 1.0], &[3.0, -1.0]];
    for x in inputs {
        for scale in [2.0, -3.0, 0.0] {
            for strict in [true, false] {
                let found =
                    everywhere(&Branches { strict }, &[Tensor::from(x.to_vec()), Tensor::from(scale)]);
                let (values, sign) = branches(x, scale, strict);
                assert_eq!(found[0].to_vec::<f64>().unwrap(), values, "{x:?} {scale} {strict}");
                assert_eq!(number(&found[1]), sign, "{x:?} {scale} {strict}");
            }
        }
    }
}

/// Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014, without biases.
#[derive(Module)]
struct Gru {
    input: Vec<Variable>,
    recurrent: Vec<Variable>,
    over_rows: bool,
}

impl Gru {
    fn new(inputs: usize, units: usize, over_rows: bool) -> Self {
        let weights = |rows: usize| (0..3).map(move |_| Variable::new(init::normal([rows, units]))).collect();
        Self { input: weights(inputs), recurrent: weights(units), over_rows }
    }

    fn step(&self, x: &Tensor, h: &Tensor) -> Tensor {
        let gate = |index: usize, h: &Tensor| x.matmul(&self.input[index]) + h.matmul(&self.recurrent[index]);
        let (reset, update) = (gate(0, h).sigmoid(), gate(1, h).sigmoid());
        let candidate = gate(2, &(reset * h)).tanh();
        &update * h + (1.0 - &update) * candidate
    }
}

#[layer]
impl Gru {
    #[signature(x = [time, batch, None; f32], h = [batch, None; f32], autograph)]
    fn call(&self, x: &Tensor, h: &Tensor) -> Tensor {
        let mut h = h.clone();
        if self.over_rows {
            for row in x {
                h = self.step(&row, &h);
            }
            return h;
        }
        for t in 0..x.dim(0) {
            let row = x.take(t.expand_dims(0), 0).squeeze(0);
            h = self.step(&row, &h);
        }
        h
    }
}

#[test]
fn a_recurrent_layer_goes_over_rows_and_over_a_range() {
    let rows = Gru::new(3, 4, true);
    let range = Gru { input: rows.input.clone(), recurrent: rows.recurrent.clone(), over_rows: false };
    assert!(operations(&rows).contains(&"scan") && operations(&range).contains(&"scan"));
    for time in [0, 1, 5] {
        let (x, h) = (Tensor::randn([time, 2, 3]), Tensor::randn([2, 4]));
        let mut expected = h.clone();
        for t in 0..time {
            expected = rows.step(&x.index_axis(0, t), &expected);
        }
        for layer in [&rows, &range] {
            let found = everywhere(layer, &[x.clone(), h.clone()]).remove(0);
            assert_eq!(found.to_vec::<f32>().unwrap(), expected.to_vec::<f32>().unwrap());
        }
    }
}

#[derive(Module)]
struct Nested {}

#[layer]
impl Nested {
    /// Counts the steps of Collatz's sequence for each number of a range.
    #[autograph]
    #[signature(from = [; i64], to = [; i64])]
    fn call(&self, from: &Tensor, to: &Tensor) -> (Tensor, Tensor) {
        let mut longest = Tensor::from(0_i64);
        let mut best = Tensor::from(0_i64);
        for start in from..to {
            let mut steps = Tensor::from(0_i64);
            let mut n = start.clone();
            while &n > 1 {
                if &n % 2 == 0 {
                    n = &n / 2;
                } else {
                    n = n * 3 + 1;
                }
                steps += 1;
            }
            if steps > &longest {
                longest = steps;
                best = start;
            }
        }
        (best, longest)
    }
}

#[test]
fn branches_nest_in_loops() {
    let found = everywhere(&Nested {}, &[Tensor::from(1_i64), Tensor::from(28_i64)]);
    let values: Vec<i64> = found.iter().map(|value| value.to_scalar().unwrap()).collect();
    assert_eq!(values, [27, 111]);
    let found = everywhere(&Nested {}, &[Tensor::from(3_i64), Tensor::from(3_i64)]);
    assert_eq!(found[0].to_scalar::<i64>().unwrap(), 0);
}

#[derive(Clone, Structure)]
struct Pair {
    left: Tensor,
    right: (Tensor, Vec<Tensor>),
}

#[derive(Module)]
struct Structures {
    count: usize,
    seen: Variable,
}

#[layer(autograph)]
impl Structures {
    #[signature(x = [None; f32], flag = [; bool])]
    fn call(&self, x: &Tensor, flag: &Tensor) -> (Tensor, Tensor, Tensor) {
        let mut pair = Pair { left: x * 1.0, right: (x * 2.0, vec![x * 3.0, x * 4.0]) };
        let mut parts = vec![x.clone(), x + 1.0];
        if flag {
            pair.right.1[0] = x * 5.0;
            parts.swap(0, 1);
            self.seen.assign(&self.seen + 1.0);
        } else {
            pair = Pair { left: -x, ..pair };
        }
        for count in 0..self.count {
            pair.left += count as f32;
        }
        let chosen = if !flag { Pair { left: x.zeros_like(), ..pair.clone() } } else { pair.clone() };
        let Pair { left, right: (middle, rest) } = chosen;
        (left + middle, &rest[0] + &rest[1], &parts[0] - &parts[1])
    }
}

#[test]
fn structures_and_variables_change_in_branches() {
    let layer = Structures { count: 3, seen: Variable::state(Tensor::from(0.0_f32)) };
    let values = |flag: bool| -> Vec<f32> {
        let program = Program::trace(&layer).unwrap();
        let found = program.call(&[Tensor::from([1.0_f32]), Tensor::from(flag)]).unwrap();
        found.iter().flat_map(|value| value.to_vec::<f32>().unwrap()).collect()
    };
    assert_eq!(values(true), [6.0, 9.0, 1.0]);
    assert_eq!(layer.seen.value().to_scalar::<f32>().unwrap(), 1.0);
    assert_eq!(values(false), [2.0, 7.0, -1.0]);
    assert_eq!(layer.seen.value().to_scalar::<f32>().unwrap(), 1.0);
    let (left, _, _) = layer.call(&Tensor::from([1.0_f32]), &Tensor::from(true));
    assert_eq!(left.to_vec::<f32>().unwrap(), [6.0]);
    assert_eq!(layer.seen.value().to_scalar::<f32>().unwrap(), 2.0);
}

/// Rust and graph in one function.
#[autograph]
fn mixed(x: &Tensor, names: &[&str], stop: Option<usize>) -> Tensor {
    let mut total = x.zeros_like();
    for (index, name) in names.iter().enumerate() {
        if stop == Some(index) {
            break;
        }
        if name.is_empty() {
            return total;
        }
        total = if *name == "double" {
            total * 2.0
        } else if total < 10.0 {
            total + x
        } else {
            -total
        };
    }
    total
}

#[test]
fn jumps_that_rust_decides_stay() {
    let run = |names: &[&str], stop| number(&mixed(&Tensor::from(6.0_f64), names, stop));
    assert_eq!(run(&["a", "double", "b"], None), -12.0);
    assert_eq!(run(&["a", "double", "b"], Some(2)), 12.0);
    assert_eq!(run(&["a", "", "b"], None), 6.0);
}

#[derive(Module)]
struct Wrong {
    kind: usize,
}

#[layer(autograph)]
impl Wrong {
    #[signature(x = [2; f32])]
    fn call(&self, x: &Tensor) -> Tensor {
        let mut y = x * 1.0;
        if self.kind == 0 {
            if x > 0.0 {
                y += 1.0;
            }
        } else if self.kind == 1 {
            if x.sum() > 0.0 {
                y = y.sum();
            }
        } else if self.kind == 2 {
            while y.sum() > 0.0 {
                y = y.cast(DType::F64);
            }
        } else if self.kind == 3 {
            for _ in 0..Tensor::from(2.5_f32) {
                y += 1.0;
            }
        } else if self.kind == 4 {
            for row in y.sum() {
                y += row;
            }
        } else {
            let mut again = Tensor::from(true);
            while {
                again = again.logical_not();
                y.sum() > 0.0
            } {
                y -= 1.0;
            }
        }
        y
    }
}

#[test]
fn mistakes_say_where_and_what_to_do() {
    let messages = [
        "if([2; bool]): the condition is one bool, not [2; bool]",
        "`y` is [; f32] after the first branch and [2; f32] after the other",
        "`y` of the state from [2; f32] to [2; f64]",
        "the end of the range is one number of an integer dtype",
        "a tensor without dimensions has no rows",
        "the condition changes `again`",
    ];
    for (kind, message) in messages.iter().enumerate() {
        let error = Program::trace(&Wrong { kind }).unwrap_err().to_string();
        assert!(error.contains(message), "{kind}: {error}");
        assert!(error.contains("tests/autograph/tensors.rs"), "{kind}: {error}");
    }
    let x = Tensor::from([1.0_f32, 2.0]);
    for kind in [0, 2, 3, 4] {
        let error = Wrong { kind }.call(&x).error().unwrap().to_string();
        assert!(error.contains(messages[kind]), "{kind}: {error}");
    }
}
