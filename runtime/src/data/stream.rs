//! Examples that come one after the other.

use std::sync::{Mutex, PoisonError};

use super::examples::{Examples, Pass};
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// What gives the parts of examples, one after the other.
pub(super) type Parts = Box<dyn Iterator<Item = Result<Vec<Tensor>>> + Send>;
/// Starts the examples of an epoch from one of them.
pub(super) type Open = dyn Fn(usize, Pass) -> Result<Parts> + Send + Sync;

/// Examples of an iterator that can be started anywhere. It goes on by itself from one example to the next; for any other it is
/// started again.
pub(super) struct Stream {
    length: usize,
    open: Box<Open>,
    running: Mutex<Option<Running>>,
}

struct Running {
    pass: Pass,
    next: usize,
    parts: Parts,
}

impl Stream {
    pub fn new(length: usize, open: Box<Open>) -> Self {
        Self { length, open, running: Mutex::new(None) }
    }
}

impl Examples for Stream {
    fn len(&self) -> usize {
        self.length
    }

    fn example(&self, index: usize, pass: Pass) -> Result<Vec<Tensor>> {
        if index >= self.length {
            return Err(Error::Data(format!("the stream has {} examples", self.length)));
        }
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut current = match running.take() {
            Some(current) if current.pass == pass && current.next == index => current,
            _ => Running { pass, next: index, parts: (self.open)(index, pass)? },
        };
        let parts = current.parts.next().ok_or_else(|| {
            Error::Data(format!(
                "the stream ended after {index} examples, and {} were announced: announce as many as there are, or let it go on",
                self.length
            ))
        })??;
        current.next += 1;
        *running = Some(current);
        Ok(parts)
    }

    fn in_order(&self) -> bool {
        true
    }
}
