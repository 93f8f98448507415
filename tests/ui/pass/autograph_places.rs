//! Functions in functions, methods, modules and macros, with raw identifiers and shadowed names.

mod inner {
    #![allow(dead_code)]

    enum Option {}
    enum Result {}
    enum Some {}
    struct Vec;
    mod core {}
    mod std {}

    #[holotype::autograph]
    pub(super) fn shadowed(x: &holotype::Tensor) -> holotype::Tensor {
        let mut r#type = x.clone();
        let tensors = 1.0;
        let choice = 2.0;
        let rounds = 3.0;
        if x > tensors {
            r#type = r#type + choice;
        }
        for items in 0..3 {
            if items > 1 {
                r#type = r#type * rounds;
            }
        }
        r#type
    }
}

macro_rules! absolute {
    ($name:ident, $x:ident, $limit:expr) => {
        #[holotype::autograph]
        fn $name($x: &holotype::Tensor) -> holotype::Tensor {
            let mut y = $x.clone();
            if $x < $limit {
                y = -y;
            }
            y
        }
    };
}

absolute!(absolute, x, 0.0);

struct Counter {
    state: holotype::Tensor,
    seen: usize,
}

impl Counter {
    #[holotype::autograph]
    fn add(&mut self, x: &holotype::Tensor) -> &mut Self {
        if x > 0.0 {
            self.state = &self.state + x;
        }
        if self.seen < 2 {
            self.seen += 1;
        }
        self
    }
}

trait Halve {
    fn halve(&self) -> Self;
}

impl Halve for holotype::Tensor {
    #[holotype::autograph]
    fn halve(&self) -> Self {
        let mut y = self.clone();
        while y > 1.0 {
            y = y / 2.0;
        }
        y
    }
}

fn number(x: &holotype::Tensor) -> f32 {
    x.to_scalar().unwrap()
}

fn main() {
    #[holotype::autograph]
    fn local<T: PartialOrd + Copy>(a: T, b: T) -> T {
        if a < b { b } else { a }
    }

    assert_eq!(local(1, 2), 2);
    let x = holotype::Tensor::from(5.0_f32);
    assert_eq!(number(&inner::shadowed(&x)), 21.0);
    assert_eq!(number(&absolute(&-&x)), 5.0);
    assert_eq!(number(&x.halve()), 0.625);
    let mut counter = Counter { state: x.zeros_like(), seen: 0 };
    counter.add(&x).add(&-&x).add(&x);
    assert_eq!((number(&counter.state), counter.seen), (10.0, 2));
}
