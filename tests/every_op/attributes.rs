//! Attributes: written and read again, they are the same op.

use std::collections::BTreeSet;

use holotype::graph::find_op;
use holotype::prelude::*;
use holotype::tensor::{Document, Sizes, Symbol};

use crate::{Report, cases, of_op, ops, same};

#[test]
fn attributes_that_were_written_and_read_give_the_same_bits() {
    let mut report = Report::default();
    for case in cases() {
        report.check(&case, "attributes", || {
            let attributes = case.op.attributes()?;
            let document = Document::from_bytes(&attributes.to_bytes()?)?;
            let constructor = find_op(case.op.name()).map_err(|error| error.to_string())?;
            let read = (constructor.read)(&document)?;
            if read.attributes()? != attributes || read.name() != case.op.name() {
                return Err(format!("it is read as {read:?}"));
            }
            let run = |op: &std::sync::Arc<dyn holotype::graph::DynOp>| {
                op.kernel(&case.operands, &Sizes::new()).map_err(|error| error.to_string())
            };
            same(&run(&read)?, &run(&case.op)?)
        });
    }
    report.finish("attributes");
}

#[test]
fn names_and_versions_are_those_of_the_registry() {
    for (name, constructor) in ops() {
        assert!(constructor.version >= 1, "{name} has no version");
        for case in of_op(name, constructor) {
            assert_eq!((case.op.name(), case.op.version()), (name, constructor.version));
            assert!(case.op.results() >= 1, "{name} gives nothing");
        }
    }
}

#[test]
fn attributes_that_are_something_else_are_refused() {
    for (name, constructor) in ops() {
        let strange = Document::describe(&vec!["what", "is", "this"]).unwrap();
        let read = (constructor.read)(&strange);
        assert!(read.is_err(), "{name} reads a list of words as {read:?}");
    }
}

#[test]
fn sizes_in_attributes_are_replaced_and_nothing_else_is() {
    let mut with_sizes = BTreeSet::new();
    let mut report = Report::default();
    for case in cases() {
        report.check(&case, "sizes", || {
            let before = case.op.attributes()?;
            let mut visited = 0;
            let same = case.op.map_dims(&mut |dim| {
                visited += 1;
                Some(dim.clone())
            });
            if same.ok_or("its own sizes are refused")?.attributes()? != before {
                return Err("sizes that stay the same change it".into());
            }
            let other = case.op.map_dims(&mut |_| Some(Dim::symbol(Symbol::named("other"))));
            if (other.ok_or("a symbol is refused")?.attributes()? != before) != (visited > 0) {
                return Err("sizes are shown and not replaced".into());
            }
            if case.op.map_dims(&mut |_| None).is_none() != (visited > 0) {
                return Err("a size that cannot be replaced is passed over".into());
            }
            if visited > 0 {
                with_sizes.insert(case.op.name());
            }
            Ok(())
        });
    }
    report.finish("sizes in attributes");
    let known = ["broadcast_in_dim", "check_range", "dimension_size", "gather", "iota", "reshape", "slice"];
    assert!(known.iter().all(|name| with_sizes.contains(name)), "{with_sizes:?}");
}
