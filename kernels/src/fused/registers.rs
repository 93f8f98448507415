//! Which registers share memory.

use super::step::{Slot, Step};

/// Bytes between registers, so that equal indices of registers do not fall into the same set of the cache.
const SKEW: usize = 64;

/// Gives registers their places. Those that `last` keeps for the whole run share with none; those of the body share with
/// those that are no longer read. `first` is the slot of the first register; `capacities` are in bytes.
///
/// Returns the places in bytes, and the size of all.
pub(super) fn place(
    first: Slot,
    capacities: &[usize],
    kept: &[bool],
    body: &mut [Step],
) -> (Vec<usize>, usize) {
    let mut places = vec![0; capacities.len()];
    let mut end = 0;
    let mut grow = |capacity: usize| {
        let place = end;
        end += capacity.next_multiple_of(64) + SKEW;
        place
    };
    for (place, (&capacity, _)) in
        places.iter_mut().zip(capacities.iter().zip(kept)).filter(|(_, (_, kept))| **kept)
    {
        *place = grow(capacity);
    }
    let mut last = vec![0; capacities.len()];
    for (index, step) in body.iter_mut().enumerate() {
        for slot in step.operands() {
            if let Some(last) = slot.checked_sub(first).and_then(|register| last.get_mut(register)) {
                *last = index;
            }
        }
    }
    let mut free: Vec<(usize, usize)> = Vec::new();
    for (index, step) in body.iter_mut().enumerate() {
        let mut done: Vec<Slot> = step.operands().to_vec();
        done.sort_unstable();
        done.dedup();
        let done = done.into_iter().filter_map(|slot| slot.checked_sub(first));
        let done: Vec<Slot> = done.filter(|&register| !kept[register] && last[register] == index).collect();
        let release = |free: &mut Vec<(usize, usize)>, places: &[usize]| {
            free.extend(done.iter().map(|&register| (places[register], capacities[register])));
        };
        let over = step.is_direct();
        if over {
            release(&mut free, &places);
        }
        let result =
            step.result().and_then(|slot| slot.checked_sub(first)).filter(|&register| !kept[register]);
        if let Some(register) = result {
            let capacity = capacities[register];
            let fitting = free.iter().rposition(|&(_, size)| size == capacity);
            places[register] = fitting.map_or_else(|| grow(capacity), |found| free.remove(found).0);
            if last[register] == 0 {
                last[register] = index;
            }
        }
        if !over {
            release(&mut free, &places);
        }
    }
    (places, end)
}
