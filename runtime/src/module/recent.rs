//! Calls that were made before, and how they run.

use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::exec::Route;
use crate::tensor::{DType, Data};

/// So many kinds of calls stay known, those that were made first: many callers at once find them without waiting for each other.
const FIRST: usize = 8;
/// Of the others, so many are known, those that were made last.
const LAST: usize = 8;

/// Calls of functions, by the name and the dtypes and sizes of the inputs.
#[derive(Default)]
pub(super) struct Recent {
    first: [OnceLock<Known>; FIRST],
    last: Mutex<Vec<Known>>,
}

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

/// How a call runs.
pub(super) enum Found<'a> {
    First(&'a Route),
    Last(Arc<Route>),
}

impl Deref for Found<'_> {
    type Target = Route;

    fn deref(&self) -> &Route {
        match self {
            Self::First(route) => route,
            Self::Last(route) => route,
        }
    }
}

impl Recent {
    /// How a call runs, if one like it was made before.
    pub fn find(&self, name: &str, inputs: &[&Data]) -> Option<Found<'_>> {
        for known in &self.first {
            let known = known.get()?;
            if known.is(name, inputs) {
                return Some(Found::First(&known.route));
            }
        }
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().rev().find(|known| known.is(name, inputs)).map(|known| Found::Last(known.route.clone()))
    }

    /// Notes how a call runs.
    pub fn add(&self, name: &str, inputs: &[&Data], route: Route) -> Found<'_> {
        let kinds = inputs.iter().map(|input| (input.dtype(), input.sizes().to_vec())).collect();
        let route = Arc::new(route);
        let mut known = Known { name: name.to_owned(), kinds, route: route.clone() };
        for place in &self.first {
            match place.set(known) {
                Ok(()) => return Found::Last(route),
                Err(other) => known = other,
            }
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() >= LAST {
            last.remove(0);
        }
        last.push(known);
        Found::Last(route)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::FunctionId;
    use crate::tensor::Sizes;

    #[test]
    fn the_first_and_the_last_calls_are_known() {
        let recent = Recent::default();
        let data: Vec<_> = (0..20).map(|size| Data::new([size], vec![0.0_f32; size]).unwrap()).collect();
        let other = Data::new([3], vec![0_i32; 3]).unwrap();
        let known = |size: usize| recent.find("call", &[&data[size]]).is_some();
        for (size, input) in data.iter().enumerate() {
            assert!(!known(size));
            let route = Route::new(FunctionId(0), &Sizes::new());
            recent.add("call", &[input], route);
            assert!(known(size));
            assert!(recent.find("encode", &[input]).is_none());
            assert!(recent.find("call", &[input, input]).is_none());
        }
        assert!(recent.find("call", &[&other]).is_none());
        let found: Vec<_> = (0..20).filter(|size| known(*size)).collect();
        assert_eq!(found, [0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 18, 19]);
    }
}
