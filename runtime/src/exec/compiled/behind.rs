//! Loops that run behind the product or convolution whose result they read, as one step.

use std::collections::HashMap;

use super::jobs::{self, Behind, Fate, Follower};
use super::lowered::{Id, Kind, Lowered};
use super::plan::{Job, MOST_PARTS, Step, Task};
use crate::graph::VariableId;
use crate::tensor::DType;

/// Puts each product or convolution together with the loop that is the first to read its result, if that reads all of it in order.
///
/// The step stands where the product stood if all else that the loop reads is there by then, otherwise where the loop stood: what
/// a product reads stays as it is, as long as no step changes variables where they lie. A loop that changes variables uses the
/// result up, and stands as soon as nothing else needs what the variables held before.
pub(super) fn merge(steps: &mut Vec<Step>, lowered: &Lowered, outputs: &[(Id, Kind)]) {
    let count = steps.len();
    let mut merging = Merging {
        lowered,
        steps: std::mem::take(steps).into_iter().map(Some).collect(),
        times: (0..count).map(|index| index << BETWEEN).collect(),
        makers: HashMap::new(),
        readers: HashMap::new(),
        outputs,
    };
    for index in 0..count {
        merging.note(index);
    }
    for index in 0..count {
        if let Some(pair) = merging.pair(index) {
            merging.join(pair);
        }
    }
    let mut timed: Vec<_> = merging.times.into_iter().zip(merging.steps).collect();
    timed.sort_by_key(|(time, _)| *time);
    steps.extend(timed.into_iter().filter_map(|(_, step)| step));
}

/// So many steps, as a power of two, fit between two that follow each other.
const BETWEEN: u32 = 20;

struct Merging<'a> {
    lowered: &'a Lowered,
    /// The steps, but for those that have become part of another one.
    steps: Vec<Option<Step>>,
    /// When each step is carried out.
    times: Vec<usize>,
    makers: HashMap<Id, usize>,
    /// The steps that read each value; one that reads it twice is there twice.
    readers: HashMap<Id, Vec<usize>>,
    outputs: &'a [(Id, Kind)],
}

/// A product and the loop behind it.
struct Pair {
    first: usize,
    then: usize,
    /// When the step is carried out.
    time: usize,
    result: Id,
    fate: Fate,
    follower: Follower,
}

impl Merging<'_> {
    /// Notes what a step reads and writes.
    fn note(&mut self, index: usize) {
        let Some(step) = &self.steps[index] else { return };
        for id in &step.writes {
            self.makers.insert(*id, index);
        }
        for id in &step.reads {
            self.readers.entry(*id).or_default().push(index);
        }
    }

    fn job(&self, index: usize) -> Option<(&Step, &dyn Job)> {
        let step = self.steps[index].as_ref()?;
        if let Task::Job(job) = &step.task { Some((step, job.as_ref())) } else { None }
    }

    fn readers(&self, id: Id) -> impl Iterator<Item = usize> {
        self.readers.get(&id).into_iter().flatten().copied()
    }

    /// The variable that a value becomes.
    fn assigned(&self, id: Id) -> Option<VariableId> {
        self.readers(id).find_map(|reader| match self.steps[reader].as_ref()?.task {
            Task::Assign(variable) => Some(variable),
            _ => None,
        })
    }

    /// The product of this number and a loop, if they run as one step.
    fn pair(&self, first: usize) -> Option<Pair> {
        let (product, job) = self.job(first)?;
        let columns = job.columns()?;
        let [result] = product.writes[..] else { return None };
        let then = self.readers(result).min_by_key(|reader| self.times[*reader])?;
        if self.readers(result).filter(|reader| *reader == then).count() > 1 {
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
        let kept =
            self.readers(result).count() > 1 || self.outputs.iter().any(|(output, _)| *output == result);
        let variables: Vec<_> = step.writes.iter().filter_map(|id| self.assigned(*id)).collect();
        let fits = |id: &Id| {
            let own = self.lowered.kind(*id);
            own.dtype == DType::F32 && own.len() == kind.len()
        };
        let fate = match step.writes.iter().position(fits) {
            // What takes the place of the result cannot take that of a variable.
            _ if !variables.is_empty() && (kept || !job.gives_blocks()) => return None,
            _ if !variables.is_empty() => Fate::UsedUp,
            Some(written) if !kept => Fate::Replaced(written),
            _ => Fate::Kept,
        };
        let follower = jobs::behind(rows, columns, Behind { input, fate, reads: product.reads.len() })?;
        let others = || step.reads.iter().filter(|id| **id != result);
        let made = others().filter_map(|id| self.makers.get(id)).map(|maker| self.times[*maker]).max();
        let time = if fate == Fate::UsedUp {
            self.time_of_update(&variables, then, made.max(Some(self.times[first]))?)
        } else if made < Some(self.times[first]) {
            self.times[first]
        } else {
            self.times[then]
        };
        Some(Pair { first, then, time, result, fate, follower })
    }

    /// When a loop can be carried out that changes variables: after `earliest`, and after all that reads what they held before, but
    /// not after the place where it stands.
    fn time_of_update(&self, variables: &[VariableId], then: usize, earliest: usize) -> usize {
        let reads = self
            .steps
            .iter()
            .flatten()
            .filter(|step| matches!(&step.task, Task::Read(variable) if variables.contains(variable)));
        let users = reads.flat_map(|step| &step.writes).flat_map(|id| self.readers(*id));
        let last = users.filter(|user| *user != then).map(|user| self.times[user]).max();
        let after = last.map_or(earliest, |last| last.max(earliest)).saturating_add(1);
        after.min(self.times[then])
    }

    fn join(&mut self, Pair { first, then, time, result, fate, follower }: Pair) {
        let (Some(mut step), Some(other)) = (self.steps[first].take(), self.steps[then].take()) else {
            return;
        };
        for (index, id) in
            step.reads.iter().map(|id| (first, id)).chain(other.reads.iter().map(|id| (then, id)))
        {
            if let Some(readers) = self.readers.get_mut(id)
                && let Some(place) = readers.iter().position(|reader| *reader == index)
            {
                readers.swap_remove(place);
            }
        }
        step.task = match step.task {
            Task::Job(job) => Task::Job(follower.after(job)),
            task => task,
        };
        step.reads.extend(other.reads.into_iter().filter(|id| *id != result));
        let mut writes = other.writes;
        match fate {
            Fate::UsedUp => {}
            Fate::Kept => writes.insert(0, result),
            Fate::Replaced(written) => writes[..=written].rotate_right(1),
        }
        step.writes = writes;
        self.steps[then] = Some(step);
        self.times[then] = time;
        self.note(then);
    }
}
