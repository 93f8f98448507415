//! Loops that run behind the product or convolution whose result they read, as one step.

use std::collections::HashMap;

use super::jobs::{self, Behind, Fate, Follower};
use super::lowered::{Id, Kind, Lowered};
use super::plan::{Job, MOST_PARTS, Step, Task};
use crate::tensor::DType;

/// Puts each product or convolution together with the loop that is the first to read its result, if that reads all of it in order.
///
/// The step stands where the product stood if all else that the loop reads is there by then, otherwise where the loop stood: what
/// a product reads stays as it is, as long as no step changes variables where they lie. A loop that changes variables uses the
/// result up, and stays where it stood.
pub(super) fn merge(steps: &mut Vec<Step>, lowered: &Lowered, outputs: &[(Id, Kind)]) {
    let mut merging = Merging {
        lowered,
        steps: std::mem::take(steps).into_iter().map(Some).collect(),
        makers: HashMap::new(),
        readers: HashMap::new(),
        outputs,
    };
    for index in 0..merging.steps.len() {
        merging.note(index);
    }
    for index in 0..merging.steps.len() {
        let mut place = index;
        while place <= index {
            if let Some(pair) = merging.pair(place) {
                place = merging.join(pair);
            }
            // Where a step comes to stand later, it is looked at again.
            let Some(link) = merging.link(place) else { break };
            let Some(chained) = merging.chain(link) else { break };
            place = chained;
        }
        merging.order(index);
    }
    steps.extend(merging.steps.into_iter().flatten());
}

pub(super) struct Merging<'a> {
    lowered: &'a Lowered,
    /// The steps, but for those that have become part of another one.
    pub(super) steps: Vec<Option<Step>>,
    pub(super) makers: HashMap<Id, usize>,
    /// The steps that read each value; one that reads it twice is there twice.
    pub(super) readers: HashMap<Id, Vec<usize>>,
    pub(super) outputs: &'a [(Id, Kind)],
}

/// A product and the loop behind it.
struct Pair {
    first: usize,
    then: usize,
    /// Where the step goes.
    place: usize,
    result: Id,
    fate: Fate,
    follower: Follower,
}

impl Merging<'_> {
    /// Notes what a step reads and writes.
    pub(super) fn note(&mut self, index: usize) {
        let Some(step) = &self.steps[index] else { return };
        for id in &step.writes {
            self.makers.insert(*id, index);
        }
        for id in &step.reads {
            self.readers.entry(*id).or_default().push(index);
        }
    }

    /// Takes a step off the lists of those that read what it reads.
    pub(super) fn forget(&mut self, index: usize, step: &Step) {
        for id in &step.reads {
            if let Some(readers) = self.readers.get_mut(id)
                && let Some(place) = readers.iter().position(|reader| *reader == index)
            {
                readers.swap_remove(place);
            }
        }
    }

    pub(super) fn job(&self, index: usize) -> Option<(&Step, &dyn Job)> {
        let step = self.steps[index].as_ref()?;
        if let Task::Job(job) = &step.task { Some((step, job.as_ref())) } else { None }
    }

    /// The product of this number and a loop, if they run as one step.
    fn pair(&self, first: usize) -> Option<Pair> {
        let (product, job) = self.job(first)?;
        let columns = job.columns()?;
        let [result] = product.writes[..] else { return None };
        let readers = self.readers.get(&result)?;
        let then = readers.iter().copied().min()?;
        if readers.iter().filter(|reader| **reader == then).count() > 1 {
            return None;
        }
        let (step, looped) = self.job(then)?;
        let rows = looped.rows()?;
        let input = step.reads.iter().position(|id| *id == result)?;
        let kind = self.lowered.kind(result);
        if rows.elements() != kind.len()
            || product.reads.len() + step.reads.len() > MOST_PARTS
            || step.writes.len() + 1 > MOST_PARTS
        {
            return None;
        }
        let kept = readers.len() > 1 || self.outputs.iter().any(|(output, _)| *output == result);
        let fits = |id: &Id| {
            let own = self.lowered.kind(*id);
            own.dtype == DType::F32 && own.len() == kind.len()
        };
        let updates = step.writes.iter().any(|id| self.is_assigned(*id));
        let fate = match step.writes.iter().position(fits) {
            // What takes the place of the result cannot take that of a variable.
            _ if updates && (kept || !job.gives_blocks()) => return None,
            _ if updates => Fate::UsedUp,
            Some(written) if !kept => Fate::Replaced(written),
            _ => Fate::Kept,
        };
        let follower = jobs::behind(rows, columns, Behind { input, fate, reads: product.reads.len() })?;
        let is_there = |id: &Id| *id == result || self.makers.get(id).is_none_or(|maker| *maker < first);
        let place = if !updates && step.reads.iter().all(is_there) { first } else { then };
        Some(Pair { first, then, place, result, fate, follower })
    }

    /// Whether a variable becomes this value.
    fn is_assigned(&self, id: Id) -> bool {
        let assigns =
            |step: &Option<Step>| step.as_ref().is_some_and(|step| matches!(step.task, Task::Assign(_)));
        self.readers.get(&id).into_iter().flatten().any(|reader| assigns(&self.steps[*reader]))
    }

    /// Puts two steps together; gives the place of what they have become.
    fn join(&mut self, Pair { first, then, place, result, fate, follower }: Pair) -> usize {
        let (Some(mut step), Some(other)) = (self.steps[first].take(), self.steps[then].take()) else {
            return place;
        };
        self.forget(first, &step);
        self.forget(then, &other);
        step.task = match step.task {
            Task::Job(job) => Task::Job(follower.after(job)),
            task => task,
        };
        step.reads.extend(other.reads.into_iter().filter(|id| *id != result));
        step.writes = other.writes;
        match fate {
            Fate::UsedUp => {}
            Fate::Kept => step.writes.insert(0, result),
            Fate::Replaced(written) => step.writes[..=written].rotate_right(1),
        }
        self.steps[place] = Some(step);
        self.note(place);
        place
    }
}
