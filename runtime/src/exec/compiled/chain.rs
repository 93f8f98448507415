//! Products whose left operand is what a product and the loop behind it give, as one step with these.

use super::behind::Merging;
use super::jobs;
use super::lowered::Id;
use super::plan::{Job, MOST_PARTS, Task};

/// A product with a loop behind it, and a product of what these give.
pub(super) struct Link {
    first: usize,
    then: usize,
    /// Where the step goes.
    place: usize,
    /// Whether anything else reads what is between them.
    keeps: bool,
    job: Box<dyn Job>,
}

impl Merging<'_> {
    /// The product of what the step of this number gives, if both run as one.
    pub(super) fn link(&self, first: usize) -> Option<Link> {
        let (step, job) = self.job(first)?;
        let middle = step.writes.first()?;
        let readers = self.readers.get(middle)?;
        let keeps = readers.len() > 1 || self.outputs.iter().any(|(output, _)| output == middle);
        readers.iter().copied().find_map(|then| {
            let (next, other) = self.job(then)?;
            let ([left, right], [_]) = (&next.reads[..], &next.writes[..]) else { return None };
            if left != middle || right == middle || step.reads.len() + step.writes.len() >= MOST_PARTS {
                return None;
            }
            let job = jobs::chain(job, other, keeps)?;
            // All that the first product gives is needed later than the step stands.
            let early = |id: &Id| {
                let readers = self.readers.get(id).into_iter().flatten();
                readers.copied().any(|reader| reader < then)
            };
            let place = match self.makers.get(right) {
                Some(maker) if *maker > first => (!step.writes.iter().any(early)).then_some(then)?,
                _ => first,
            };
            Some(Link { first, then, place, keeps, job })
        })
    }

    /// Puts two steps together; gives the place of what they have become.
    pub(super) fn chain(&mut self, Link { first, then, place, keeps, job }: Link) -> Option<usize> {
        let (mut step, next) = (self.steps[first].take()?, self.steps[then].take()?);
        self.forget(first, &step);
        self.forget(then, &next);
        step.task = Task::Job(job);
        step.reads.extend(next.reads.into_iter().skip(1));
        let own = step.writes.into_iter().skip(usize::from(!keeps));
        step.writes = next.writes.into_iter().chain(own).collect();
        self.steps[place] = Some(step);
        self.note(place);
        Some(place)
    }

    /// Lets products write their result in the order in which the only step that reads it would put it.
    pub(super) fn order(&mut self, first: usize) {
        let Some((copy, job)) = self.ordered(first) else { return };
        let Some(ordered) = self.steps[copy].take() else { return };
        self.forget(copy, &ordered);
        if let (Some(step), Some(result)) = (&mut self.steps[first], ordered.writes.first()) {
            step.task = Task::Job(job);
            step.writes[0] = *result;
            self.makers.insert(*result, first);
        }
    }

    fn ordered(&self, first: usize) -> Option<(usize, Box<dyn Job>)> {
        let (step, job) = self.job(first)?;
        let result = step.writes.first()?;
        let [copy] = self.readers.get(result)?[..] else { return None };
        let (ordered, other) = self.job(copy)?;
        let (sizes, strides) = other.order()?;
        let alone = ordered.reads == [*result] && !self.outputs.iter().any(|(output, _)| output == result);
        Some((copy, alone.then(|| job.reordered(sizes, strides)).flatten()?))
    }
}
