//! Saved models whose entries say what cannot be.

use std::fs;

use holotype::prelude::*;

use crate::binary::{Binary, files};
use crate::counted;

#[derive(Structure)]
struct Inputs {
    rows: Tensor,
    mask: Option<Tensor>,
}

#[derive(Module)]
struct Small {
    weights: Variable,
}

#[layer]
impl Small {
    #[signature(x = { rows: [n, 2; f32], mask: ?[n; f32] }, fast in [true, false], n in 2..=4, n % 2 == 0)]
    fn call(&self, x: &Inputs, fast: bool) -> Inputs {
        let y = if fast { &x.rows * &self.weights } else { x.rows.exp() };
        Inputs { rows: y, mask: x.mask.as_ref().map(|mask| mask + 1.0) }
    }
}

/// Every byte of what describes the entries is changed, one at a time, and all hashes are made right again: each file is refused
/// with a typed error, or it is a model that can be shown and called.
#[test]
fn every_byte_of_the_entries_may_be_hostile() {
    let directory = tempfile::tempdir().unwrap();
    holotype::save(&Small { weights: Variable::new(counted(&[2])) }, directory.path()).unwrap();
    let [definition, _] = files(directory.path());
    let binary = Binary::read(&fs::read(&definition).unwrap());
    let mut loaded = 0;
    for name in ["entries", "types", "strings"] {
        let length = binary.clone().section(name).bytes.len();
        for at in 0..length {
            let old = binary.clone().section(name).bytes[at];
            for new in [old ^ 1, old.wrapping_add(1), b'.', b'/', 0, 0xff] {
                let mut changed = binary.clone();
                changed.section(name).bytes[at] = new;
                fs::write(&definition, changed.bytes()).unwrap();
                let Ok(program) = holotype::load(directory.path()) else { continue };
                loaded += 1;
                let _ = format!("{program:?}");
                let inputs = Inputs { rows: counted(&[2, 2]), mask: Some(counted(&[2])) };
                let _ = program.call_structure::<_, Inputs>("call", &inputs);
                let _ = program.call(&[inputs.rows]);
                let _ = program.function("call").with("fast", false).and_then(|call| call.call_named(&[]));
            }
        }
    }
    assert!(loaded > 100, "only {loaded} changed files load");
}

#[test]
fn entries_that_lie_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    holotype::save(&Small { weights: Variable::new(counted(&[2])) }, directory.path()).unwrap();
    let [definition, _] = files(directory.path());
    let mut binary = Binary::read(&fs::read(&definition).unwrap());
    let entries = binary.section("entries").bytes.clone();
    let count = u64::from_le_bytes(entries[..8].try_into().unwrap()) as usize;
    assert_eq!(count, 8, "two values, with and without the mask, in two modes");
    // An entry: name, function, mode, record, and the ends of its outputs, arguments and sizes.
    let record = 22;
    let mut refuses = |at: usize, bytes: &[u8], words: &str| {
        let mut changed = entries.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        binary.section("entries").bytes = changed;
        fs::write(&definition, binary.bytes()).unwrap();
        let error = holotype::load(directory.path()).unwrap_err().to_string();
        assert!(
            error.contains("section `entries`") && error.contains(words),
            "`{error}` does not say `{words}`"
        );
    };
    refuses(8 + 9, &[2], "2 is neither 0 nor 1");
    refuses(8 + 14, &[9, 0, 0, 0], "does not lie in a list of 8");
    refuses(8 + 14, &[2, 0, 0, 0], "an entry has two arguments named `fast`");
    refuses(8 + 18, &[0xff; 4], "does not lie in a list of 8");
    // Behind them the outputs, the arguments and their documents, and the sizes.
    let outputs = 8 + count * record;
    let outputs_count = u64::from_le_bytes(entries[outputs..outputs + 8].try_into().unwrap()) as usize;
    let arguments = outputs + 8 + 4 * outputs_count;
    let documents = arguments + 8 + 8 * count;
    refuses(documents + 8, &[0xff], "section `entries`");
    let sizes = documents + 8 + count + 8;
    refuses(sizes, &[0xff; 4], "there is no type 4294967295");
    refuses(sizes, &[1, 0, 0, 0], "is not the type of one size");
}
