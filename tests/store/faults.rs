//! Whatever fails and whenever the machine stops, the old or the new model is there, and the next save works.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use holotype::prelude::*;
use holotype::store::{Load, Save};

use crate::memory::{Crash, Fault, Memory};
use crate::models::{Small, contents};

const MODEL: &str = "/runs/model";

/// What a directory holds: the bytes of every variable and the title, or nothing.
type Found = Option<Model>;
type Model = (Vec<(String, Vec<u8>)>, String);

fn describe(program: &Program) -> Model {
    let (root, _) = program.objects().root().unwrap();
    let title = program.objects().child(root, "title").unwrap();
    (contents(program), format!("{:?}", program.objects().get(title)))
}

fn found(disk: &Arc<Memory>, what: &str) -> Found {
    match Load::new().disk(disk.clone()).load(MODEL) {
        Ok(program) => Some(describe(&program)),
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => None,
        Err(Error::Format { message, .. }) if message.contains("holds no saved_model.bin") => None,
        Err(error) => panic!("{what}: {error}"),
    }
}

fn save(disk: &Arc<Memory>, program: &Program) -> Result<()> {
    Save::new().disk(disk.clone()).program(program, Path::new(MODEL))
}

struct Case {
    name: &'static str,
    before: Arc<Memory>,
    old: Found,
    new: Program,
}

fn program(seed: f32, title: &str) -> Program {
    let mut model = Small::new(seed);
    model.title = title.into();
    Program::trace(&model).unwrap()
}

fn cases() -> Vec<Case> {
    let old = program(0.1, "old");
    let saved = Memory::new();
    save(&saved, &old).unwrap();
    let case = |name, before: &Arc<Memory>, new| {
        let old = found(before, name);
        Case { name, before: before.clone(), old, new }
    };
    vec![
        case("nothing there", &Memory::new(), program(0.2, "new")),
        case("another model there", &saved, program(0.2, "new")),
        case("the same variables there", &saved, program(0.1, "new")),
        case("the same model there", &saved, program(0.1, "old")),
    ]
}

/// Saves without faults and checks that nothing is left behind.
fn save_again(disk: &Arc<Memory>, new: &Program, what: &str) {
    save(disk, new).unwrap_or_else(|error| panic!("{what}, then saving again: {error}"));
    assert_eq!(found(disk, what), Some(describe(new)), "{what}");
    let files = disk.files(MODEL);
    assert_eq!(files.len(), 2, "{what}: {files:?}");
}

#[test]
fn an_operation_that_fails_leaves_the_old_or_the_new_model() {
    for case in cases() {
        let new = Some(describe(&case.new));
        for kind in [ErrorKind::StorageFull, ErrorKind::Interrupted, ErrorKind::PermissionDenied] {
            for operation in 0.. {
                let what = format!("{}, operation {operation} fails", case.name);
                let disk = case.before.with(Fault::Once(operation, kind));
                let result = save(&disk, &case.new);
                if disk.count() <= operation {
                    result.unwrap();
                    break;
                }
                let now = found(&disk.with(Fault::Never), &what);
                match result {
                    Ok(()) => assert_eq!(now, new, "{what}"),
                    Err(Error::Io { .. }) => assert!(now == case.old || now == new, "{what}"),
                    Err(error) => panic!("{what}: {error}"),
                }
                save_again(&disk.with(Fault::Never), &case.new, &what);
            }
        }
    }
}

#[test]
fn a_crash_leaves_the_old_or_the_new_model() {
    for case in cases() {
        let new = Some(describe(&case.new));
        for operation in 0.. {
            let disk = case.before.with(Fault::From(operation));
            let result = save(&disk, &case.new);
            let ended = disk.count() <= operation;
            for crash in Crash::all() {
                let what = format!("{}, the machine stops at operation {operation}, {crash:?}", case.name);
                let disk = disk.after(crash);
                let now = found(&disk, &what);
                if result.is_ok() {
                    assert_eq!(now, new, "{what}, after the save");
                } else {
                    assert!(now == case.old || now == new, "{what}");
                }
                save_again(&disk, &case.new, &what);
            }
            if ended {
                break;
            }
        }
    }
}

#[test]
fn reading_errors_are_typed() {
    let disk = Memory::new();
    save(&disk, &program(0.1, "old")).unwrap();
    for operation in 0.. {
        let failing = disk.with(Fault::Once(operation, ErrorKind::Other));
        let result = Load::new().disk(failing.clone()).load(MODEL);
        if failing.count() <= operation {
            result.unwrap();
            break;
        }
        // A failure while the definition is looked at again is the error of the load; any other one ends it too.
        assert!(matches!(result, Err(Error::Io { .. })), "{operation}: {result:?}");
    }
}

const KILLED: &str = "HOLOTYPE_TEST_SAVE_UNTIL_KILLED";

/// Saves two models in turn until it is killed; does nothing unless the test below starts it.
#[test]
fn save_until_killed() {
    let Ok(path) = std::env::var(KILLED) else { return };
    let models = [program(0.1, "old"), program(0.2, "new")];
    for model in models.iter().cycle() {
        model.save(&path).unwrap();
    }
}

#[test]
fn a_process_that_is_killed_leaves_a_whole_model() {
    let directory = tempfile::tempdir().unwrap();
    let models = [program(0.1, "old"), program(0.2, "new")];
    let expected: Vec<_> = models.iter().map(describe).collect();
    models[0].save(directory.path()).unwrap();
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    for round in 0..20 {
        let test = std::env::current_exe().unwrap();
        let mut saver = std::process::Command::new(test)
            .args(["--exact", "faults::save_until_killed"])
            .env(KILLED, directory.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Any moment will do: the pause only spreads them.
        let pause = seed.wrapping_add(round).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58;
        std::thread::sleep(std::time::Duration::from_millis(pause));
        saver.kill().unwrap();
        saver.wait().unwrap();
        let loaded = holotype::store::load(directory.path()).unwrap();
        assert!(expected.contains(&describe(&loaded)), "round {round}");
    }
    models[1].save(directory.path()).unwrap();
    crate::binary::files(directory.path());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2, "something is left behind");
}
