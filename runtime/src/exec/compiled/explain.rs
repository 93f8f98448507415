//! Plans as people read them.

use std::fmt;

use super::lowered::{Id, Kind};
use super::peak::peak;
use super::plan::{Place, Plan, Task};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let constants: usize = self.constants.iter().map(|(_, data)| data.bytes().len()).sum();
        writeln!(
            f,
            "{} steps, {} bytes of shared memory, {constants} bytes of constants, at most {} bytes at once",
            self.steps.len(),
            self.arena,
            peak(self)
        )?;
        for (index, step) in self.steps.iter().enumerate() {
            write!(f, "{index:4}  {}", step.task.describe())?;
            if !step.scope.is_empty() {
                write!(f, "  in {}", step.scope)?;
            }
            if let Task::Job(job) = &step.task
                && job.operations() > 0
            {
                write!(f, "  {} operations", job.operations())?;
            }
            writeln!(f)?;
            for (what, ids) in [("from", &step.reads), ("to", &step.writes)] {
                for (at, id) in ids.iter().enumerate() {
                    let replaced = step.in_place.iter().find(|(written, ..)| what == "to" && *written == at);
                    match replaced {
                        Some((.., variable)) => {
                            writeln!(f, "        to   variable {} where it lies", variable.0)?;
                        }
                        None => writeln!(f, "        {what:4} {}", Value { plan: self, id: *id })?,
                    }
                }
            }
        }
        Ok(())
    }
}

/// A value with its type and place.
struct Value<'p> {
    plan: &'p Plan,
    id: Id,
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, place) = (self.plan.kinds.get(self.id.index()), self.plan.places.get(self.id.index()));
        write!(f, "%{}", self.id.0)?;
        if let Some(Kind { dtype, sizes }) = kind {
            write!(f, " {sizes:?} {dtype}")?;
        }
        match place {
            Some(Place::Arena(range)) => write!(f, " at {}..{}", range.start, range.end),
            Some(Place::Slot(slot)) => write!(f, " in tensor {slot}"),
            Some(Place::Input(index)) => write!(f, " in input {index}"),
            Some(Place::Output(index)) => write!(f, " in output {index}"),
            Some(Place::None) | None => Ok(()),
        }
    }
}
