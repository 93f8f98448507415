//! Conditions that stay Rust, and what to do about a tensor there.

/// The condition of a branch or a loop that is left by `break`, `continue`, `return` or `?`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot decide whether `break`, `continue`, `return` or `?` happens",
    label = "known only when the graph runs",
    note = "a graph cannot leave a branch or a loop in the middle: give a value from both branches of an `if`, or let a `while` whose condition is a tensor end the loop; a condition that is a `bool` may stay"
)]
pub trait PlainLeaving {
    /// The condition.
    fn truth(self) -> bool;
}

#[diagnostic::do_not_recommend]
impl PlainLeaving for bool {
    fn truth(self) -> bool {
        self
    }
}

/// The condition as it is.
#[inline]
pub fn leaving<C: PlainLeaving>(condition: C) -> bool {
    condition.truth()
}

/// A condition in a method of a layer without `#[autograph]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` decides nothing while the method is traced",
    label = "known only when the graph runs",
    note = "write `#[autograph]` above the method, and the branch or the loop becomes a part of the graph; or choose between two values with `condition.select(a, b)`"
)]
pub trait PlainIf {
    /// The condition.
    fn truth(self) -> bool;
}

#[diagnostic::do_not_recommend]
impl PlainIf for bool {
    fn truth(self) -> bool {
        self
    }
}

/// The condition as it is.
#[inline]
pub fn forgotten<C: PlainIf>(condition: C) -> bool {
    condition.truth()
}

/// A condition beside a `let`, as the guard of an arm, or of branches that lend.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a condition here",
    label = "known only when the graph runs",
    note = "beside `let`, in guards of `match` and in branches that lend `&…` only a `bool` decides: write an `if` of its own, whose branches give values"
)]
pub trait PlainPart {
    /// The condition.
    fn truth(self) -> bool;
}

#[diagnostic::do_not_recommend]
impl PlainPart for bool {
    fn truth(self) -> bool {
        self
    }
}

/// The condition as it is.
#[inline]
pub fn part<C: PlainPart>(condition: C) -> bool {
    condition.truth()
}

/// What a loop goes over that is left by `break`, `continue`, `return` or `?`.
#[diagnostic::on_unimplemented(
    message = "a loop over `{Self}` cannot be left by `break`, `continue`, `return` or `?`",
    label = "not an iterator",
    note = "over a tensor the loop is a part of the graph, which goes over all of it: end it by a `while` whose condition is a tensor, or choose with `if` what each round gives"
)]
pub trait PlainItems {
    /// Its iterator.
    type Items: Iterator;
    /// The items.
    fn items(self) -> Self::Items;
}

#[diagnostic::do_not_recommend]
impl<I: IntoIterator> PlainItems for I {
    type Items = I::IntoIter;

    fn items(self) -> I::IntoIter {
        self.into_iter()
    }
}

/// The items as they are.
#[inline]
pub fn items<I: PlainItems>(items: I) -> I::Items {
    items.items()
}
