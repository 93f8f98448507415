//! What is asked for on the command line.

use std::path::PathBuf;

use crate::Result;
use crate::models::Model;
use crate::peers::{Peer, Setting};
use crate::record::{self, Record};
use crate::timing::Clock;

pub const USAGE: &str = "peers [OPTIONS] [run | prepare | check | table | limits]
  --models a,b    some of dense, mlp, mlp_big, cnn, resnet18, transformer
  --peers a,b     some of holotype, ort, tract, rten, burn, candle
  --kinds a,b     some of infer, prepared, train, plan, cold, memory
  --threads 1,2   numbers of threads
  --seconds 1     how long each call is timed
  --clock wall    with one thread, `cpu` is the time that the process computes: for a busy machine
  --cache DIR     where the files of models are (peers_cache)
  --json FILE     lines of measurements are added to it
  --merge FILE    measurements that the tables show too; may be given often
  --limits        the limits of the machine, as `limits`";

pub struct Options {
    pub command: String,
    pub rest: Vec<String>,
    pub models: Vec<Model>,
    pub peers: Vec<Peer>,
    kinds: Vec<String>,
    pub threads: Vec<usize>,
    pub seconds: f64,
    pub clock: Clock,
    cache: PathBuf,
    pub json: Option<String>,
    merge: Vec<String>,
}

impl Options {
    pub fn from_arguments() -> Result<Self> {
        let mut options = Self {
            command: String::new(),
            rest: Vec::new(),
            models: Model::ALL.to_vec(),
            peers: Peer::ALL.to_vec(),
            kinds: ["infer", "prepared", "train", "plan", "cold", "memory"].map(String::from).to_vec(),
            threads: vec![1, 2],
            seconds: 1.0,
            clock: Clock::Wall,
            cache: "peers_cache".into(),
            json: None,
            merge: Vec::new(),
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            if argument == "--limits" || argument == "--help" {
                options.command = argument.trim_start_matches('-').into();
                continue;
            }
            let Some(option) = argument.strip_prefix("--") else {
                if options.command.is_empty() {
                    options.command = argument;
                } else {
                    options.rest.push(argument);
                }
                continue;
            };
            let value = arguments.next().ok_or_else(|| format!("--{option} needs a value\n{USAGE}"))?;
            let parts = || value.split(',').map(str::to_owned);
            match option {
                "models" => options.models = all(parts(), Model::named)?,
                "peers" => options.peers = all(parts(), Peer::named)?,
                "kinds" => options.kinds = parts().collect(),
                "threads" => options.threads = all(parts(), |part| part.parse().ok())?,
                "seconds" => options.seconds = value.parse()?,
                "clock" if value == "wall" => options.clock = Clock::Wall,
                "clock" if value == "cpu" => options.clock = Clock::Cpu,
                "cache" => options.cache = value.into(),
                "json" => options.json = Some(value),
                "merge" => options.merge.push(value),
                _ => return Err(format!("--{option} is unknown\n{USAGE}").into()),
            }
        }
        if options.command.is_empty() {
            options.command = "run".into();
        }
        Ok(options)
    }

    pub fn setting(&self, threads: usize) -> Setting {
        Setting { cache: self.cache.clone(), threads }
    }

    pub fn measures(&self, kind: &str) -> bool {
        self.kinds.iter().any(|known| known == kind)
    }

    /// The peer and the model that a child process is asked for.
    pub fn one(&self) -> Result<(Peer, Model)> {
        let peer = self.rest.first().and_then(|name| Peer::named(name));
        let model = self.rest.get(1).and_then(|name| Model::named(name));
        peer.zip(model).ok_or_else(|| USAGE.into())
    }

    /// What a worker is told.
    pub fn forwarded(&self) -> Vec<String> {
        let join = |names: Vec<&str>| names.join(",");
        vec![
            "--models".into(),
            join(self.models.iter().map(|model| model.name()).collect()),
            "--peers".into(),
            join(self.peers.iter().map(|peer| peer.name()).collect()),
            "--kinds".into(),
            self.kinds.join(","),
            "--seconds".into(),
            self.seconds.to_string(),
            "--clock".into(),
            if self.clock == Clock::Cpu { "cpu".into() } else { "wall".into() },
            "--cache".into(),
            self.cache.display().to_string(),
        ]
    }

    /// The measurements of files.
    pub fn merged(&self) -> Result<Vec<Record>> {
        let files: Vec<_> = self.merge.iter().map(|path| record::read(path)).collect::<Result<_>>()?;
        Ok(files.into_iter().flatten().collect())
    }
}

fn all<T>(parts: impl Iterator<Item = String>, named: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
    parts.map(|part| named(&part).ok_or_else(|| format!("`{part}` is unknown\n{USAGE}").into())).collect()
}
