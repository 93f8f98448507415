//! Conditions that stay Rust, and what to do about a tensor there.

macro_rules! plain {
    ($(#[$doc:meta] $trait:ident $function:ident $message:literal $label:literal $note:literal;)*) => {$(
        #[$doc]
        #[diagnostic::on_unimplemented(message = $message, label = $label, note = $note)]
        pub trait $trait {
            /// The condition.
            fn truth(self) -> bool;
        }

        #[diagnostic::do_not_recommend]
        impl $trait for bool {
            fn truth(self) -> bool {
                self
            }
        }

        #[$doc]
        #[inline]
        pub fn $function<C: $trait>(condition: C) -> bool {
            condition.truth()
        }
    )*};
}

plain! {
    /// Of a branch or a loop that is left by `break`, `continue`, `return` or `?`.
    PlainLeaving leaving
        "`{Self}` cannot decide whether `break`, `continue`, `return` or `?` happens"
        "a condition that is known only when the graph runs"
        "a graph cannot leave a branch or a loop in the middle: give a value from both branches of an `if`, or let a `while` whose condition is a tensor end the loop; a condition that is a `bool` may stay";
    /// In a method of a layer without `#[autograph]`.
    PlainIf forgotten
        "`{Self}` decides nothing while the method is traced"
        "a condition that is known only when the graph runs"
        "write `#[autograph]` above the method, and the branch or the loop becomes a part of the graph; or choose between two values with `condition.select(a, b)`";
    /// Beside a `let` or as the guard of an arm.
    PlainPart part
        "`{Self}` cannot be a condition here"
        "a condition that is known only when the graph runs"
        "beside `let`, in guards of `match` and in branches that lend `&…` only a `bool` decides: write an `if` of its own, whose branches give values";
}

/// What a loop goes over that is left by `break`, `continue`, `return` or `?`.
#[diagnostic::on_unimplemented(
    message = "a loop over `{Self}` cannot be left by `break`, `continue`, `return` or `?`",
    label = "not an iterator",
    note = "over a tensor the loop is a part of the graph, which goes over all of it: end it by a `while` whose condition is a tensor, or choose with `if` what each round gives"
)]
pub trait PlainItems: IntoIterator {}

#[diagnostic::do_not_recommend]
impl<I: IntoIterator> PlainItems for I {}

/// What a loop goes over that is left by `break`, `continue`, `return` or `?`.
#[inline]
pub fn items<I: PlainItems>(items: I) -> I {
    items
}
