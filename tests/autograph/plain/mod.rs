//! Functions without tensors, each compiled with the attribute and without it, which have to agree.

#![allow(
    clippy::needless_late_init,
    clippy::needless_range_loop,
    clippy::manual_range_contains,
    clippy::explicit_counter_loop,
    clippy::needless_pass_by_value,
    clippy::nonminimal_bool,
    clippy::collapsible_if,
    clippy::while_let_loop,
    clippy::unnecessary_wraps,
    clippy::items_after_statements,
    clippy::float_cmp,
    clippy::if_not_else,
    clippy::comparison_chain,
    clippy::overly_complex_bool_expr,
    clippy::assigning_clones,
    clippy::redundant_else,
    clippy::manual_filter_map,
    clippy::multiple_bound_locations,
    clippy::manual_is_multiple_of,
    clippy::unnecessary_literal_unwrap,
    clippy::drop_non_drop,
    clippy::trivially_copy_pass_by_ref,
    clippy::bool_to_int_with_if,
    clippy::match_bool,
    clippy::useless_vec,
    clippy::default_trait_access,
    clippy::manual_unwrap_or_default
)]

/// Compiles each function twice.
macro_rules! twice {
    ($($function:item)*) => {
        mod rust {
            use super::*;
            $($function)*
        }
        mod graph {
            use super::*;
            $(#[autograph] $function)*
        }
    };
}

macro_rules! agree {
    ($function:ident, $($arguments:tt),* $(,)?) => {$(
        assert_eq!(
            format!("{:?}", rust::$function $arguments),
            format!("{:?}", graph::$function $arguments),
            "{}",
            concat!(stringify!($function), stringify!($arguments))
        );
    )*};
}

mod conditions;
mod jumps;
mod order;
mod values;
