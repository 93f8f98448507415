//! A product, a loop behind it, and a product whose left operand is what the loop gives: each block of rows is used while it is in a
//! cache.

use std::sync::Arc;

use holotype_kernels::fused::Behind as Kernel;
use holotype_kernels::gemm::Chain;

use super::behind::{Behind, Fate};
use super::loops::Rows;
use super::product::Products;
use crate::exec::compiled::plan::{Fits, Job, Part, message, other_count, with_sources};

/// It reads what the first products and the loop read, in the order of these as one step, then the right operand of the products
/// behind. It writes the result of the latter, then what the loop gives: first, if it is kept, what takes the place of the first
/// result.
#[derive(Clone, Debug)]
struct Chained {
    first: Products,
    between: Arc<Rows>,
    behind: Behind,
    then: Products,
    keeps: bool,
}

/// Products with a loop behind them, and products of what these give, as one step, if that can be; `keeps` says whether anything else
/// needs what is between them.
pub(in crate::exec::compiled) fn chain(first: &dyn Job, then: &dyn Job, keeps: bool) -> Option<Box<dyn Job>> {
    let (followed, then) = (first.followed()?, then.products()?);
    let first = followed.first.products()?;
    let fits =
        matches!(followed.behind.fate, Fate::Replaced(_)) && then.follows(first) && first.is_near(then);
    let chained = || Chained {
        first: first.clone(),
        between: followed.then.clone(),
        behind: followed.behind,
        then: then.clone(),
        keeps,
    };
    fits.then(|| Box::new(chained()) as Box<dyn Job>)
}

impl Job for Chained {
    fn describe(&self) -> String {
        let kept = if self.keeps { ", kept," } else { "" };
        format!(
            "{} then {}{kept} then {}",
            self.first.describe(),
            self.between.describe(),
            self.then.describe()
        )
    }

    fn operations(&self) -> u64 {
        let first = self.first.operations().saturating_add(self.between.operations());
        first.saturating_add(self.then.operations())
    }

    fn run(&self, reads: &mut [Part<'_>], writes: &mut [&mut [u8]]) -> Fits {
        let Some((out, rest)) = writes.split_first_mut() else { return other_count() };
        self.compute(reads, out, rest, None)
    }

    fn columns(&self) -> Option<usize> {
        // What has more than one result is no product that a loop follows.
        let alone = !self.keeps && self.between.outputs.len() == 1;
        self.then.columns().filter(|_| alone)
    }

    fn reordered(&self, sizes: &[usize], strides: &[isize]) -> Option<Box<dyn Job>> {
        Some(Box::new(Self { then: self.then.arranged(sizes, strides)?, ..self.clone() }))
    }

    fn run_before(&self, reads: &mut [Part<'_>], out: &mut [u8], behind: &mut Kernel<'_>) -> Fits {
        self.compute(reads, out, &mut [], Some(behind))
    }
}

impl Chained {
    fn compute(
        &self,
        reads: &mut [Part<'_>],
        out: &mut [u8],
        rest: &mut [&mut [u8]],
        last: Option<&mut Kernel<'_>>,
    ) -> Fits {
        let [left, right, others @ .., next] = reads else { return other_count() };
        let (between, rest) = match rest.split_first_mut() {
            Some((between, rest)) if self.keeps => (Some(bytemuck::cast_slice_mut(between)), rest),
            _ if self.keeps => return other_count(),
            _ => (None, rest),
        };
        let computed = with_sources(others, |others| {
            self.between.kernel.behind(self.behind.input, others, rest, |behind| {
                self.first.with(left, right, |first| {
                    // Of the second products, the left operand is not read.
                    self.then.with(left, next, |then| {
                        behind.chain(Chain::new(first, then), between, last, self.then.output(out))
                    })
                })
            })
        });
        let computed = computed.map_err(message)?;
        computed.map_err(message)
    }
}
