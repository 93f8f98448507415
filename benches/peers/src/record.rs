//! What is measured, one JSON object a line, and the tables made of it.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::Result;

/// A measurement. Scripts for other frameworks write the same lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// `infer`, `prepared`, `train`, `plan`, `cold` or `memory`.
    pub kind: String,
    pub model: String,
    pub batch: usize,
    pub threads: usize,
    pub peer: String,
    /// Microseconds; for `memory`, none.
    #[serde(default)]
    pub median: f64,
    #[serde(default)]
    pub min: f64,
    /// The greatest resident memory, in MiB, where it was measured.
    #[serde(default)]
    pub peak: Option<f64>,
}

impl Record {
    fn case(&self) -> (String, String, usize, usize) {
        (self.kind.clone(), self.model.clone(), self.batch, self.threads)
    }
}

/// Reads lines of records; what else stands in them is left out.
pub fn read(path: &str) -> Result<Vec<Record>> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// The records, with later ones in place of earlier ones of the same case and peer.
pub fn merge(records: Vec<Record>) -> Vec<Record> {
    let mut merged: Vec<Record> = Vec::new();
    for record in records {
        let same = |other: &&mut Record| other.case() == record.case() && other.peer == record.peer;
        match merged.iter_mut().find(same) {
            Some(other) => *other = record,
            None => merged.push(record),
        }
    }
    merged
}

/// A Markdown table for each kind of measurement.
pub fn tables(records: &[Record]) -> String {
    let titles = [
        ("infer", "Inference, microseconds: median (least)"),
        ("prepared", "A prepared call into memory of the caller, microseconds: median (least)"),
        ("train", "A training step (forward, backward, Adam), microseconds: median (least)"),
        ("plan", "Making the plan of an inference, microseconds: median (least)"),
        ("cold", "Cold start, process start to first output, microseconds: median (least), peak MiB"),
        ("memory", "Peak memory of a process that makes three training steps, MiB"),
    ];
    let mut text = String::new();
    for (kind, title) in titles {
        let records: Vec<_> = records.iter().filter(|record| record.kind == kind).collect();
        if !records.is_empty() {
            let _ = write!(text, "\n### {title}\n\n{}", table(&records));
        }
    }
    text
}

fn table(records: &[&Record]) -> String {
    let mut peers: Vec<&str> = Vec::new();
    for record in records {
        if record.peer != "holotype" && !peers.contains(&record.peer.as_str()) {
            peers.push(&record.peer);
        }
    }
    let mut cases = Vec::new();
    for record in records {
        if !cases.contains(&record.case()) {
            cases.push(record.case());
        }
    }
    let order: Vec<&str> = crate::models::Model::ALL.iter().map(|model| model.name()).collect();
    let place = |model: &str| order.iter().position(|known| *known == model).unwrap_or(order.len());
    cases.sort_by_key(|(_, model, batch, threads)| (place(model), *batch, *threads));

    let mut text = format!(
        "| model | batch | threads | holotype | best peer | holotype / best | {} |\n",
        peers.join(" | ")
    );
    let _ = writeln!(text, "|{}", " --- |".repeat(6 + peers.len()));
    for case in &cases {
        let of = |peer: &str| records.iter().find(|record| record.case() == *case && record.peer == peer);
        let best = peers.iter().filter_map(|peer| of(peer)).min_by(|a, b| measure(a).total_cmp(&measure(b)));
        let ratio = match (of("holotype"), best) {
            (Some(ours), Some(best)) => format!("{:.2}", measure(ours) / measure(best)),
            _ => "-".into(),
        };
        let _ = write!(
            text,
            "| {} | {} | {} | {} | {} | {ratio} |",
            case.1,
            case.2,
            case.3,
            of("holotype").map_or("-".into(), |record| cell(record)),
            best.map_or("-", |record| record.peer.as_str()),
        );
        for peer in &peers {
            let _ = write!(text, " {} |", of(peer).map_or("-".into(), |record| cell(record)));
        }
        text.push('\n');
    }
    text
}

fn measure(record: &Record) -> f64 {
    if record.kind == "memory" { record.peak.unwrap_or(f64::NAN) } else { record.median }
}

fn cell(record: &Record) -> String {
    let times = || format!("{} ({})", short(record.median), short(record.min));
    match (record.kind.as_str(), record.peak) {
        ("memory", Some(peak)) => format!("{peak:.0}"),
        (_, Some(peak)) => format!("{}, {peak:.0} MiB", times()),
        _ => times(),
    }
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}
