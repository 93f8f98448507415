//! The same models in Holotype and in other frameworks: see `README.md`.

mod child;
mod limits;
mod models;
mod options;
mod peers;
mod prepare;
mod record;
mod timing;

use std::io::Write;
use std::time::Duration;

use options::Options;
use peers::Peer;
use record::Record;
use timing::{Clock, Timed, by_turns};

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;

fn main() -> Result<()> {
    let options = Options::from_arguments()?;
    match options.command.as_str() {
        "help" => println!("{}", options::USAGE),
        "limits" => limits::print(),
        "prepare" => {
            for &model in &options.models {
                prepare::prepare(model, &options.setting(1))?;
                println!("wrote {}", model.name());
            }
        }
        "check" => {
            for &model in &options.models {
                let difference = prepare::check(model, &options.setting(1))?;
                let verdict = if difference <= 1e-4 { "same" } else { "DIFFERENT" };
                println!("{}: {difference:.1e} of the greatest output, {verdict}", model.name());
            }
        }
        "answer-once" => {
            let (peer, model) = options.one()?;
            child::answer_once(peer, model, &options.setting(options.threads[0]))?;
        }
        "train-briefly" => {
            let (peer, model) = options.one()?;
            let batch = options.rest.get(2).and_then(|batch| batch.parse().ok()).ok_or("a batch size")?;
            child::train_briefly(peer, model, batch, &options.setting(options.threads[0]))?;
        }
        "work" => work(&options),
        "table" => print!("{}", record::tables(&record::merge(options.merged()?))),
        "run" => run(&options)?,
        other => return Err(format!("`{other}` is no command; {}", options::USAGE).into()),
    }
    Ok(())
}

/// Measures in one process for each number of threads, and prints the tables.
fn run(options: &Options) -> Result<()> {
    let mut records = Vec::new();
    for &threads in &options.threads {
        let mut command = child::command(threads)?;
        command.args(options.forwarded()).arg("work").stdout(std::process::Stdio::piped());
        let output = command.spawn()?.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        records.extend(text.lines().filter_map(|line| serde_json::from_str::<Record>(line).ok()));
        if !output.status.success() {
            eprintln!("the process with {threads} threads ended with {}", output.status);
        }
    }
    if let Some(path) = &options.json {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
        for record in &records {
            writeln!(file, "{}", serde_json::to_string(record)?)?;
        }
    }
    let mut all = options.merged()?;
    all.extend(records);
    print!("{}", record::tables(&record::merge(all)));
    Ok(())
}

/// Measures with one number of threads, and prints a line for each measurement.
fn work(options: &Options) {
    let threads = options.threads[0];
    let setting = options.setting(threads);
    // With more threads, those that wait for work compute too.
    let clock = if threads == 1 { options.clock } else { Clock::Wall };
    for &model in &options.models {
        let kinds =
            [("infer", model.batches()), ("prepared", model.batches()), ("train", model.training_batches())];
        for (kind, batches) in kinds {
            for &batch in batches.iter().filter(|_| options.measures(kind)) {
                eprintln!("{kind} {} {batch}, {threads} threads", model.name());
                let mut timed = Vec::new();
                let does = |peer: &&Peer| match kind {
                    "infer" => true,
                    "prepared" => **peer == Peer::Holotype,
                    _ => peer.trains(),
                };
                for &peer in options.peers.iter().filter(does) {
                    let call = match kind {
                        "infer" => peer.infer(model, batch, &setting),
                        "prepared" => Peer::prepared(model, batch, &setting),
                        _ => peer.train(model, batch, &setting),
                    };
                    match call.and_then(|call| Timed::new(peer.name(), call, clock)) {
                        Ok(call) => timed.push(call),
                        Err(error) => eprintln!("{}: {error}", peer.name()),
                    }
                }
                by_turns(&mut timed, Duration::from_secs_f64(options.seconds));
                for timed in timed {
                    let times = timed.times();
                    print(&Record {
                        kind: kind.into(),
                        model: model.name().into(),
                        batch,
                        threads,
                        peer: timed.name.into(),
                        median: times.median,
                        min: times.min,
                        peak: None,
                    });
                }
            }
        }
        for &batch in model.batches().iter().filter(|_| options.measures("plan")) {
            match Peer::plan(model, batch) {
                Ok(times) => print(&Record {
                    kind: "plan".into(),
                    model: model.name().into(),
                    batch,
                    threads,
                    peer: Peer::Holotype.name().into(),
                    median: times[times.len() / 2],
                    min: times[0],
                    peak: None,
                }),
                Err(error) => eprintln!("plan {}: {error}", model.name()),
            }
        }
        if options.measures("cold") {
            child::cold(&options.peers, model, &setting, 15).iter().for_each(print);
        }
        for &batch in model.training_batches().iter().filter(|_| options.measures("memory")) {
            for &peer in options.peers.iter().filter(|peer: &&Peer| peer.trains()) {
                match child::memory(peer, model, batch, &setting) {
                    Ok(record) => print(&record),
                    Err(error) => eprintln!("memory {} {}: {error}", peer.name(), model.name()),
                }
            }
        }
    }
}

fn print(record: &Record) {
    if let Ok(line) = serde_json::to_string(record) {
        println!("{line}");
    }
}
