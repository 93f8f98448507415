//! A product or a convolution, and a loop behind it: on each block of rows while it is in a cache.

use std::sync::Arc;

use holotype_kernels::fused::{Output, Source};

use super::loops::Rows;
use crate::exec::compiled::plan::{Fits, Job, Part, message, other_count, with_sources};

/// What becomes of the result of a job that a loop runs behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::exec::compiled) enum Fate {
    /// It is there afterwards.
    Kept,
    /// What the loop writes as its output of this number takes its place.
    Replaced(usize),
    /// The loop uses it up block by block: it is never whole.
    UsedUp,
}

/// How a loop runs behind the job that computes what it reads.
#[derive(Clone, Copy, Debug)]
pub(in crate::exec::compiled) struct Behind {
    /// Which of the values that the loop reads is computed by the job.
    pub input: usize,
    pub fate: Fate,
    /// How many values the job reads.
    pub reads: usize,
}

/// It reads what the job reads, then all else that the loop reads. It writes the result of the job, or what takes its place, then
/// all else that the loop writes.
#[derive(Clone, Debug)]
pub(in crate::exec::compiled) struct Followed {
    pub(super) first: Arc<dyn Job>,
    pub(super) then: Arc<Rows>,
    pub(super) behind: Behind,
}

/// The loop that runs behind a job with a result of so many columns, if it can.
pub(in crate::exec::compiled) fn behind(rows: &Rows, columns: usize, behind: Behind) -> Option<Follower> {
    let mut outputs = rows.outputs.clone();
    match behind.fate {
        Fate::Replaced(written) => {
            let output = outputs.get_mut(written)?;
            let Output::Full(node) = *output else { return None };
            *output = Output::InPlace { node, input: behind.input };
        }
        Fate::UsedUp if rows.needs_rows() => return None,
        Fate::Kept | Fate::UsedUp => {}
    }
    let then = rows.with_outputs(outputs)?;
    then.kernel.fits_behind(behind.input, columns).then_some(Follower { then, behind })
}

/// A loop to run behind a job.
pub(in crate::exec::compiled) struct Follower {
    then: Rows,
    behind: Behind,
}

impl Follower {
    /// The job with the loop behind it.
    pub fn after(self, first: Box<dyn Job>) -> Box<dyn Job> {
        let Self { then, behind } = self;
        Box::new(Followed { first: first.into(), then: Arc::new(then), behind })
    }
}

impl Job for Followed {
    fn describe(&self) -> String {
        format!("{} then {}", self.first.describe(), self.then.describe())
    }

    fn operations(&self) -> u64 {
        self.first.operations().saturating_add(self.then.operations())
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let Some((own, others)) = reads.split_at_mut_checked(self.behind.reads) else { return other_count() };
        with_sources(others, |others| self.run_with(own, others, writes))
    }

    fn in_place(&self, results: &[(usize, usize)]) -> Option<Box<dyn Job>> {
        let Behind { input, fate, reads } = self.behind;
        let of_loop = |&(written, read): &(usize, usize)| {
            let written = match fate {
                Fate::UsedUp => written,
                Fate::Kept => written.checked_sub(1)?,
                Fate::Replaced(_) => return None,
            };
            let read = read.checked_sub(reads)?;
            Some((written, if read < input { read } else { read + 1 }))
        };
        let results: Vec<_> = results.iter().map(of_loop).collect::<Option<_>>()?;
        Some(Box::new(Self { then: Arc::new(self.then.over(&results)?), ..self.clone() }))
    }

    fn followed(&self) -> Option<&Followed> {
        Some(self)
    }
}

impl Followed {
    fn run_with(&self, own: &mut [Part<'_>], others: &mut [Source<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let (kernel, mut first) = (&self.then.kernel, Ok(()));
        let then = if self.behind.fate == Fate::UsedUp {
            kernel.behind(self.behind.input, others, writes, |behind| {
                first = self.first.run_in_blocks(own, behind);
            })
        } else {
            let Some((out, rest)) = writes.split_first_mut() else { return other_count() };
            kernel.behind(self.behind.input, others, rest, |behind| {
                first = self.first.run_before(own, out, behind);
            })
        };
        first.and(then.map_err(message))
    }
}
