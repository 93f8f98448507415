//! The calls that were made last, and how they run.

use std::sync::{Arc, Mutex, PoisonError};

use crate::exec::Route;
use crate::tensor::{DType, Data};

/// So many are known.
const MOST: usize = 8;

/// Calls of functions, by the name and the dtypes and sizes of the inputs.
#[derive(Default)]
pub(super) struct Recent(Mutex<Vec<Known>>);

struct Known {
    name: String,
    kinds: Vec<(DType, Vec<usize>)>,
    route: Arc<Route>,
}

impl Known {
    fn is(&self, name: &str, inputs: &[&Data]) -> bool {
        let same = |((dtype, sizes), input): (&(DType, Vec<usize>), &&Data)| {
            *dtype == input.dtype() && sizes.as_slice() == input.sizes()
        };
        self.kinds.len() == inputs.len() && self.kinds.iter().zip(inputs).all(same) && self.name == name
    }
}

impl Recent {
    /// How a call runs, if one like it was made before.
    pub fn find(&self, name: &str, inputs: &[&Data]) -> Option<Arc<Route>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().rev().find(|known| known.is(name, inputs)).map(|known| known.route.clone())
    }

    /// Notes how a call runs.
    pub fn add(&self, name: &str, inputs: &[&Data], route: Route) -> Arc<Route> {
        let kinds = inputs.iter().map(|input| (input.dtype(), input.sizes().to_vec())).collect();
        let route = Arc::new(route);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.remove(0);
        }
        known.push(Known { name: name.to_owned(), kinds, route: route.clone() });
        route
    }
}
