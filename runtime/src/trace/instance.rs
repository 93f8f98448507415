//! The instances of a signature: one for each choice of static arguments, optional parts, dtypes and leading dimensions.

use std::collections::BTreeMap;

use super::dimension::DimSpec;
use super::dtype::DTypeSpec;
use super::layout::Present;
use super::spec::{SignatureSpec, TensorSpec};
use crate::error::Result;
use crate::graph::Construction;
use crate::sorted;
use crate::tensor::{DType, Dim, Document, Shape, TensorType};

/// `..` is traced for this many leading dimensions at most: a batch of volumes with channels has 5.
const LEADING: usize = 5;

/// A method is traced for this many instances at most.
const INSTANCES: usize = 1024;

/// The numbers of leading dimensions, those that make a tensor of rank 2 first: a batch of rows is the most usual input.
fn leading(spec: &SignatureSpec) -> Vec<usize> {
    let behind = spec.specs().into_iter().filter(|input| input.leading).map(|input| input.dims.len()).min();
    let Some(behind) = behind else { return vec![0] };
    let mut leading: Vec<_> = (0..=LEADING).collect();
    sorted::sort_by_key(&mut leading, |leading| {
        (leading + behind < 2, if leading + behind < 2 { LEADING - leading } else { *leading })
    });
    leading
}

/// What a caller chooses by name: the values of the static arguments, and which optional parts there are. A method has to be
/// traced for each of these.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    /// For each static argument the place of its value in the list, and the value.
    pub arguments: Vec<(&'static str, usize, Document)>,
    /// The optional parts that are there.
    pub present: Present,
    /// The instances.
    pub instances: Vec<Instance>,
}

/// A choice for everything else that a signature leaves open except sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instance {
    pub leading: usize,
    pub classes: BTreeMap<DTypeSpec, DType>,
}

/// All choices, the most usual first.
///
/// # Errors
/// If there are too many, or a value of a static argument cannot be written down, in words.
pub(super) fn choices(spec: &SignatureSpec) -> Result<Vec<Choice>, String> {
    let mut arguments = vec![Vec::new()];
    for argument in &spec.arguments {
        let values = argument.values.as_ref().map_err(|message| format!("`{}`: {message}", argument.name))?;
        let with = |known: &Vec<_>| {
            let with = |(place, value): (usize, &Document)| {
                let mut known = known.clone();
                known.push((argument.name, place, value.clone()));
                known
            };
            values.iter().enumerate().map(with).collect::<Vec<_>>()
        };
        arguments = arguments.iter().flat_map(with).collect();
        limit(arguments.len(), spec)?;
    }
    let (present, instances) = (spec.choices(), instances(spec)?);
    limit(arguments.len().saturating_mul(present.len()).saturating_mul(instances.len()), spec)?;
    let choice = |arguments: &Vec<_>| {
        let choice = |present: &Present| Choice {
            arguments: arguments.clone(),
            present: present.clone(),
            instances: instances.clone(),
        };
        present.iter().map(choice).collect::<Vec<_>>()
    };
    Ok(arguments.iter().flat_map(choice).collect())
}

fn limit(count: usize, spec: &SignatureSpec) -> Result<(), String> {
    if count <= INSTANCES {
        return Ok(());
    }
    Err(format!(
        "`{}` would be traced for {count} choices of dtypes, ranks, optional parts and static arguments, and at most \
         {INSTANCES} are: name fewer dtypes, `float in [f32, bf16]`, or fewer values",
        spec.function
    ))
}

/// All choices of dtypes and of the number of leading dimensions, the most usual first.
fn instances(spec: &SignatureSpec) -> Result<Vec<Instance>, String> {
    let specs = spec.specs();
    let mut classes: Vec<DTypeSpec> = specs.iter().map(|input| input.dtype.class()).collect();
    sorted::sort_distinct(&mut classes);
    let mut choices = vec![BTreeMap::new()];
    for class in classes {
        let mut of: Vec<_> =
            specs.iter().map(|spec| spec.dtype).filter(|dtype| dtype.class() == class).collect();
        // Where some inputs of a class say which dtypes, they all have to; the first says in which order.
        sorted::sort_by_key(&mut of, |dtype| !matches!(dtype, DTypeSpec::Among(..)));
        let mut dtypes = of.first().map(|dtype| dtype.dtypes()).unwrap_or_default();
        dtypes.retain(|dtype| of.iter().all(|spec| spec.dtypes().contains(dtype)));
        if dtypes.is_empty() {
            return Err(format!("no dtype is allowed by everything that the signature says of `{class}`"));
        }
        let extend = |choice: &BTreeMap<_, _>| {
            let with = |&dtype: &DType| {
                let mut choice = choice.clone();
                choice.insert(class, dtype);
                choice
            };
            dtypes.iter().map(with).collect::<Vec<_>>()
        };
        choices = choices.iter().flat_map(extend).collect();
    }
    let with_leading = |&leading: &usize| {
        choices.iter().map(move |classes| Instance { leading, classes: classes.clone() }).collect::<Vec<_>>()
    };
    Ok(self::leading(spec).iter().flat_map(with_leading).collect())
}

/// The types of the inputs of an instance, with a symbol for every size that is open.
///
/// # Errors
/// If a field that a size is taken from is no size, in words.
pub(super) fn input_types(
    spec: &SignatureSpec,
    present: &Present,
    instance: &Instance,
    construction: &mut Construction,
) -> Result<Vec<(String, TensorType)>, String> {
    let leading: Vec<Dim> =
        (0..instance.leading).map(|_| Dim::symbol(construction.fresh_anonymous())).collect();
    let mut types = Vec::new();
    for (name, input) in spec.leaves(present) {
        let mut dims = if input.leading { leading.clone() } else { Vec::new() };
        for dim in &input.dims {
            dims.push(match dim {
                DimSpec::Any => Dim::symbol(construction.fresh_anonymous()),
                DimSpec::Named(size) => {
                    let name = name.as_str();
                    let promise =
                        format!("`{size}` in input `{name}` of `{}` ({})", spec.function, spec.location());
                    let dim = spec.size(size);
                    for symbol in dim.symbols() {
                        construction.promises.entry(symbol).or_insert_with(|| promise.clone());
                    }
                    if let Some(range) = spec.range(size) {
                        construction.ranges.push((dim.clone(), range));
                    }
                    dim
                }
                known => known_size(known)?,
            });
        }
        types.push((name.as_str().to_owned(), TensorType::new(dtype(input, instance), Shape::new(dims))));
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
    instance.classes.get(&input.dtype.class()).copied().unwrap_or(DType::F32)
}
