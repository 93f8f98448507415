//! What outputs of a model are compared with, and for which types of data steps are traced.

use super::build::Note;
use super::measure::{Measure, Role};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::tensor::{DType, Dim, Shape, TensorType};
use crate::trace::{Signature, Tracer};

/// The most choices of targets that a step is traced for before there are data.
const CHOICES: usize = 8;

/// An output of the model that has targets.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    /// Its name; none for the only output of a model.
    pub output: Option<String>,
    /// The type of its targets, if it was stated.
    pub stated: Option<TensorType>,
}

/// The outputs that measures look at, in the order in which they are first named.
pub(super) fn compared(
    measures: &[Measure],
    stated: &[(Option<String>, TensorType)],
) -> Result<Vec<Compared>> {
    let mut found: Vec<Compared> = Vec::new();
    for measure in measures.iter().filter(|measure| measure.role != Role::Sum) {
        if !found.iter().any(|compared| compared.output == measure.output) {
            found.push(Compared { output: measure.output.clone(), stated: None });
        }
    }
    let names: Vec<&str> = found.iter().filter_map(|compared| compared.output.as_deref()).collect();
    if !names.is_empty() && names.len() < found.len() {
        return Err(Error::Training(format!(
            "some losses and metrics name an output ({}), and others none: of a model with several outputs each says which one it \
             looks at, `Losses::new().on(\"{}\", …)` and `.metric_on(\"{}\", …)`",
            names.join(", "),
            names[0],
            names[0]
        )));
    }
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    for (output, kind) in stated {
        let Some(place) = found.iter_mut().find(|compared| compared.output == *output) else {
            let output = output.as_deref().unwrap_or("the only output");
            return Err(Error::Training(format!(
                "the type of targets is stated for `{output}`, and no loss or metric looks at it; they look at {}",
                names.join(", ")
            )));
        };
        place.stated = Some(kind.clone());
    }
    Ok(found)
}

/// The places of the outputs among those of `call`.
pub(super) fn places(model: &str, compared: &[Compared], call: &Signature) -> Result<Vec<usize>> {
    let known: Vec<String> = (0..call.outputs.len()).map(|index| call.output_name(index)).collect();
    let place = |compared: &Compared| {
        match &compared.output {
        None if known.len() == 1 => Ok(0),
        None => Err(Error::Training(format!(
            "`call` of `{model}` gives {} outputs, and a loss compares one with the targets: say which, as in \
             `Losses::new().on(\"{}\", loss, 1.0)` in the place of the loss; there are {}",
            known.len(),
            known.first().map_or("", String::as_str),
            known.join(", ")
        ))),
        Some(name) => known.iter().position(|known| known == name).ok_or_else(|| {
            Error::Training(format!(
                "a loss or metric looks at the output `{name}`, and `call` of `{model}` has none of that name; there are {}: \
                 outputs are named by a struct, or in the signature, `-> (digit = […], parity = […])`",
                known.join(", ")
            ))
        }),
    }
    };
    compared.iter().map(place).collect()
}

/// The inputs of a step.
pub(super) struct Inputs {
    /// With names: what the model takes, the targets, and the weights of samples if there are any.
    pub types: Vec<(String, TensorType)>,
    pub weighted: bool,
}

/// The inputs of `call`, the targets, and the weights of samples if there are any.
pub(super) fn inputs(
    call: &Signature,
    compared: &[Compared],
    targets: &[TensorType],
    weighted: bool,
) -> Inputs {
    let mut types = call.inputs.clone();
    for (compared, target) in compared.iter().zip(targets) {
        let name = compared.output.as_ref().map_or("target".to_owned(), |output| format!("target.{output}"));
        types.push((free(name, &types), with_batch(target, call)));
    }
    if weighted {
        let weights = with_batch(&TensorType::new(DType::F32, Shape::from([0])), call);
        types.push((free("weights".to_owned(), &types), weights));
    }
    Inputs { types, weighted }
}

/// A name that no input has.
fn free(mut name: String, inputs: &[(String, TensorType)]) -> String {
    while inputs.iter().any(|(taken, _)| *taken == name) {
        name.push('_');
    }
    name
}

/// The targets that a step is traced for before there are data, the likeliest first: each as the output is, or labels. Where
/// there are several, those that their losses and metrics cannot be computed of are left out.
pub(super) fn usual(
    call: &Signature,
    compared: &[Compared],
    places: &[usize],
    measures: &[Measure],
    tracer: &mut Tracer,
) -> Vec<Vec<TensorType>> {
    let mut choices: Vec<Vec<TensorType>> = vec![Vec::new()];
    for (one, &place) in compared.iter().zip(places) {
        let Some((_, output)) = call.outputs.get(place) else { return Vec::new() };
        let candidates = if let Some(stated) = &one.stated {
            vec![stated.clone()]
        } else {
            let labels = output.shape.split_last().map(|(_, rows)| TensorType::new(DType::I64, rows.into()));
            std::iter::once(output.clone()).chain(labels).collect()
        };
        let several = compared.len() > 1 && candidates.len() > 1;
        let mut possible: Vec<TensorType> = candidates.clone();
        if several {
            possible.retain(|target| can_compare(one, target, output, measures, tracer));
        }
        // If none is possible, tracing says why.
        let candidates = if possible.is_empty() { candidates } else { possible };
        let extended = choices.iter().flat_map(|chosen| {
            candidates.iter().map(move |target| chosen.iter().chain([target]).cloned().collect())
        });
        choices = extended.take(CHOICES).collect();
    }
    choices
}

/// Whether all that looks at an output can be computed of targets of this type.
fn can_compare(
    compared: &Compared,
    target: &TensorType,
    output: &TensorType,
    measures: &[Measure],
    tracer: &mut Tracer,
) -> bool {
    let before = tracer.recorded();
    let types = vec![("target".to_owned(), target.clone()), ("output".to_owned(), output.clone())];
    let looks = |measure: &&Measure| measure.role != Role::Sum && measure.output == compared.output;
    let traced = tracer.function("compare", Mode::Inference, types, |tensors| {
        if let [y_true, y_pred] = tensors {
            measures.iter().filter(looks).try_for_each(|measure| measure.try_on(y_true, y_pred))?;
        }
        Ok(Vec::new())
    });
    tracer.keep(before);
    traced.is_ok()
}

/// The targets that a step is traced for when there are data of these types.
pub(super) fn found(
    call: &Signature,
    compared: &[Compared],
    places: &[usize],
    found: &[TensorType],
) -> Result<Vec<TensorType>> {
    let mut targets = Vec::new();
    for ((compared, &place), found) in compared.iter().zip(places).zip(found) {
        let Some((_, output)) = call.outputs.get(place) else { continue };
        targets.push(if let Some(stated) = &compared.stated {
            stated.clone()
        } else {
            check_target(compared, found, output)?;
            with_open_sizes(found, output)
        });
    }
    Ok(targets)
}

/// Whether `call` takes inputs of these types.
pub(super) fn takes(call: &Signature, given: &[TensorType]) -> bool {
    call.inputs.len() == given.len()
        && call.inputs.iter().zip(given).all(|((_, kind), given)| {
            kind.dtype == given.dtype && kind.rank() == given.rank() && same_sizes(given, kind, 0)
        })
}

/// Refuses float targets that a loss could compare with an output of another shape by broadcasting: `[batch]` with
/// `[batch, 1]` is `[batch, batch]`, where every sample is compared with every other.
fn check_target(compared: &Compared, target: &TensorType, output: &TensorType) -> Result<()> {
    if !target.dtype.is_float() || target.rank() == output.rank() && same_sizes(target, output, 1) {
        return Ok(());
    }
    let (of, stated) = match &compared.output {
        Some(name) => (format!(" of the output `{name}`"), format!(".target_on(\"{name}\", …)")),
        None => (String::new(), ".target(...)".to_owned()),
    };
    let classes = if target.rank() + 1 == output.rank() {
        "; numbers of classes are integers: `.cast(DType::I64)`"
    } else {
        ""
    };
    Err(Error::Data(format!(
        "the targets{of} are {target}, and the model gives {output}: give targets of the same shape (`.reshape(...)`, \
         `.expand_dims(-1)`), or state their type with `{stated}` before `.build()`, if the loss is made for them{classes}"
    )))
}

/// Whether the sizes from an axis on are those expected, where those are known.
fn same_sizes(found: &TensorType, expected: &TensorType, from: usize) -> bool {
    let same = |(found, expected): (&Dim, &Dim)| expected.constant().is_none() || found == expected;
    found.shape.iter().zip(expected.shape.iter()).skip(from).all(same)
}

/// The type with the sizes that the model leaves open: those of the data do not say which image a size of the output such as
/// `floor((height + 1)/2)` comes from.
fn with_open_sizes(target: &TensorType, output: &TensorType) -> TensorType {
    if !target.dtype.is_float() || target.rank() != output.rank() {
        return target.clone();
    }
    let open =
        |(target, output): (&Dim, &Dim)| if output.constant().is_none() { output } else { target }.clone();
    target.with_shape(target.shape.iter().zip(output.shape.iter()).map(open).collect::<Shape>())
}

/// The type with as many samples as the inputs of `call` have.
fn with_batch(kind: &TensorType, call: &Signature) -> TensorType {
    let mut dims = kind.shape.clone().into_dims();
    let batch = call.inputs.first().and_then(|(_, input)| input.shape.first());
    if let (Some(first), Some(batch)) = (dims.first_mut(), batch) {
        *first = batch.clone();
    }
    kind.with_shape(dims)
}

/// The data with the targets of the outputs that a run looks at, in its order; those of a model with one output as they are.
pub(super) fn in_order(data: &Dataset, Note { outputs, step, .. }: &Note) -> Result<Dataset> {
    let ((_, count, _), named) = (data.counts(), data.output_names());
    if step.is_some() || outputs.is_empty() && count == 1 {
        return Ok(data.clone());
    }
    if outputs.is_empty() {
        return Err(Error::Data(format!(
            "the data have {count} targets, and the loss of this run compares one output with one"
        )));
    }
    if named.is_empty() {
        return if count == outputs.len() {
            Ok(data.clone())
        } else {
            Err(Error::Data(format!(
                "the data have {count} targets, and this run compares {} outputs with some: {}. Give them in this order, \
                 `Dataset::with_targets(inputs, targets)`",
                outputs.len(),
                outputs.join(", ")
            )))
        };
    }
    let place = |output: &String| {
        named.iter().position(|known| known == output).ok_or_else(|| {
            Error::Data(format!(
                "the data have no targets for the output `{output}`; they have some for {}",
                named.join(", ")
            ))
        })
    };
    let order = outputs.iter().map(place).collect::<Result<Vec<_>>>()?;
    if let Some(unknown) = named.iter().find(|output| !outputs.contains(output)) {
        return Err(Error::Data(format!(
            "the data have targets for the output `{unknown}`, and no loss or metric looks at it; they look at {}",
            outputs.join(", ")
        )));
    }
    Ok(data.with_targets_in(&order))
}
