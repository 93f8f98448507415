//! The memory of a call, and steps with fast kernels over it.

use std::sync::Arc;

use arrayvec::ArrayVec;

use super::arena::Arena;
use super::lowered::{Id, Kind};
use super::outside::{Outputs, Outside};
use super::plan::{Job, MOST_PARTS, Part, Place, Plan, Step};
use crate::error::{Error, Result};
use crate::graph::{Exclusive, VariableId};
use crate::tensor::{Buffer, Data};

/// A variable that is changed where it lies.
pub(super) type Held<'a> = (VariableId, Exclusive<'a>);

/// Most steps read and write no more values than this.
const FEW: usize = 8;

/// The memory of a call of a plan.
pub(super) struct State {
    pub slots: Vec<Option<Data>>,
    /// For each slot a number that is another one whenever a variable may hold something else.
    versions: Vec<u64>,
    /// The count of changes of variables at which all that the plan holds from call to call was at hand; 0 if it may not be.
    pub epoch: u64,
    arena: Arena,
}

impl State {
    pub fn new(plan: &Plan) -> Result<Self> {
        let arena = Arena::new(plan.arena).ok_or_else(|| out_of_memory(plan.arena))?;
        let mut slots = vec![None; plan.slots];
        for (slot, data) in &plan.constants {
            slots[*slot] = Some(data.clone());
        }
        let mut versions = vec![0; plan.slots];
        for (slot, _) in &plan.constants {
            versions[*slot] = 1;
        }
        Ok(Self { slots, versions, epoch: 0, arena })
    }

    /// Lets go of everything but the constants.
    pub fn clear(&mut self, plan: &Plan) {
        let is_constant = |slot: &usize| plan.constants.iter().any(|(constant, _)| constant == slot);
        debug_assert!(!plan.dropped.iter().any(is_constant));
        self.let_go(&plan.dropped);
    }

    /// Lets go of what some slots hold.
    pub fn let_go(&mut self, slots: &[usize]) {
        for slot in slots {
            self.slots[*slot] = None;
        }
    }

    fn bytes<'s>(&'s self, place: &Place, outside: &'s Outside<'_, '_>) -> Option<&'s [u8]> {
        match place {
            Place::None => None,
            Place::Slot(slot) => self.slots.get(*slot)?.as_ref().map(Data::bytes),
            Place::Arena(range) => self.arena.read(range),
            Place::Input(index) => outside.input(*index),
            Place::Output(index) => outside.output(*index),
        }
    }

    /// A value as a tensor of its own.
    pub fn data(&self, plan: &Plan, id: Id, kind: &Kind, outside: &Outside<'_, '_>) -> Result<Data> {
        let place = plan.places.get(id.index()).ok_or_else(broken)?;
        let own = match place {
            Place::Slot(slot) => self.slots.get(*slot).cloned().flatten(),
            Place::Input(index) => outside.input_data(*index),
            _ => None,
        };
        let data = if let Some(data) = own {
            data
        } else {
            let bytes = self.bytes(place, outside).ok_or_else(broken)?;
            let mut buffer = Buffer::new(bytes.len()).ok_or_else(|| out_of_memory(bytes.len()))?;
            buffer.bytes_mut().copy_from_slice(bytes);
            Data::from_storage(kind.dtype, kind.sizes.clone(), Arc::new(buffer))?
        };
        if data.sizes() == kind.sizes { Ok(data) } else { data.with_sizes(kind.sizes.clone()) }
    }

    /// Whether a slot holds this version of a variable already.
    pub fn holds(&self, slot: usize, version: u64) -> bool {
        self.versions.get(slot) == Some(&version) && self.slots.get(slot).is_some_and(Option::is_some)
    }

    /// Puts a version of a variable into a slot.
    pub fn keep(&mut self, slot: usize, data: Data, version: u64) {
        if let (Some(place), Some(known)) = (self.slots.get_mut(slot), self.versions.get_mut(slot)) {
            (*place, *known) = (Some(data), version);
        }
    }

    pub fn put(&mut self, plan: &Plan, ids: &[Id], results: Vec<Data>) {
        for (id, data) in ids.iter().zip(results) {
            if let Some(place) = plan.slot(*id).and_then(|slot| self.slots.get_mut(slot)) {
                *place = Some(data);
            }
        }
    }

    /// Runs the kernel of a step over the memory it reads and writes.
    pub fn job(
        &mut self,
        plan: &Plan,
        step: &Step,
        job: &dyn Job,
        held: &mut [Held<'_>],
        outside: &mut Outside<'_, '_>,
    ) -> Result<()> {
        // Lists on the stack are as long as the step needs: moving long ones takes time.
        if step.reads.len() <= FEW && step.writes.len() <= FEW && step.outputs.len() <= FEW {
            self.job_of::<FEW>(plan, step, job, held, outside)
        } else {
            self.job_of::<MOST_PARTS>(plan, step, job, held, outside)
        }
    }

    /// (Not inlined, so that a step with few values takes little of the stack.)
    #[inline(never)]
    fn job_of<const N: usize>(
        &mut self,
        plan: &Plan,
        step: &Step,
        job: &dyn Job,
        held: &mut [Held<'_>],
        outside: &mut Outside<'_, '_>,
    ) -> Result<()> {
        let mut outputs = Outputs::<'_, N>::new();
        let inputs = outside.parts(&step.outputs, &mut outputs);
        let replaces = |written: usize| step.in_place.iter().any(|(other, ..)| *other == written);
        let new = || step.writes.iter().enumerate().filter(|(at, _)| !replaces(*at)).map(|(_, id)| *id);
        let mut exclusive: ArrayVec<(usize, &mut [u8]), N> = ArrayVec::new();
        for (variable, value) in held {
            if let Some((_, read, _)) = step.in_place.iter().find(|(.., other)| other == variable) {
                if let Some(slot) = step.reads.get(*read).and_then(|id| plan.slot(*id)) {
                    self.slots[slot] = None;
                }
                exclusive.push((*read, value.bytes_mut().ok_or_else(|| out_of_memory(0))?));
            }
        }
        // What goes elsewhere is no part of the memory of the plan.
        let mut fresh: ArrayVec<Buffer, N> = ArrayVec::new();
        for id in new().filter(|id| plan.slot(*id).is_some()) {
            let bytes = plan.kinds.get(id.index()).ok_or_else(broken)?.bytes();
            fresh.push(Buffer::new(bytes).ok_or_else(|| out_of_memory(bytes))?);
        }
        let range = |id: Id| match plan.places.get(id.index()) {
            Some(Place::Arena(range)) => Some(range.clone()),
            _ => None,
        };
        let mut read_parts: ArrayVec<&[u8], N> = ArrayVec::new();
        let mut written_parts: ArrayVec<&mut [u8], N> = ArrayVec::new();
        let apart = self.arena.split(
            step.reads.iter().copied().filter_map(range),
            new().filter_map(range),
            |part| read_parts.push(part),
            |part| written_parts.push(part),
        );
        if !apart {
            return Err(broken());
        }
        let (mut from_arena, mut to_arena, mut to_fresh) =
            (read_parts.iter().copied(), written_parts.drain(..), fresh.iter_mut());
        let mut writes: ArrayVec<&mut [u8], N> = ArrayVec::new();
        for id in new() {
            let part = match plan.places.get(id.index()) {
                Some(Place::Slot(_)) => to_fresh.next().map(Buffer::bytes_mut),
                Some(Place::Output(index)) => {
                    let place = outputs.iter().position(|(other, _)| other == index);
                    place.map(|place| outputs.swap_remove(place).1)
                }
                _ => to_arena.next(),
            };
            writes.push(part.ok_or_else(broken)?);
        }
        let mut reads: ArrayVec<Part<'_>, N> = ArrayVec::new();
        for (at, id) in step.reads.iter().enumerate() {
            if let Some(own) = exclusive.iter().position(|(read, _)| *read == at) {
                reads.push(Part::Exclusive(exclusive.swap_remove(own).1));
                continue;
            }
            let (bytes, version) = match plan.places.get(id.index()) {
                Some(Place::Slot(slot)) => {
                    (self.slots.get(*slot).and_then(Option::as_ref).map(Data::bytes), self.versions[*slot])
                }
                Some(Place::Input(index)) => (inputs.get(*index), 0),
                Some(Place::Output(index)) => {
                    (outputs.iter().find(|(other, _)| other == index).map(|(_, part)| &**part), 0)
                }
                _ => (from_arena.next(), 0),
            };
            reads.push(Part::Shared { bytes: bytes.ok_or_else(broken)?, version });
        }
        job.run(&mut reads, &mut writes).map_err(|message| {
            Error::graph(step.scope.as_ref(), None, format!("{}: {message}", job.describe()))
        })?;
        drop((reads, writes));
        drop(to_arena);
        let mut fresh = fresh.drain(..);
        for id in new() {
            if let Some(slot) = plan.slot(id)
                && let (Some(buffer), Some(kind)) = (fresh.next(), plan.kinds.get(id.index()))
            {
                self.slots[slot] =
                    Some(Data::from_storage(kind.dtype, kind.sizes.clone(), Arc::new(buffer))?);
            }
        }
        Ok(())
    }
}

/// The error of a plan that does not fit itself.
pub(super) fn broken() -> Error {
    Error::graph("", None, "a value is not where the plan of the function says")
}

fn out_of_memory(bytes: usize) -> Error {
    Error::graph("", None, format!("the call needs {bytes} bytes, which do not fit in memory"))
}
