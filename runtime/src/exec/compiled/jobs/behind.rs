//! A product or a convolution, and a loop behind it: on each block of rows while it is in a cache.

use arrayvec::ArrayVec;
use holotype_kernels::fused::Output;

use super::loops::Rows;
use crate::exec::compiled::plan::{Fits, Job, MOST_PARTS, Part, other_count};

/// How a loop runs behind the job that computes what it reads.
#[derive(Clone, Copy, Debug)]
pub(in crate::exec::compiled) struct Behind {
    /// Which of the values that the loop reads is computed by the job.
    pub input: usize,
    /// Which of the values that it writes takes the place of that one; none if that one is kept.
    pub in_place: Option<usize>,
    /// How many values the job reads.
    pub reads: usize,
}

/// It reads what the job reads, then all else that the loop reads. It writes the result of the job, or what takes its place, then
/// all else that the loop writes.
#[derive(Debug)]
struct Followed {
    first: Box<dyn Job>,
    then: Rows,
    behind: Behind,
}

/// The loop that runs behind a job with a result of so many columns, if it can.
pub(in crate::exec::compiled) fn behind(rows: &Rows, columns: usize, behind: Behind) -> Option<Follower> {
    let mut outputs = rows.outputs.clone();
    if let Some(written) = behind.in_place {
        let output = outputs.get_mut(written)?;
        let Output::Full(node) = *output else { return None };
        *output = Output::InPlace { node, input: behind.input };
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
        Box::new(Followed { first, then, behind })
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
        let Some((out, rest)) = writes.split_first_mut() else { return other_count() };
        // Lists on the stack are as long as the step needs: moving long ones takes time.
        if others.len() <= 8 {
            let others: ArrayVec<&[u8], 8> = others.iter().map(Part::bytes).collect();
            self.run_with(own, &others, out, rest)
        } else {
            let others: ArrayVec<&[u8], MOST_PARTS> = others.iter().map(Part::bytes).collect();
            self.run_with(own, &others, out, rest)
        }
    }
}

impl Followed {
    fn run_with(
        &self,
        own: &mut [Part<'_>],
        others: &[&[u8]],
        out: &mut [u8],
        rest: &mut [&mut [u8]],
    ) -> Fits {
        let mut first = Ok(());
        let then = self.then.kernel.behind(self.behind.input, others, rest, |behind| {
            first = self.first.run_before(own, out, behind);
        });
        first.and(then.map_err(|mismatch| mismatch.to_string()))
    }
}
