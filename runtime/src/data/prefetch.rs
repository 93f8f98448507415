//! Batches that a thread reads ahead.

use std::any::Any;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::batches::{Read, Reader};
use crate::error::Error;

/// Batches that are read when they are asked for, or ahead by a thread. An error comes in its place, after the batches before it.
pub(crate) enum Ahead {
    /// Read when they are asked for.
    Here(Reader),
    /// Read by a thread.
    There {
        /// None when the thread is to end.
        ready: Option<Receiver<Read>>,
        thread: Option<JoinHandle<()>>,
    },
}

impl Ahead {
    pub fn new(reader: Reader, batches: usize) -> Self {
        if batches == 0 {
            return Self::Here(reader);
        }
        // The one that the thread holds until there is room counts too.
        let (sender, ready) = sync_channel(batches - 1);
        let read = move || {
            for batch in reader {
                let failed = batch.1.is_err();
                if sender.send(batch).is_err() || failed {
                    break;
                }
            }
        };
        match Builder::new().name("holotype-data".into()).spawn(read) {
            Ok(thread) => Self::There { ready: Some(ready), thread: Some(thread) },
            Err(error) => Self::There {
                ready: Some(failed(Error::Data(format!(
                    "no thread that reads ahead can be started: {error}; prefetch 0 batches"
                )))),
                thread: None,
            },
        }
    }
}

/// What a thread that has met an error leaves.
fn failed(error: Error) -> Receiver<Read> {
    let (sender, ready) = sync_channel(1);
    // The receiver is there, and has room for it.
    let _ = sender.send((Vec::new(), Err(error)));
    ready
}

impl Iterator for Ahead {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        match self {
            Self::Here(reader) => reader.next(),
            Self::There { ready, thread } => {
                if let Some(batch) = ready.as_ref().and_then(|ready| ready.recv().ok()) {
                    return Some(batch);
                }
                *ready = None;
                let panic = thread.take()?.join().err()?;
                let message = format!("reading ahead panicked: {}", words(panic.as_ref()));
                Some((Vec::new(), Err(Error::Data(message))))
            }
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        if let Self::There { ready, thread } = self {
            *ready = None;
            // What it read last nobody asked for, so how it ended is of no interest either.
            let _ = thread.take().map(JoinHandle::join);
        }
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
