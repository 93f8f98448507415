//! The instances of a signature: one for each choice of dtypes and of the number of leading dimensions.

use std::collections::BTreeMap;

use super::spec::{DTypeSpec, DimSpec, SignatureSpec, TensorSpec};
use crate::error::Result;
use crate::graph::Construction;
use crate::tensor::{DType, Dim, Shape, Symbol, TensorType};

/// `..` is traced for this many leading dimensions at most: a batch of volumes with channels has 5.
const LEADING: usize = 5;

/// The numbers of leading dimensions, those that make a tensor of rank 2 first: a batch of rows is the most usual input.
fn leading(spec: &SignatureSpec) -> Vec<usize> {
    let behind =
        spec.inputs.iter().filter(|(_, input)| input.leading).map(|(_, input)| input.dims.len()).min();
    let Some(behind) = behind else { return vec![0] };
    let mut leading: Vec<_> = (0..=LEADING).collect();
    leading.sort_by_key(|leading| {
        (leading + behind < 2, if leading + behind < 2 { LEADING - leading } else { *leading })
    });
    leading
}

/// A choice for everything that a signature leaves open except sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instance {
    pub leading: usize,
    pub classes: BTreeMap<DTypeSpec, DType>,
}

/// All choices, the most usual first.
pub(super) fn instances(spec: &SignatureSpec) -> Vec<Instance> {
    let leads = leading(spec);
    let mut classes: Vec<DTypeSpec> = spec.inputs.iter().map(|(_, input)| input.dtype).collect();
    classes.sort_unstable();
    classes.dedup();
    let mut choices = vec![BTreeMap::new()];
    for class in classes {
        let extend = |choice: &BTreeMap<_, _>| {
            let with = |dtype| {
                let mut choice = choice.clone();
                choice.insert(class, dtype);
                choice
            };
            class.dtypes().into_iter().map(with).collect::<Vec<_>>()
        };
        choices = choices.iter().flat_map(extend).collect();
    }
    let with_leading = |&leading: &usize| {
        choices.iter().map(move |classes| Instance { leading, classes: classes.clone() }).collect::<Vec<_>>()
    };
    leads.iter().flat_map(with_leading).collect()
}

/// The types of the inputs of an instance, with a symbol for every size that is open.
///
/// # Errors
/// If a field that a size is taken from is no size, in words.
pub(super) fn input_types(
    spec: &SignatureSpec,
    instance: &Instance,
    construction: &mut Construction,
) -> Result<Vec<(String, TensorType)>, String> {
    let leading: Vec<Dim> =
        (0..instance.leading).map(|_| Dim::symbol(construction.fresh_anonymous())).collect();
    let mut types = Vec::new();
    for (name, input) in &spec.inputs {
        let mut dims = if input.leading { leading.clone() } else { Vec::new() };
        for dim in &input.dims {
            dims.push(match dim {
                DimSpec::Any => Dim::symbol(construction.fresh_anonymous()),
                DimSpec::Named(size) => {
                    let symbol = Symbol::named(size);
                    let promise =
                        format!("`{size}` in input `{name}` of `{}` ({})", spec.function, spec.location());
                    construction.promises.entry(symbol.clone()).or_insert(promise);
                    Dim::symbol(symbol)
                }
                known => known_size(known)?,
            });
        }
        types.push(((*name).to_owned(), TensorType::new(dtype(input, instance), Shape::new(dims))));
    }
    Ok(types)
}

fn known_size(dim: &DimSpec) -> Result<Dim, String> {
    match dim {
        DimSpec::Size(size) | DimSpec::Field { size: Some(size), .. } => Ok(Dim::from(*size)),
        DimSpec::Field { name, size: None } => Err(format!("`self.{name}` is not a size")),
        DimSpec::Any | DimSpec::Named(_) => Err(format!("`{dim}` is not a number")),
    }
}

fn dtype(input: &TensorSpec, instance: &Instance) -> DType {
    instance.classes.get(&input.dtype).copied().unwrap_or(DType::F32)
}
