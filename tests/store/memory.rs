//! A disk in memory that knows what has reached it for good, that fails when it is told to, and that forgets.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use holotype::store::{Disk, FileKind};

/// When an operation goes wrong; operations are counted from 0.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    Never,
    /// This operation fails; a write leaves half of it behind.
    Once(usize, io::ErrorKind),
    /// This operation and all after it fail: the machine stops.
    From(usize),
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    Directory,
    File(usize),
}

#[derive(Clone, Debug, Default)]
struct Content {
    now: Vec<u8>,
    /// What survives a crash.
    durable: Vec<u8>,
}

type Names = BTreeMap<PathBuf, Node>;

#[derive(Clone, Debug)]
struct State {
    names: Names,
    /// The names that survive a crash.
    durable: Names,
    contents: Vec<Content>,
    fault: Fault,
    count: usize,
}

/// What of the names and of the contents that were not synced reaches the disk in a crash.
#[derive(Clone, Copy, Debug)]
pub struct Crash {
    pub top: bool,
    pub below: bool,
    pub contents: Survives,
}

#[derive(Clone, Copy, Debug)]
pub enum Survives {
    Nothing,
    Half,
    All,
}

impl Crash {
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for top in [false, true] {
            for below in [false, true] {
                all.extend([Survives::Nothing, Survives::Half, Survives::All].map(|contents| Self {
                    top,
                    below,
                    contents,
                }));
            }
        }
        all
    }
}

pub struct Memory(Mutex<State>);

impl Memory {
    pub fn new() -> Arc<Self> {
        let root = Names::from([(PathBuf::from("/"), Node::Directory)]);
        let (durable, fault) = (root.clone(), Fault::Never);
        Arc::new(Self(Mutex::new(State { names: root, durable, contents: Vec::new(), fault, count: 0 })))
    }

    /// The same disk, on which this will go wrong.
    pub fn with(&self, fault: Fault) -> Arc<Self> {
        let state = State { fault, count: 0, ..self.0.lock().unwrap().clone() };
        Arc::new(Self(Mutex::new(state)))
    }

    /// The number of operations since the fault was set.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().count
    }

    /// The disk as a machine finds it that was switched off.
    pub fn after(&self, crash: Crash) -> Arc<Self> {
        let state = self.0.lock().unwrap();
        let paths: BTreeSet<_> = state.names.keys().chain(state.durable.keys()).cloned().collect();
        let mut names = Names::new();
        for path in paths {
            let is_below = path.parent().is_some_and(|parent| parent.ends_with("variables"));
            let survives = if is_below { crash.below } else { crash.top };
            let found = if survives { state.names.get(&path) } else { state.durable.get(&path) };
            let reachable = path.parent().is_none_or(|parent| names.contains_key(parent));
            if let Some(node) = found.filter(|_| reachable) {
                names.insert(path, node.clone());
            }
        }
        let survive = |content: &Content| match crash.contents {
            Survives::Nothing => content.durable.clone(),
            Survives::All => content.now.clone(),
            // What was synced stays whole.
            Survives::Half if content.now == content.durable => content.now.clone(),
            Survives::Half => content.now[..content.now.len() / 2].to_vec(),
        };
        let contents = state.contents.iter().map(survive);
        let contents = contents.map(|now| Content { durable: now.clone(), now }).collect();
        let (durable, fault) = (names.clone(), Fault::Never);
        Arc::new(Self(Mutex::new(State { names, durable, contents, fault, count: 0 })))
    }

    /// The files below a directory.
    pub fn files(&self, directory: &str) -> Vec<String> {
        let state = self.0.lock().unwrap();
        let files = state.names.iter().filter(|(_, node)| matches!(node, Node::File(_)));
        let names =
            files.filter_map(|(path, _)| path.strip_prefix(directory).ok()?.to_str().map(str::to_owned));
        names.collect()
    }

    fn step<R>(&self, run: impl FnOnce(&mut State, bool) -> io::Result<R>) -> io::Result<R> {
        let mut state = self.0.lock().unwrap();
        let number = state.count;
        state.count += 1;
        let kind = match state.fault {
            Fault::Once(fail, kind) if number == fail => Some(kind),
            Fault::From(fail) if number > fail => return Err(io::Error::other("the machine is off")),
            Fault::From(fail) if number == fail => Some(io::ErrorKind::Other),
            Fault::Never | Fault::Once(..) | Fault::From(_) => None,
        };
        match kind {
            Some(kind) => {
                let _ = run(&mut state, true);
                Err(kind.into())
            }
            None => run(&mut state, false),
        }
    }
}

fn absent() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl State {
    fn file(&self, path: &Path) -> io::Result<usize> {
        match self.names.get(path) {
            Some(Node::File(index)) => Ok(*index),
            _ => Err(absent()),
        }
    }
}

impl Disk for Memory {
    fn kind(&self, path: &Path) -> io::Result<Option<FileKind>> {
        self.step(|state, _| {
            Ok(state.names.get(path).map(|node| match node {
                Node::Directory => FileKind::Directory,
                Node::File(_) => FileKind::File,
            }))
        })
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.step(|state, fails| {
            // A failure leaves the outer directories behind.
            for ancestor in path.ancestors().skip(usize::from(fails)) {
                state.names.entry(ancestor.to_path_buf()).or_insert(Node::Directory);
            }
            Ok(())
        })
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        self.step(|state, _| {
            let below = state.names.keys().filter(|name| name.parent() == Some(path));
            Ok(below.filter_map(|name| name.file_name()?.to_str().map(str::to_owned)).collect())
        })
    }

    fn open(&self, path: &Path) -> io::Result<(u64, Box<dyn Read + '_>)> {
        self.step(|state, _| {
            let content = state.contents[state.file(path)?].now.clone();
            Ok((content.len() as u64, Box::new(io::Cursor::new(content)) as Box<dyn Read>))
        })
    }

    fn write(&self, path: &Path, contents: &[&[u8]]) -> io::Result<()> {
        self.step(|state, fails| {
            if state.names.get(path.parent().ok_or_else(absent)?) != Some(&Node::Directory) {
                return Err(absent());
            }
            let mut now = contents.concat();
            if fails {
                now.truncate(now.len() / 2);
            }
            if let Ok(index) = state.file(path) {
                state.contents[index].now = now;
            } else {
                state.contents.push(Content { now, durable: Vec::new() });
                state.names.insert(path.to_path_buf(), Node::File(state.contents.len() - 1));
            }
            Ok(())
        })
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.step(|state, fails| {
            if fails {
                return Ok(());
            }
            match state.names.get(path).cloned().ok_or_else(absent)? {
                Node::File(index) => {
                    let content = &mut state.contents[index];
                    content.durable.clone_from(&content.now);
                }
                Node::Directory => {
                    let is_in = |name: &Path| name.parent() == Some(path);
                    state.durable.retain(|name, _| !is_in(name));
                    let names = state.names.iter().filter(|(name, _)| is_in(name));
                    state.durable.extend(names.map(|(name, node)| (name.clone(), node.clone())));
                }
            }
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|state, fails| {
            if !fails {
                let node = state.names.remove(from).ok_or_else(absent)?;
                state.names.insert(to.to_path_buf(), node);
            }
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(|state, fails| {
            if !fails {
                state.file(path)?;
                state.names.remove(path);
            }
            Ok(())
        })
    }
}
