//! Variables that are changed where they lie, instead of getting new memory in every call.

use std::collections::HashMap;

use super::lowered::{Id, Kind, Lowered, Work};
use super::plan::{Step, Task};
use crate::graph::VariableId;

/// Lets steps write the new values of variables over the old ones wherever nothing can tell: nothing reads the old value
/// afterwards, nothing but the assignment reads the new one, and no step that follows can fail.
///
/// Gives the variables that are changed so.
pub(super) fn update(steps: &mut Vec<Step>, lowered: &Lowered, outputs: &[(Id, Kind)]) -> Vec<VariableId> {
    let first_safe = steps.iter().rposition(can_fail).map_or(0, |last| last + 1);
    let mut held: HashMap<VariableId, Vec<Id>> = HashMap::new();
    let mut readers: HashMap<Id, Vec<usize>> = HashMap::new();
    for (index, step) in steps.iter().enumerate() {
        if let Task::Read(variable) = step.task {
            held.entry(variable).or_default().extend(&step.writes);
        }
        for id in &step.reads {
            readers.entry(*id).or_default().push(index);
        }
    }
    let comes_out = |id: Id| outputs.iter().any(|(output, _)| *output == id);
    let mut found: Vec<(usize, usize, usize, usize, VariableId)> = Vec::new();
    for (assigning, step) in steps.iter().enumerate() {
        let (Task::Assign(variable), [new]) = (&step.task, step.reads.as_slice()) else { continue };
        let Some([old]) = held.get(variable).map(Vec::as_slice) else { continue };
        let Some((maker, making)) =
            steps[..assigning].iter().enumerate().rfind(|(_, step)| step.writes.contains(new))
        else {
            continue;
        };
        let place = |ids: &[Id], id: &Id| ids.iter().position(|other| other == id);
        let (Some(written), Some(read)) = (place(&making.writes, new), place(&making.reads, old)) else {
            continue;
        };
        let twice = making.reads.iter().filter(|id| *id == old).count() > 1;
        let read_later = readers.get(old).is_some_and(|readers| readers.iter().any(|reader| *reader > maker));
        let read_once = readers.get(new).is_some_and(|readers| readers.as_slice() == [assigning]);
        let same = lowered.kind(*new) == lowered.kind(*old);
        let assigned_once = steps
            .iter()
            .filter(|step| matches!(&step.task, Task::Assign(other) if other == variable))
            .count()
            == 1;
        if maker >= first_safe
            && !twice
            && !read_later
            && read_once
            && same
            && assigned_once
            && !comes_out(*new)
            && !comes_out(*old)
        {
            found.push((maker, written, read, assigning, *variable));
        }
    }
    let mut done = Vec::new();
    let mut assigned = Vec::new();
    while let Some((maker, ..)) = found.first() {
        let (of_step, rest): (Vec<_>, Vec<_>) = found.iter().copied().partition(|(other, ..)| other == maker);
        let pairs: Vec<_> = of_step.iter().map(|(_, written, read, ..)| (*written, *read)).collect();
        let step = &mut steps[*maker];
        if let Task::Job(job) = &step.task
            && let Some(job) = job.in_place(&pairs)
        {
            step.task = Task::Job(job);
            for (_, written, read, assigning, variable) in &of_step {
                step.in_place.push((*written, *read, *variable));
                done.push(*variable);
                assigned.push(*assigning);
            }
        }
        found = rest;
    }
    let mut index = 0;
    steps.retain(|_| {
        index += 1;
        !assigned.contains(&(index - 1))
    });
    done
}

/// Whether a step can end the call with an error.
pub(super) fn can_fail(step: &Step) -> bool {
    match &step.task {
        Task::Job(_) | Task::Assign(_) => false,
        Task::Kernel(op) => Work::Op(op.clone()).is_ordered(),
        Task::Read(_) | Task::Control(_) | Task::Fail(_) => true,
    }
}
