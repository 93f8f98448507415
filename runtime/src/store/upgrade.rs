//! Old versions of the format, brought up to the newest one step at a time.

use super::container::{Sections, VERSION};

/// Turns the sections of one version into those of the next.
type Step = fn(Sections) -> Result<Sections, String>;

/// The step at index `n` leads from version `n + 1` to version `n + 2`.
const STEPS: [Step; VERSION as usize - 1] = [];

/// The sections as the newest version would have written them. A newer file that this version may read is left alone.
pub(super) fn upgrade(version: u32, sections: Sections) -> Result<Sections, String> {
    let done = (version as usize).saturating_sub(1).min(STEPS.len());
    STEPS[done..].iter().try_fold(sections, |sections, step| step(sections))
}
