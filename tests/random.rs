//! Random numbers: those of an independent Philox, `oracles/distributions.txt`, which `oracles/distributions.py` wrote; distributions by
//! the tests of Kolmogorov and Smirnov and of Pearson, with fixed seeds; and the same numbers eager and traced.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use holotype::prelude::*;

/// What of a distribution is in a line of the file.
struct Drawn<'a> {
    name: &'a str,
    seed: u64,
    attributes: Vec<&'a str>,
    dtype: DType,
    numbers: Vec<&'a str>,
}

impl<'a> Drawn<'a> {
    fn read(line: &'a str) -> Self {
        let words: Vec<_> = line.split(' ').collect();
        let [name, seed, attributes @ .., dtype, numbers] = words.as_slice() else { panic!("{line}") };
        Self {
            name,
            seed: seed.parse().unwrap(),
            attributes: attributes.iter().map(|attribute| attribute.split_once('=').unwrap().1).collect(),
            dtype: dtype.parse().unwrap(),
            numbers: numbers.split(',').collect(),
        }
    }

    fn draw(&self) -> Tensor {
        let (generator, count) = (Generator::new(self.seed), self.numbers.len());
        let int = |place: usize| self.attributes[place].parse::<i64>().unwrap();
        match self.name {
            "uniform" => generator.uniform_as(self.dtype, [count]),
            "integers" => generator.integers(self.dtype, int(0), int(1), [count]),
            "bernoulli" => generator.bernoulli(self.attributes[0].parse::<f64>().unwrap(), [count]),
            "permutation" => generator.permutation(count),
            "gumbel" => generator.gumbel([count]),
            "categorical" => {
                generator.categorical(&Tensor::from([0.0_f32, 1.0, -1.0, 0.5]).broadcast_to([count, 4]))
            }
            "exponential" => generator.exponential([count]),
            "truncated_normal" => generator.truncated_normal([count]),
            "normal" => generator.normal_as(self.dtype, [count]),
            other => panic!("{other} is in the file but not in the test"),
        }
    }

    /// How far numbers may be from those that `f64` gives: none where they are made of bits alone; that of the rounding of
    /// the words, where those go through logarithms and cosines.
    fn tolerance(&self) -> f64 {
        match (self.name, self.dtype) {
            ("gumbel" | "exponential" | "truncated_normal" | "normal", DType::F32) => 2e-6,
            ("normal", DType::F64) => 1e-14,
            _ => 0.0,
        }
    }
}

#[test]
fn numbers_are_those_of_another_philox() {
    let mut lines = 0;
    for line in include_str!("oracles/distributions.txt").lines() {
        let drawn = Drawn::read(line);
        let found = drawn.draw();
        assert_eq!(found.dtype(), drawn.dtype, "{line}");
        if drawn.dtype.is_float() {
            let found = found.cast(DType::F64).to_vec::<f64>().unwrap();
            for (found, expected) in found.iter().zip(&drawn.numbers) {
                let expected: f64 = expected.parse().unwrap();
                let apart = (found - expected).abs();
                assert!(
                    apart <= drawn.tolerance() * (1.0 + expected.abs()),
                    "{found} instead of {expected}: {line}"
                );
            }
        } else if drawn.dtype == DType::U64 {
            let found = found.to_vec::<u64>().unwrap();
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), drawn.numbers, "{line}");
        } else {
            let found = found.cast(DType::I64).to_vec::<i64>().unwrap();
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), drawn.numbers, "{line}");
        }
        lines += 1;
    }
    assert!(lines > 40, "{lines} lines");
}

const COUNT: usize = 20_000;

/// The greatest distance of the distribution of the numbers from a distribution function, times the root of their number.
/// By Kolmogorov, that is above 2 with a probability of 0.0007.
fn kolmogorov(x: &Tensor, distribution: impl Fn(f64) -> f64) -> f64 {
    let mut x = x.cast(DType::F64).to_vec::<f64>().unwrap();
    x.sort_by(f64::total_cmp);
    let count = x.len() as f64;
    let apart = |(place, &x): (usize, &f64)| {
        let expected = distribution(x);
        (expected - place as f64 / count).max((place + 1) as f64 / count - expected)
    };
    x.iter().enumerate().map(apart).fold(0.0, f64::max) * count.sqrt()
}

/// Pearson's sum of squares of distances from what is expected, less its mean, over its standard deviation.
fn pearson(counts: &[i64], expected: &[f64]) -> f64 {
    let sum: f64 =
        counts.iter().zip(expected).map(|(&n, &expected)| (n as f64 - expected).powi(2) / expected).sum();
    let freedom = (counts.len() - 1) as f64;
    (sum - freedom) / (2.0 * freedom).sqrt()
}

fn normal(x: f64) -> f64 {
    let erf = (Tensor::scalar(x) * std::f64::consts::FRAC_1_SQRT_2).erf().to_scalar::<f64>().unwrap();
    f64::midpoint(1.0, erf)
}

#[test]
fn numbers_have_the_distributions_that_they_are_named_after() {
    let limit = 2.0;
    for seed in [11, 12] {
        let generator = Generator::new(seed);
        let uniform = |x: f64| x.clamp(0.0, 1.0);
        for dtype in [DType::F32, DType::F64] {
            assert!(kolmogorov(&generator.uniform_as(dtype, [COUNT]), uniform) < limit, "seed {seed}");
            assert!(kolmogorov(&generator.normal_as(dtype, [COUNT]), normal) < limit, "seed {seed}");
        }
        let between = generator.uniform_between(-3.0, Tensor::from([1.0_f32]), [COUNT]);
        assert!(kolmogorov(&between, |x| (x + 3.0) / 4.0) < limit, "seed {seed}");
        assert!(kolmogorov(&generator.exponential([COUNT]), |x| 1.0 - (-x).exp()) < limit, "seed {seed}");
        assert!(kolmogorov(&generator.gumbel([COUNT]), |x| (-(-x).exp()).exp()) < limit, "seed {seed}");
        let truncated = generator.truncated_normal([COUNT]);
        let part = |x: f64| (normal(x) - normal(-2.0)) / (normal(2.0) - normal(-2.0));
        assert!(kolmogorov(&truncated, part) < limit, "seed {seed}");
        assert!(truncated.abs().max().to_scalar::<f32>().unwrap() <= 2.0);
    }
}

#[test]
fn choices_are_as_likely_as_they_should_be() {
    // Pearson's sum is near its mean: four standard deviations are exceeded with a probability below 0.001.
    let limit = 4.0;
    let generator = Generator::new(21);
    let dice = generator.integers(DType::I64, 0, 6, [COUNT]).bincount(6).to_vec::<i64>().unwrap();
    assert!(pearson(&dice, &[COUNT as f64 / 6.0; 6]) < limit, "{dice:?}");
    let logits = Tensor::from([0.0_f32, 2.0_f32.ln(), 5.0_f32.ln(), f32::NEG_INFINITY]);
    let drawn = generator.categorical(&logits.broadcast_to([COUNT, 4])).bincount(4).to_vec::<i64>().unwrap();
    assert_eq!(drawn[3], 0);
    let expected = [0.125, 0.25, 0.625].map(|share| share * COUNT as f64);
    assert!(pearson(&drawn[..3], &expected) < limit, "{drawn:?}");
    let mut orders = [0_i64; 27];
    for _ in 0..3000 {
        let order = generator.permutation(3).to_vec::<i64>().unwrap();
        orders[(order[0] * 9 + order[1] * 3 + order[2]) as usize] += 1;
    }
    let seen: Vec<_> = orders.into_iter().filter(|count| *count > 0).collect();
    assert_eq!(seen.len(), 6);
    assert!(pearson(&seen, &[500.0; 6]) < limit, "{seen:?}");
    let truths =
        generator.bernoulli(Tensor::from([0.2_f32]), [COUNT]).count_nonzero().to_scalar::<i64>().unwrap();
    // Five standard deviations of a binomial.
    assert!((truths as f64 - 0.2 * COUNT as f64).abs() < 5.0 * (0.16 * COUNT as f64).sqrt(), "{truths}");
}

/// Everything that is drawn, of sizes that are known in a call only.
#[derive(Module)]
struct Draws {
    generator: Generator,
}

#[layer]
impl Draws {
    #[signature(like = [n, None; f32])]
    fn call(&self, like: &Tensor) -> (Tensor, Tensor, Tensor, Tensor, Tensor) {
        let (generator, shape) = (&self.generator, like.shape());
        let drawn = [
            generator.uniform_between(-1.0, 1.0, shape.clone()),
            generator.truncated_normal(shape.clone()),
            generator.gumbel(shape.clone()),
            generator.exponential(shape.clone()),
        ];
        let [a, b, c, d] = &drawn;
        let (integers, doubles) =
            (generator.integers(DType::I16, -3, 1000, shape.clone()), generator.normal_as(DType::F64, shape));
        let sum = Tensor::stack(&[a, b, c, d], 0);
        (sum, integers, doubles, generator.categorical(like), generator.shuffle(like, 0))
    }
}

#[test]
fn a_saved_model_draws_what_the_code_draws() {
    let like = Tensor::from([[0.0_f32, 1.0, 2.0], [3.0, -1.0, 0.0]]);
    let directory = tempfile::tempdir().unwrap();
    let draws = Draws { generator: Generator::new(77) };
    holotype::save(&draws, directory.path()).unwrap();
    let loaded = holotype::load(directory.path()).unwrap();
    for _ in 0..2 {
        let (a, b, c, d, e) = draws.call(&like);
        for (eager, loaded) in [a, b, c, d, e].iter().zip(loaded.call(std::slice::from_ref(&like)).unwrap()) {
            assert!(eager.data().unwrap().same_bits(loaded.data().unwrap()), "{eager:?} and {loaded:?}");
        }
    }
}
