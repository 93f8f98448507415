//! The ops on shapes and indices against NumPy and JAX: the cases of `oracles/shapes.txt`, which `oracles/shapes.py` wrote.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use holotype::ops::{Combine, IndexDimensions, OutOfBounds};
use holotype::prelude::*;

/// The lines of one case by key.
struct Case<'a> {
    line: usize,
    kind: &'a str,
    fields: BTreeMap<&'a str, &'a str>,
}

impl<'a> Case<'a> {
    fn all(text: &'a str) -> Vec<Self> {
        let mut cases: Vec<Self> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let Some((key, rest)) = line.split_once(' ') else { continue };
            match key {
                "#" => {}
                "case" => cases.push(Self { line: number + 1, kind: rest, fields: BTreeMap::new() }),
                _ => drop(cases.last_mut().unwrap().fields.insert(key, rest)),
            }
        }
        cases
    }

    fn list(&self, key: &str) -> Vec<i64> {
        list(self.fields[key])
    }

    fn dims(&self, key: &str) -> Vec<usize> {
        self.list(key).into_iter().map(|number| usize::try_from(number).unwrap()).collect()
    }

    fn tensor(&self, key: &str) -> Tensor {
        let parts: Vec<_> = self.fields[key].split(' ').collect();
        let sizes: Vec<_> = list(parts[1]).into_iter().map(|size| usize::try_from(size).unwrap()).collect();
        Tensor::from_vec(sizes, list(parts[2])).cast(parts[0].parse().unwrap())
    }

    fn dimensions(&self) -> (IndexDimensions, OutOfBounds) {
        let dimensions = IndexDimensions {
            offset_dims: self.dims("offset_dims"),
            collapsed_slice_dims: self.dims("collapsed_slice_dims"),
            operand_batching_dims: self.dims("operand_batching_dims"),
            start_indices_batching_dims: self.dims("start_indices_batching_dims"),
            start_index_map: self.dims("start_index_map"),
            index_vector_dim: self.dims("index_vector_dim")[0],
        };
        let bounds = match self.fields["out_of_bounds"] {
            "clamp" => OutOfBounds::Clamp,
            _ => OutOfBounds::Drop,
        };
        (dimensions, bounds)
    }

    fn combine(&self) -> Combine {
        match self.fields["combine"] {
            "set" => Combine::Set,
            "add" => Combine::Add,
            "multiply" => Combine::Multiply,
            "min" => Combine::Min,
            "max" => Combine::Max,
            other => panic!("line {}: {other}", self.line),
        }
    }

    fn run(&self) -> Tensor {
        match self.kind {
            "matmul" => self.tensor("left").matmul(self.tensor("right")),
            "dot_general" => self.tensor("left").dot_general(
                self.tensor("right"),
                (&self.dims("left_contracting"), &self.dims("right_contracting")),
                (&self.dims("left_batching"), &self.dims("right_batching")),
            ),
            "pad" => {
                let widths = |key| self.list(key).into_iter().map(Dim::from).collect::<Vec<_>>();
                self.tensor("operand").pad_interior(
                    &widths("low"),
                    &widths("high"),
                    &self.dims("interior"),
                    7_u8,
                )
            }
            "gather" => {
                let (dimensions, bounds) = self.dimensions();
                let slice = self.list("slice_sizes");
                self.tensor("operand").gather(self.tensor("indices"), slice, &dimensions, bounds)
            }
            "scatter" => {
                let (dimensions, bounds) = self.dimensions();
                let (indices, updates) = (self.tensor("indices"), self.tensor("updates"));
                self.tensor("operand").scatter(indices, updates, self.combine(), &dimensions, bounds)
            }
            other => panic!("line {}: {other}", self.line),
        }
    }
}

fn list(text: &str) -> Vec<i64> {
    if text == "-" { Vec::new() } else { text.split(',').map(|number| number.parse().unwrap()).collect() }
}

#[test]
fn every_case_gives_what_numpy_and_jax_give() {
    let cases = Case::all(include_str!("oracles/shapes.txt"));
    let mut wrong = Vec::new();
    for case in &cases {
        let (expected, found) = (case.tensor("result"), case.run());
        let same = match (found.data(), expected.data()) {
            (Ok(found), Ok(expected)) => found.describe() == expected.describe(),
            _ => false,
        };
        let values = |tensor: &Tensor| tensor.cast(DType::F64).to_vec::<f64>().unwrap();
        if !same || values(&found) != values(&expected) {
            let found = found.data().map(|_| format!("{:?}", values(&found)));
            wrong.push(format!("line {}: {} gives {found:?}", case.line, case.kind));
        }
    }
    assert!(cases.len() > 500, "{} cases", cases.len());
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
