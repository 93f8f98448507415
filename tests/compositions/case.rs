//! The cases of `oracles/compositions.txt`.

use std::collections::BTreeMap;

use holotype::prelude::*;

/// The lines of one case by key.
pub struct Case<'a> {
    pub line: usize,
    pub name: &'a str,
    attributes: BTreeMap<&'a str, &'a str>,
    tensors: BTreeMap<&'a str, &'a str>,
}

impl<'a> Case<'a> {
    pub fn all(text: &'a str) -> Vec<Self> {
        let mut cases: Vec<Self> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let Some((key, rest)) = line.split_once(' ') else { continue };
            match (key, cases.last_mut()) {
                ("#", _) => {}
                ("case", _) => cases.push(Self {
                    line: number + 1,
                    name: rest,
                    attributes: BTreeMap::new(),
                    tensors: BTreeMap::new(),
                }),
                ("attribute", Some(case)) => case.attributes.extend(rest.split_once(' ')),
                (key, Some(case)) => drop(case.tensors.insert(key, rest)),
                (key, None) => panic!("line {}: {key} belongs to no case", number + 1),
            }
        }
        cases
    }

    pub fn text(&self, key: &str) -> &'a str {
        self.attributes[key]
    }

    pub fn number(&self, key: &str) -> f64 {
        self.attributes[key].parse().unwrap()
    }

    /// The number, where it is written.
    pub fn optional(&self, key: &str) -> Option<f64> {
        self.attributes.get(key).map(|text| text.parse().unwrap())
    }

    pub fn int(&self, key: &str) -> isize {
        self.attributes[key].parse().unwrap()
    }

    pub fn count(&self, key: &str) -> usize {
        self.attributes[key].parse().unwrap()
    }

    pub fn list(&self, key: &str) -> Vec<isize> {
        list(self.attributes[key])
    }

    pub fn counts(&self, key: &str) -> Vec<usize> {
        list(self.attributes[key])
    }

    /// The tensors `x0`, `x1`, … of a kind.
    pub fn tensors(&self, kind: &str) -> Vec<Tensor> {
        (0..)
            .map_while(|number| self.tensors.get(format!("{kind}{number}").as_str()))
            .map(|text| tensor(text))
            .collect()
    }

    pub fn cotangent(&self) -> Option<Tensor> {
        self.tensors.get("cotangent").map(|text| tensor(text))
    }
}

fn list<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    if text == "-" { Vec::new() } else { text.split(',').map(|number| number.parse().unwrap()).collect() }
}

fn tensor(text: &str) -> Tensor {
    let [dtype, sizes, elements] = text.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let sizes: Vec<usize> = list(sizes);
    match dtype.parse().unwrap() {
        DType::F64 => Tensor::from_vec(sizes, list::<f64>(elements)),
        dtype => Tensor::from_vec(sizes, list::<i64>(elements)).cast(dtype),
    }
}
