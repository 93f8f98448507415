//! The collector of mistakes: parsing and checking go on after each one, so that a user sees all of them at once.

use std::cell::RefCell;
use std::fmt::Display;

use quote::ToTokens;

/// Every mistake found in one use of a macro. It must be checked; dropping it unchecked is a bug in this crate.
pub struct Errors {
    found: RefCell<Option<Vec<syn::Error>>>,
}

impl Errors {
    pub fn new() -> Self {
        Self { found: RefCell::new(Some(Vec::new())) }
    }

    /// Reports a mistake on all the tokens of `place`.
    pub fn at(&self, place: impl ToTokens, message: impl Display) {
        self.report(syn::Error::new_spanned(place, message));
    }

    /// Reports a mistake that already knows its place.
    pub fn report(&self, error: syn::Error) {
        if let Some(found) = self.found.borrow_mut().as_mut() {
            found.push(error);
        }
    }

    /// How many mistakes there are so far, to ask whether one step added any.
    pub fn count(&self) -> usize {
        self.found.borrow().as_ref().map_or(0, Vec::len)
    }

    /// Ends the collection: one error that holds every mistake, in the order in which they were found.
    pub fn check(self) -> syn::Result<()> {
        let found = self.found.borrow_mut().take().unwrap_or_default();
        match found.into_iter().reduce(|mut all, next| {
            all.combine(next);
            all
        }) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        assert!(
            std::thread::panicking() || self.found.borrow().is_none(),
            "the mistakes found in this macro call were never checked; this is a bug in holotype-macros"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_are_kept_in_order() {
        let errors = Errors::new();
        errors.at(quote::quote!(a), "first");
        errors.at(quote::quote!(b), "second");
        assert_eq!(errors.count(), 2);
        let messages: Vec<_> =
            errors.check().unwrap_err().into_iter().map(|error| error.to_string()).collect();
        assert_eq!(messages, ["first", "second"]);
    }

    #[test]
    #[should_panic(expected = "never checked")]
    fn dropping_unchecked_panics() {
        drop(Errors::new());
    }
}
