//! What people see while a model learns.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::history::{Epoch, Metrics};
use crate::error::Result;

/// What people see while a model learns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// A progress bar if the standard error stream is a terminal, a line for each epoch otherwise.
    #[default]
    Auto,
    /// A line for each epoch.
    Lines,
    /// Nothing.
    Silent,
}

/// Shows the progress of one `fit` on the standard error stream.
pub(super) struct Reporter {
    bar: Option<ProgressBar>,
    lines: bool,
    epochs: u64,
    samples: usize,
    shown: Option<Instant>,
}

/// How long the metrics of a progress bar stand.
const INTERVAL: Duration = Duration::from_millis(100);

impl Reporter {
    pub fn new(progress: Progress, epochs: u64, samples: usize) -> Self {
        let terminal = progress == Progress::Auto && std::io::stderr().is_terminal();
        let bar = terminal.then(|| {
            let bar = ProgressBar::with_draw_target(Some(samples as u64), ProgressDrawTarget::stderr());
            let template = "{prefix} {wide_bar} {pos}/{len} {per_sec} ETA {eta} {msg}";
            bar.with_style(
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
            )
        });
        Self { lines: !terminal && progress != Progress::Silent, bar, epochs, samples, shown: None }
    }

    pub fn start_epoch(&mut self, index: u64) {
        if let Some(bar) = &self.bar {
            bar.reset();
            bar.set_length(self.samples as u64);
            bar.set_prefix(format!("epoch {}/{}", index + 1, self.epochs));
        }
    }

    /// Shows that the epoch has come to this sample; reads the metrics only as often as somebody can see them.
    pub fn step(&mut self, samples: usize, metrics: impl FnOnce() -> Result<Metrics>) {
        let Some(bar) = &self.bar else { return };
        bar.set_position(samples as u64);
        if self.shown.is_none_or(|shown| shown.elapsed() >= INTERVAL) {
            self.shown = Some(Instant::now());
            if let Ok(metrics) = metrics() {
                bar.set_message(metrics.to_string());
            }
        }
    }

    pub fn finish_epoch(&mut self, epoch: &Epoch) {
        let line = format!("epoch {}  {}", epoch.number, epoch.metrics);
        if let Some(bar) = &self.bar {
            bar.println(line);
        } else if self.lines {
            // Progress that cannot be shown is no reason to stop learning.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
