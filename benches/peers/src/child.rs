//! Processes of their own: workers with other numbers of threads, cold starts, memory.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;
use crate::models::Model;
use crate::peers::{Peer, Setting};
use crate::record::Record;

/// This program, with the numbers of threads that libraries read from their environment.
pub fn command(threads: usize) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    for variable in ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS", "RTEN_NUM_THREADS"] {
        command.env(variable, threads.to_string());
    }
    command.args(["--threads", &threads.to_string()]);
    Ok(command)
}

/// A field of `/proc/self/status`, in MiB.
fn status(field: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}

/// What a child does for a cold start: loads, answers once, says so.
pub fn answer_once(peer: Peer, model: Model, setting: &Setting) -> Result<()> {
    let mut call = peer.load(model, 1, setting)?;
    let output = call()?;
    println!("{output} {}", status("VmHWM"));
    Ok(())
}

/// What a child does for the memory of training: three steps.
pub fn train_briefly(peer: Peer, model: Model, batch: usize, setting: &Setting) -> Result<()> {
    let mut call = peer.train(model, batch, setting)?;
    let mut output = 0.0;
    for _ in 0..3 {
        output = call()?;
    }
    println!("{output} {}", status("VmHWM"));
    Ok(())
}

/// Runs a child; the time to its line, in microseconds, and the memory it says.
fn run(mut command: Command) -> Result<(f64, f64)> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    if let Some(output) = child.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    let took = start.elapsed().as_secs_f64() * 1e6;
    let status = child.wait()?;
    let peak = line.split_whitespace().nth(1).and_then(|peak| peak.parse().ok());
    match peak {
        Some(peak) if status.success() => Ok((took, peak)),
        _ => Err(format!("the process ended with {status}").into()),
    }
}

/// Cold starts of peers by turns.
pub fn cold(peers: &[Peer], model: Model, setting: &Setting, repeats: usize) -> Vec<Record> {
    let mut samples: Vec<(Peer, Vec<f64>, f64)> = peers.iter().map(|&peer| (peer, Vec::new(), 0.0)).collect();
    for _ in 0..=repeats {
        samples.retain_mut(|(peer, times, most)| {
            let ran = command(setting.threads).and_then(|mut command| {
                command.arg("--cache").arg(&setting.cache).args(["answer-once", peer.name(), model.name()]);
                run(command)
            });
            match ran {
                Ok((time, peak)) => {
                    times.push(time);
                    *most = peak.max(*most);
                    true
                }
                Err(error) => {
                    eprintln!("cold {} {}: {error}", peer.name(), model.name());
                    false
                }
            }
        });
    }
    let record = |(peer, mut times, peak): (Peer, Vec<f64>, f64)| {
        // The first start fills the page cache.
        times.remove(0);
        times.sort_by(f64::total_cmp);
        Record {
            kind: "cold".into(),
            model: model.name().into(),
            batch: 1,
            threads: setting.threads,
            peer: peer.name().into(),
            median: times[times.len() / 2],
            min: times[0],
            peak: Some(peak),
        }
    };
    samples.into_iter().map(record).collect()
}

/// The memory of a process that makes three training steps.
pub fn memory(peer: Peer, model: Model, batch: usize, setting: &Setting) -> Result<Record> {
    let mut command = command(setting.threads)?;
    command.args(["train-briefly", peer.name(), model.name(), &batch.to_string()]);
    let (_, peak) = run(command)?;
    Ok(Record {
        kind: "memory".into(),
        model: model.name().into(),
        batch,
        threads: setting.threads,
        peer: peer.name().into(),
        median: 0.0,
        min: 0.0,
        peak: Some(peak),
    })
}
