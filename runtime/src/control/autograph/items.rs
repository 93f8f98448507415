//! The items of a `for` that goes over a tensor or a range of tensors.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::slot::{Carried, Slot};
use super::values::{Values, refuse, settle};
use crate::control::loops::{repeat, resolve};
use crate::control::range::Bounds;
use crate::control::site::Site;
use crate::error::Result;
use crate::graph::{
    OpenRegion, Operation, Region, is_tracing, open_region, record, recorded_at, region, type_of,
};
use crate::tensor::{DType, Dim, Shape, Tensor, TensorType};

/// What a loop goes over.
pub(super) enum Over {
    Rows(Tensor),
    Range(Bounds),
}

/// Prepares a loop.
pub(super) fn over(site: Site, over: Over) -> (Items, TensorRounds) {
    let prepared = prepare(&site, over);
    let shared = Rc::new(Shared { site, looping: RefCell::new(prepared) });
    (Items(Rc::clone(&shared)), TensorRounds(shared))
}

fn prepare(site: &Site, over: Over) -> Result<Loop> {
    let over = match over {
        Over::Range(bounds) => Over::Range(resolve(site, bounds)?),
        Over::Rows(rows) => Over::Rows(rows.ok()?),
    };
    let known = |size: &Dim| {
        let message = "is known only in the trace that it comes from: use the size of a tensor";
        size.constant().ok_or_else(|| site.error(&[], format!("{size} {message}")))
    };
    let rest = match &over {
        Over::Rows(rows) if rows.rank() == 0 => {
            return Err(site.error(&[rows], "a tensor without dimensions has no rows to go over"));
        }
        _ if is_tracing() => 0..0,
        Over::Rows(rows) => 0..known(&rows.dim(0))?,
        Over::Range(Bounds::Sizes(start, end)) => known(start)?..known(end)?,
        Over::Range(Bounds::Tensors(..)) => 0..0,
    };
    Ok(Loop { over, rest, item: None, index: None, before: Values::default(), open: None, result: None })
}

struct Shared {
    site: Site,
    looping: RefCell<Result<Loop>>,
}

struct Loop {
    over: Over,
    /// The indices that are left.
    rest: Range<i64>,
    /// The parameter that stands for all items, while the loop is traced.
    item: Option<Tensor>,
    /// The same, if the loop counts.
    index: Option<Tensor>,
    before: Values,
    open: Option<OpenRegion>,
    /// The variables after the loop, if it is traced.
    result: Option<Values>,
}

/// The items of a loop over a tensor: each of them, or one that stands for all.
pub struct Items(Rc<Shared>);

impl Iterator for Items {
    type Item = Tensor;

    fn next(&mut self) -> Option<Tensor> {
        let mut looping = self.0.looping.borrow_mut();
        let looping = looping.as_mut().ok()?;
        if let Some(item) = looping.item.take() {
            return Some(item);
        }
        let index = looping.rest.next()?;
        Some(match &looping.over {
            Over::Rows(rows) => rows.index_axis(0, index),
            Over::Range(_) => Tensor::scalar(index),
        })
    }
}

/// The rounds of a loop over a tensor.
pub struct TensorRounds(Rc<Shared>);

impl TensorRounds {
    /// That a tensor is gone over.
    pub fn tensors(&self) -> Option<TensorLoop<'_>> {
        Some(TensorLoop(&self.0))
    }
}

/// What only a loop over a tensor needs.
#[derive(Clone, Copy)]
pub struct TensorLoop<'r>(&'r Shared);

impl TensorLoop<'_> {
    /// Goes on.
    pub fn enter(self) {}

    /// A place that the loop may change.
    pub fn slot<'s, T: Carried>(self, name: &'static str, place: &'s mut T) -> Slot<'s> {
        Slot::new(name, place)
    }

    /// Before the loop.
    pub fn begin<const N: usize>(self, mut slots: [Slot<'_>; N]) {
        self.attempt(|looping| looping.begin(&mut slots));
    }

    /// After a round.
    pub fn next<const N: usize>(self, mut slots: [Slot<'_>; N]) {
        let site = &self.0.site;
        self.attempt(|looping| looping.end(&mut slots, site));
    }

    /// After the loop.
    pub fn finish<const N: usize>(self, mut slots: [Slot<'_>; N]) {
        let mut looping = self.0.looping.borrow_mut();
        match looping.as_mut() {
            Ok(looping) => {
                if let Some(result) = looping.result.take() {
                    settle(Ok(result), &mut slots);
                }
            }
            Err(error) => refuse(error.clone(), &mut slots),
        }
    }

    /// Takes a step of the loop, unless one has failed.
    fn attempt(self, step: impl FnOnce(&mut Loop) -> Result<()>) {
        let mut looping = self.0.looping.borrow_mut();
        let failure = looping.as_mut().ok().and_then(|looping| step(looping).err());
        if let Some(error) = failure {
            *looping = Err(error);
        }
    }
}

fn index_input() -> (String, TensorType) {
    ("index".to_owned(), TensorType::new(DType::I64, Shape::from(())))
}

impl Loop {
    /// Whether the loop counts, so that the index is a part of its state.
    fn counts(&self) -> bool {
        matches!(self.over, Over::Range(_))
    }

    fn begin(&mut self, slots: &mut [Slot<'_>]) -> Result<()> {
        self.before = Values::of(slots);
        let mut inputs = self.before.types()?;
        if !is_tracing() {
            return Ok(());
        }
        match &self.over {
            Over::Range(_) => inputs.insert(0, index_input()),
            Over::Rows(rows) => {
                let row = type_of(rows).map(|kind| {
                    let row: Shape = kind.shape.iter().skip(1).cloned().collect();
                    kind.with_shape(row)
                });
                inputs.extend(row.map(|row| ("row".to_owned(), row)));
            }
        }
        let (open, mut parameters) = open_region("for.body", inputs)?;
        self.open = Some(open);
        if self.counts() {
            self.index = Some(parameters.remove(0));
            self.item.clone_from(&self.index);
        } else {
            self.item = parameters.pop();
        }
        self.before.with(parameters).put(slots);
        Ok(())
    }

    fn end(&mut self, slots: &mut [Slot<'_>], site: &Site) -> Result<()> {
        let after = Values::of(slots).leaves();
        let checked = self.before.types().and_then(|types| site.check_state(&types, &after));
        let Some(open) = self.open.take() else { return checked };
        let index = self.index.take();
        let next = index.map(|index| recorded_at(&site.location, || index + 1));
        let results = checked.map(|()| next.into_iter().chain(after.tensors().cloned()).collect());
        let body = open.close(results, &site.location)?;
        let results = self.record(body, site)?;
        self.result = Some(self.before.with(results));
        Ok(())
    }

    /// Records the loop; gives the variables after it.
    fn record(&self, body: Region, site: &Site) -> Result<Vec<Tensor>> {
        let mut operands = self.before.tensors();
        let count = |operands: &[Tensor]| u32::try_from(operands.len()).unwrap_or(u32::MAX);
        let scan = |body: &Region, state, inputs, length| Operation::Scan {
            body: body.function(),
            state,
            inputs,
            length,
            reverse: false,
        };
        match &self.over {
            Over::Rows(rows) => {
                let operation = scan(&body, count(&operands), 1, rows.dim(0));
                operands.push(rows.clone());
                record(&[body], &operands, operation, &site.location)
            }
            Over::Range(Bounds::Sizes(start, end)) => {
                let length = end - start;
                let none = length.constant().is_some_and(|length| length < 0);
                let length = if none { Dim::from(0_i64) } else { length };
                let first = match start.constant() {
                    Some(start) => Tensor::scalar(start),
                    None => recorded_at(&site.location, || Tensor::size(start)),
                };
                operands.insert(0, first);
                let operation = scan(&body, count(&operands), 0, length);
                Ok(record(&[body], &operands, operation, &site.location)?.split_off(1))
            }
            Over::Range(Bounds::Tensors(start, end)) => {
                let mut inputs = self.before.types()?;
                inputs.insert(0, index_input());
                let below = |parameters: &[Tensor]| {
                    Ok(parameters
                        .first()
                        .map(|index| recorded_at(&site.location, || index.less(end)))
                        .into_iter()
                        .collect())
                };
                let condition = region("for.condition", inputs, &site.location, below)?;
                operands.insert(0, start.clone());
                Ok(repeat(&[condition, body], &operands, &site.location)?.split_off(1))
            }
        }
    }
}
