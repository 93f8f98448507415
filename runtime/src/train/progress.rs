//! What people see while a model learns.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{HumanFloatCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::history::{Epoch, Metrics, Warning};
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
    last: u64,
    shown: Option<Instant>,
}

/// How long the metrics of a progress bar stand.
const INTERVAL: Duration = Duration::from_millis(100);

impl Reporter {
    /// `last` is the number of the epoch that the fit ends with.
    pub fn new(progress: Progress, last: u64, samples: usize) -> Self {
        let terminal = progress == Progress::Auto && std::io::stderr().is_terminal();
        let bar = terminal.then(|| {
            let bar = ProgressBar::with_draw_target(Some(samples as u64), ProgressDrawTarget::stderr());
            let template = "{prefix} {wide_bar} {pos}/{len} {rate} ETA {eta} {msg}";
            let style = ProgressStyle::with_template(template);
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.with_style(style.with_key("rate", |state: &ProgressState, text: &mut dyn fmt::Write| {
                let _ = write!(text, "{}/s", HumanFloatCount(state.per_sec().round()));
            }))
        });
        Self { lines: !terminal && progress != Progress::Silent, bar, last, shown: None }
    }

    /// Starts the bar of an epoch that has come to this sample.
    pub fn start_epoch(&mut self, number: u64, samples: usize) {
        self.shown = None;
        if let Some(bar) = &self.bar {
            bar.set_message("");
            bar.set_prefix(format!("epoch {number}/{}", self.last));
            bar.reset();
            bar.set_position(samples as u64);
            bar.reset_eta();
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
        self.line(&format!("epoch {}  {}", epoch.number, epoch.metrics));
    }

    pub fn warn(&self, warning: &Warning) {
        self.line(&format!("warning: {warning}"));
    }

    fn line(&self, line: &str) {
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
