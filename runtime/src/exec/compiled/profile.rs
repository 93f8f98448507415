//! Where the time of calls goes, as a trace that Chrome and Perfetto show.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use super::plan::{Plan, Step, Task};

/// The variable of the environment that names the file.
const VARIABLE: &str = "HOLOTYPE_PROFILE";

/// The file that events are written to, as a JSON list that is not closed, and the start of its time.
struct Profile {
    file: Mutex<BufWriter<File>>,
    start: Instant,
}

fn profile() -> Option<&'static Profile> {
    static PROFILE: OnceLock<Option<Profile>> = OnceLock::new();
    let open = || {
        let mut file = BufWriter::new(File::create(std::env::var_os(VARIABLE)?).ok()?);
        file.write_all(b"[\n").ok()?;
        Some(Profile { file: Mutex::new(file), start: Instant::now() })
    };
    PROFILE.get_or_init(open).as_ref()
}

/// Whether calls are being profiled.
pub(super) fn is_on() -> bool {
    profile().is_some()
}

/// Writes down a step that ends now.
pub(super) fn end(start: Instant, plan: &Plan, step: &Step) {
    let Some(profile) = profile() else { return };
    let seconds = start.elapsed().as_secs_f64();
    let operations = if let Task::Job(job) = &step.task { job.operations() } else { 0 };
    let touched = step.reads.iter().chain(&step.writes).filter_map(|id| plan.kinds.get(id.index()));
    let bytes: usize = touched.map(super::lowered::Kind::bytes).sum();
    let name = step.task.describe();
    let location = step.location.as_ref().map(ToString::to_string).unwrap_or_default();
    let event = serde_json::json!({
        "name": name,
        "cat": step.scope.as_ref(),
        "ph": "X",
        "pid": std::process::id(),
        "tid": 0,
        "ts": start.duration_since(profile.start).as_secs_f64() * 1e6,
        "dur": seconds * 1e6,
        "args": {
            "scope": step.scope.as_ref(),
            "place": location,
            "GFLOP/s": operations as f64 / seconds / 1e9,
            "GB/s": bytes as f64 / seconds / 1e9,
        },
    });
    let mut file = profile.file.lock().unwrap_or_else(PoisonError::into_inner);
    // A profile that cannot be written must not end the call that it is of.
    let _ = writeln!(file, "{event},");
}

/// Writes out what has been written down, at the end of a call.
pub(super) fn flush() {
    if let Some(profile) = profile() {
        let _ = profile.file.lock().unwrap_or_else(PoisonError::into_inner).flush();
    }
}
