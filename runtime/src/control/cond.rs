//! One of some branches.

use super::site::{Site, Types, layout_difference, no_error, outcome, place, unify};
use crate::error::Result;
use crate::graph::{Operation, Region, is_tracing, record, region, type_of};
use crate::tensor::{DType, Leaves, Structure, Tensor};

/// What `then` gives where the predicate is true, and what `otherwise` gives where it is not.
///
/// The predicate is one bool. In a trace in which it has no value yet, both branches are traced: they give structures with the
/// same tensors, of the same dtypes and shapes. A predicate that has a value runs one branch and leaves nothing in the graph.
/// ([StableHLO `case`](https://openxla.org/stablehlo/spec#case))
///
/// # Errors
/// The result carries the error if the predicate is not one bool, if the branches give different things, or if the branch that
/// runs (in a trace, either) fails.
///
/// ```
/// use holotype::prelude::*;
/// let x = Tensor::from(3.0_f32);
/// let y = control::cond(&x.greater(0.0), || &x * 2.0, || x.zeros_like());
/// assert_eq!(y.to_scalar::<f32>()?, 6.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn cond<S: Structure>(predicate: &Tensor, then: impl FnOnce() -> S, otherwise: impl FnOnce() -> S) -> S {
    let site = Site::new("cond");
    if let Err(error) = site.check_truth("the predicate", predicate) {
        return outcome(Err(error), None);
    }
    if !(is_tracing() && predicate.is_symbolic()) {
        return match site.truth("the predicate", predicate) {
            Ok(true) => then(),
            Ok(false) => otherwise(),
            Err(error) => outcome(Err(error), None),
        };
    }
    // False is 0, true is 1.
    let index = predicate.cast(DType::I32);
    let branches: Vec<Branch<'_, S>> =
        vec![("otherwise".into(), Box::new(otherwise)), ("then".into(), Box::new(then))];
    choose(&site, &index, branches)
}

/// What the branch gives whose place in the list is the index; for an index that is out of range, what the last one gives.
///
/// The index is one number of dtype `i32` or `i64`. All else is as for [`cond`].
/// ([StableHLO `case`](https://openxla.org/stablehlo/spec#case))
///
/// # Errors
/// As for [`cond`]; an empty list of branches is an error too.
///
/// ```
/// use holotype::prelude::*;
/// let x = Tensor::from([1.0_f32, 4.0]);
/// let norm = |kind: i32| {
///     control::switch(&Tensor::from(kind), vec![Box::new(|| x.abs().sum()), Box::new(|| x.abs().max())])
/// };
/// assert_eq!(norm(0).to_scalar::<f32>()?, 5.0);
/// assert_eq!(norm(7).to_scalar::<f32>()?, 4.0);
/// # Ok::<(), holotype::Error>(())
/// ```
#[track_caller]
pub fn switch<S: Structure>(index: &Tensor, branches: Vec<Box<dyn FnOnce() -> S + '_>>) -> S {
    let site = Site::new("switch");
    let last = match check_index(&site, index, branches.len()) {
        Ok(last) => last,
        Err(error) => return outcome(Err(error), None),
    };
    if !(is_tracing() && index.is_symbolic()) {
        let chosen = index.cast(DType::I64).to_scalar::<i64>();
        let chosen = chosen.map(|index| usize::try_from(index).map_or(last, |index| index.min(last)));
        return match chosen {
            Ok(chosen) => branches.into_iter().nth(chosen).map_or_else(
                || outcome(Err(site.error(&[index], "there is no such branch")), None),
                |branch| branch(),
            ),
            Err(error) => outcome(Err(error), None),
        };
    }
    // An index beyond i32 must not wrap into the range.
    let last = Tensor::size(last);
    let index = index.cast(DType::I64);
    let in_range = index.greater_equal(0).logical_and(index.less(&last));
    let index = in_range.select(&index, &last).cast(DType::I32);
    let named = |(number, branch)| (format!("branch {number}"), branch);
    choose(&site, &index, branches.into_iter().enumerate().map(named).collect())
}

type Branch<'a, S> = (String, Box<dyn FnOnce() -> S + 'a>);

/// The last index, if the index is one and there are branches.
fn check_index(site: &Site, index: &Tensor, branches: usize) -> Result<usize> {
    let index = index.clone().ok()?;
    let last = branches.checked_sub(1);
    let last = last.ok_or_else(|| site.error(&[&index], "there are no branches: give one or more"))?;
    match type_of(&index) {
        Some(kind) if matches!(kind.dtype, DType::I32 | DType::I64) && kind.rank() == 0 => Ok(last),
        _ => Err(site.error(
            &[&index],
            "the index is one number of dtype i32 or i64: take one element, and write `.cast(DType::I32)`",
        )),
    }
}

/// Records one of the branches, by an i32 index.
fn choose<S: Structure>(site: &Site, index: &Tensor, branches: Vec<Branch<'_, S>>) -> S {
    let mut layout = None;
    let result = record_branches(site, index, branches, &mut layout);
    outcome(result, layout.as_ref())
}

fn record_branches<S: Structure>(
    site: &Site,
    index: &Tensor,
    branches: Vec<Branch<'_, S>>,
    layout: &mut Option<Leaves>,
) -> Result<S> {
    let mut regions: Vec<Region> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for (name, branch) in branches {
        let mut leaves = Leaves::default();
        let function = format!("{}.{}", site.name, name.replace(' ', "_"));
        let traced = region(&function, Vec::new(), &site.location, |_| {
            leaves = Leaves::of(&branch());
            no_error(&leaves)?;
            Ok(leaves.tensors().cloned().collect())
        })?;
        match (layout.as_ref(), regions.first()) {
            (Some(first), Some(other)) => {
                let first = first.paths().map(str::to_owned).zip(other.types()).collect();
                check_branches(site, (&names[0], &first), (&name, &leaves, &traced))?;
            }
            _ => *layout = Some(leaves),
        }
        regions.push(traced);
        names.push(name);
    }
    let operation = Operation::Case(regions.iter().map(Region::function).collect());
    let results = record(&regions, std::slice::from_ref(index), operation, &site.location)?;
    layout.as_ref().map(|layout| layout.with(results)).unwrap_or_default().build()
}

/// Checks that two branches give the same; sizes that are open become equal.
fn check_branches(
    site: &Site,
    (first_name, first): (&str, &Types),
    (name, leaves, traced): (&str, &Leaves, &Region),
) -> Result<()> {
    let (first_words, words) = (format!("`{first_name}`"), format!("`{name}`"));
    if let Some(difference) = layout_difference(first, leaves, &first_words, &words) {
        return Err(site.error(&[], format!("the branches give different structures: {difference}")));
    }
    for ((path, expected), found) in first.iter().zip(traced.types()) {
        if let Err(reason) = unify(expected, &found) {
            let place = place("the result", path);
            let advice = if expected.dtype == found.dtype {
                "give both the same shape".to_owned()
            } else {
                format!("write `.cast(DType::{:?})` in {words}", expected.dtype)
            };
            return Err(site.error(
                &[],
                format!(
                    "the branches give different types as {place}: {first_words} gives {expected}, {words} gives \
                     {found}{reason}: {advice}"
                ),
            ));
        }
    }
    Ok(())
}
