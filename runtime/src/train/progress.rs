//! What people see while a model learns.

use std::fmt::{self, Write as _};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{
    FormattedDuration, HumanFloatCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle,
};

use super::history::{Epoch, Metrics, Warning};
use crate::error::Result;

/// What people see while a model learns.
///
/// A progress bar says which epoch of how many it is, which step of how many, how many steps are taken in a second, how long the rest
/// of the epoch will take, and the metrics so far:
///
/// ```text
/// epoch 2/5 ███████████░░░░░░░░░ 1031/1875 412 steps/s ETA 2s loss 0.1322  accuracy 0.9612
/// ```
///
/// Lines say the same of an epoch that is over, and of one that is going on when there has been none for a while:
///
/// ```text
/// epoch 1/5  1875 steps  398 steps/s  loss 0.3127  accuracy 0.9081
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// A progress bar if the standard error stream is a terminal, lines otherwise.
    #[default]
    Auto,
    /// A line for each epoch, and in an epoch that takes long one every half a minute.
    Lines,
    /// Nothing.
    Silent,
}

/// Shows the progress of one `fit` on the standard error stream.
pub(super) struct Reporter {
    display: Display,
    /// The number of the epoch that the fit ends with.
    last: u64,
    /// The epoch that is going on, how many of its steps had been taken when it was started or gone on with, how many have been
    /// taken now, and how many there are.
    epoch: u64,
    first: usize,
    step: usize,
    steps: usize,
    started: Instant,
    /// How long all steps took; what is judged behind them counts for no rate.
    took: Option<Duration>,
    /// When somebody was last shown something.
    shown: Option<Instant>,
}

enum Display {
    Bar(ProgressBar),
    Lines,
    Nothing,
}

/// How long the metrics of a progress bar stand.
const INTERVAL: Duration = Duration::from_millis(100);
/// How long there may be no line.
const SILENCE: Duration = Duration::from_secs(30);

impl Reporter {
    /// `last` is the number of the epoch that the fit ends with.
    pub fn new(progress: Progress, last: u64) -> Self {
        let display = match progress {
            Progress::Silent => Display::Nothing,
            Progress::Auto if std::io::stderr().is_terminal() => {
                Display::Bar(bar(ProgressDrawTarget::stderr()))
            }
            Progress::Auto | Progress::Lines => Display::Lines,
        };
        Self::showing(display, last)
    }

    fn showing(display: Display, last: u64) -> Self {
        let started = Instant::now();
        Self { display, last, epoch: 0, first: 0, step: 0, steps: 0, started, took: None, shown: None }
    }

    /// Starts an epoch of so many steps, of which some may have been taken already.
    pub fn start_epoch(&mut self, number: u64, step: usize, steps: usize) {
        let now = Instant::now();
        (self.epoch, self.first, self.step, self.steps) = (number, step, step, steps);
        (self.started, self.took) = (now, None);
        match &self.display {
            Display::Bar(bar) => {
                self.shown = None;
                bar.reset();
                bar.set_length(steps as u64);
                bar.set_position(step as u64);
                bar.reset_eta();
                bar.set_message("");
                bar.set_prefix(format!("epoch {number}/{}", self.last));
            }
            Display::Lines => {
                self.shown.get_or_insert(now);
            }
            Display::Nothing => {}
        }
    }

    /// Shows that the epoch has come to this step; reads the metrics only as often as somebody can see them.
    pub fn step(&mut self, step: usize, metrics: impl FnOnce() -> Result<Metrics>) {
        self.step = step;
        if step >= self.steps {
            self.took = Some(self.started.elapsed());
        }
        let pause = match &self.display {
            Display::Bar(bar) => {
                bar.set_position(step as u64);
                INTERVAL
            }
            Display::Lines if step < self.steps => SILENCE,
            Display::Lines | Display::Nothing => return,
        };
        let now = Instant::now();
        if self.shown.is_some_and(|shown| now.duration_since(shown) < pause) {
            return;
        }
        self.shown = Some(now);
        let Ok(metrics) = metrics() else { return };
        match &self.display {
            Display::Bar(bar) => bar.set_message(metrics.to_string()),
            Display::Lines => self.line(&self.going_on(now.duration_since(self.started), &metrics)),
            Display::Nothing => {}
        }
    }

    pub fn finish_epoch(&mut self, epoch: &Epoch) {
        self.shown = Some(Instant::now());
        self.line(&self.finished(self.took.unwrap_or_else(|| self.started.elapsed()), epoch));
    }

    pub fn warn(&self, warning: &Warning) {
        self.line(&format!("warning: {warning}"));
    }

    /// The line of an epoch that is going on and has taken so long.
    fn going_on(&self, time: Duration, metrics: &Metrics) -> String {
        let Self { epoch, last, step, steps, .. } = self;
        let mut line = format!("epoch {epoch}/{last}  step {step}/{steps}");
        let (taken, left) = (step.saturating_sub(self.first), steps.saturating_sub(*step));
        if let Some(rate) = rate(taken, time) {
            let _ = write!(line, "  {}", per_second(rate));
            if let Ok(left) = Duration::try_from_secs_f64(left as f64 / rate) {
                let _ = write!(line, "  ETA {}", FormattedDuration(left));
            }
        }
        format!("{line}  {metrics}")
    }

    /// The line of an epoch that is over and whose steps took so long.
    fn finished(&self, time: Duration, epoch: &Epoch) -> String {
        let taken = self.step.saturating_sub(self.first);
        let steps = if taken == 1 { "step" } else { "steps" };
        let mut line = format!("epoch {}/{}  {taken} {steps}", epoch.number, self.last);
        if let Some(rate) = rate(taken, time) {
            let _ = write!(line, "  {}", per_second(rate));
        }
        format!("{line}  {}", epoch.metrics)
    }

    fn line(&self, line: &str) {
        match &self.display {
            Display::Bar(bar) => bar.println(line),
            // Progress that cannot be shown is no reason to stop learning.
            Display::Lines => drop(writeln!(std::io::stderr(), "{line}")),
            Display::Nothing => {}
        }
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }
}

fn bar(target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), target);
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {rate} ETA {eta} {msg}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.with_key("rate", |state: &ProgressState, text: &mut dyn fmt::Write| {
        let _ = text.write_str(&per_second(state.per_sec()));
    }))
}

/// How many steps were taken in a second, if that can be said.
fn rate(steps: usize, time: Duration) -> Option<f64> {
    let rate = steps as f64 / time.as_secs_f64();
    (rate.is_finite() && rate > 0.0).then_some(rate)
}

/// A rate with about three digits.
fn per_second(rate: f64) -> String {
    match rate {
        _ if rate >= 100.0 => format!("{} steps/s", HumanFloatCount(rate.round())),
        _ if rate >= 1.0 || rate <= 0.0 => format!("{rate:.1} steps/s"),
        _ => format!("{:.1} s/step", 1.0 / rate),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    fn metrics() -> Metrics {
        [("loss".to_owned(), 0.5), ("accuracy".to_owned(), 0.75)].into_iter().collect()
    }

    #[test]
    fn lines_say_epoch_step_rate_and_rest() {
        let mut reporter = Reporter::showing(Display::Nothing, 5);
        reporter.start_epoch(2, 0, 1000);
        reporter.step(400, || Ok(metrics()));
        assert_eq!(
            reporter.going_on(Duration::from_secs(2), &metrics()),
            "epoch 2/5  step 400/1000  200 steps/s  ETA 00:00:03  loss 0.5000  accuracy 0.7500"
        );
        reporter.step(1000, || Ok(metrics()));
        let epoch = Epoch { number: 2, metrics: metrics() };
        assert_eq!(
            reporter.finished(Duration::from_millis(500), &epoch),
            "epoch 2/5  1000 steps  2,000 steps/s  loss 0.5000  accuracy 0.7500"
        );
    }

    #[test]
    fn what_was_done_before_counts_for_no_rate() {
        let mut reporter = Reporter::showing(Display::Nothing, 1);
        reporter.start_epoch(1, 90, 100);
        reporter.step(95, || Ok(metrics()));
        let line = reporter.going_on(Duration::from_secs(50), &metrics());
        assert!(line.starts_with("epoch 1/1  step 95/100  10.0 s/step  ETA 00:00:50  loss"), "{line}");
        reporter.start_epoch(1, 99, 100);
        reporter.step(100, || Ok(metrics()));
        let line = reporter.finished(Duration::ZERO, &Epoch { number: 1, metrics: metrics() });
        assert_eq!(line, "epoch 1/1  1 step  loss 0.5000  accuracy 0.7500");
    }

    #[test]
    fn rates_have_about_three_digits() {
        let texts = [0.0, 0.05, 1.26, 99.4, 100.4, 12_345.6].map(per_second);
        let expected =
            ["0.0 steps/s", "20.0 s/step", "1.3 steps/s", "99.4 steps/s", "100 steps/s", "12,346 steps/s"];
        assert_eq!(texts, expected);
    }

    /// A terminal that keeps what was written to it.
    #[derive(Clone, Debug, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            120
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(&format!("{text}\n"))
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_bar_says_epoch_step_rate_rest_and_metrics() {
        let paper = Paper::default();
        let target = ProgressDrawTarget::term_like(Box::new(paper.clone()));
        let mut reporter = Reporter::showing(Display::Bar(bar(target)), 3);
        reporter.start_epoch(2, 0, 40);
        reporter.step(10, || Ok(metrics()));
        if let Display::Bar(bar) = &reporter.display {
            bar.force_draw();
        }
        reporter.finish_epoch(&Epoch { number: 2, metrics: metrics() });
        drop(reporter);
        let seen = paper.0.lock().unwrap().clone();
        let shown = seen.rsplit("epoch 2/3 ").find(|part| part.contains(" 10/40 ")).unwrap_or_default();
        for part in ["█", "steps/s ETA ", "loss 0.5000  accuracy 0.7500"] {
            assert!(shown.contains(part), "`{part}` is not in\n{seen}");
        }
        assert!(seen.contains("epoch 2/3  10 steps  "), "{seen}");
    }

    #[test]
    fn the_time_behind_the_last_step_counts_for_no_rate() {
        let mut reporter = Reporter::showing(Display::Nothing, 1);
        reporter.start_epoch(1, 0, 2);
        reporter.step(1, || Ok(metrics()));
        assert_eq!(reporter.took, None);
        reporter.step(2, || Ok(metrics()));
        let took = reporter.took;
        assert!(took.is_some_and(|took| took <= reporter.started.elapsed()));
        reporter.finish_epoch(&Epoch { number: 1, metrics: metrics() });
        assert_eq!(reporter.took, took);
    }
}
