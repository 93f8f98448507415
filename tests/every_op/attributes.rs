//! Attributes: written and read again, they are the same op.

use holotype::graph::find_op;
use holotype::tensor::{Document, Sizes};

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
