//! Where models are saved to and loaded from.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use holotype::prelude::*;
use holotype::store;

use crate::binary::files;
use crate::models::{Small, contents, outputs};

#[test]
fn saving_over_a_model_leaves_the_new_one_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for seed in [0.1, 0.2, 0.2, 0.3] {
        store::save(&Small::new(seed), path).unwrap();
        let expected = Program::trace(&Small::new(seed)).unwrap();
        let loaded = store::load(path).unwrap();
        assert_eq!(contents(&loaded), contents(&expected));
        files(path);
        assert_eq!(fs::read_dir(path).unwrap().count(), 2);
    }
}

#[test]
fn a_model_that_is_mapped_can_be_saved_over() {
    let directory = tempfile::tempdir().unwrap();
    store::save(&Small::new(0.1), directory.path()).unwrap();
    let old = store::load(directory.path()).unwrap();
    let before = outputs(&old);
    store::save(&Small::new(0.9), directory.path()).unwrap();
    assert_eq!(outputs(&old), before);
}

#[test]
fn a_damaged_file_of_variables_is_written_anew() {
    let directory = tempfile::tempdir().unwrap();
    store::save(&Small::new(0.1), directory.path()).unwrap();
    let [_, variables] = files(directory.path());
    let mut bytes = fs::read(&variables).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&variables, bytes).unwrap();
    assert!(store::load(directory.path()).unwrap_err().to_string().contains("damaged"));
    store::save(&Small::new(0.1), directory.path()).unwrap();
    store::load(directory.path()).unwrap();
}

#[test]
fn foreign_files_stay() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let foreign = ["notes.txt", "variables/model.safetensors", "assets/words.txt", "saved_model.bin.backup"];
    for name in foreign {
        let file = path.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, name).unwrap();
    }
    let left = "variables/variables-00000-of-00001-0123456789abcdef.safetensors.unfinished";
    fs::write(path.join(left), "torn").unwrap();
    fs::write(path.join("saved_model.bin.unfinished"), "torn").unwrap();
    store::save(&Small::new(0.1), path).unwrap();
    store::save(&Small::new(0.2), path).unwrap();
    for name in foreign {
        assert_eq!(fs::read_to_string(path.join(name)).unwrap(), name);
    }
    assert!(!path.join(left).exists() && !path.join("saved_model.bin.unfinished").exists());
    store::load(path).unwrap();
}

#[test]
fn what_is_no_model_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let model = Small::new(0.1);
    let file = directory.path().join("file");
    fs::write(&file, "text").unwrap();
    let error = store::save(&model, &file).unwrap_err();
    assert!(matches!(error, Error::Format { .. }), "{error}");
    let below = file.join("model");
    let error = store::save(&model, &below).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");

    let other = directory.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("saved_model.bin"), "another tool's").unwrap();
    let error = store::save(&model, &other).unwrap_err().to_string();
    assert!(error.contains("not the definition of a saved model"), "{error}");
    assert_eq!(fs::read_to_string(other.join("saved_model.bin")).unwrap(), "another tool's");

    let taken = directory.path().join("taken");
    fs::create_dir_all(taken.join("saved_model.bin")).unwrap();
    assert!(matches!(store::save(&model, &taken), Err(Error::Format { .. })));
    let taken = directory.path().join("taken_variables");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("variables"), "").unwrap();
    assert!(matches!(store::save(&model, &taken), Err(Error::Io { .. })));
}

#[test]
fn what_is_no_model_is_not_loaded() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    assert!(matches!(store::load(path.join("absent")), Err(Error::Io { .. })));
    let error = store::load(path).unwrap_err().to_string();
    assert!(error.contains("holds no saved_model.bin"), "{error}");
    fs::write(path.join("file"), "text").unwrap();
    assert!(matches!(store::load(path.join("file")), Err(Error::Format { .. })));
    fs::create_dir(path.join("saved_model.bin")).unwrap();
    assert!(matches!(store::load(path), Err(Error::Format { .. })));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_devices_are_not_read() {
    use std::os::unix::fs::symlink;
    let directory = tempfile::tempdir().unwrap();
    let [model, link] = ["model", "link"].map(|name| directory.path().join(name));
    store::save(&Small::new(0.1), &model).unwrap();
    symlink(&model, &link).unwrap();
    store::load(&link).unwrap();
    let [definition, variables] = files(&model);
    fs::remove_file(&variables).unwrap();
    symlink("/dev/zero", &variables).unwrap();
    assert!(matches!(store::load(&model), Err(Error::Format { .. })));
    fs::remove_file(&definition).unwrap();
    symlink("/dev/zero", &definition).unwrap();
    assert!(matches!(store::load(&model), Err(Error::Format { .. })));
    assert!(matches!(store::save(&Small::new(0.1), &model), Err(Error::Format { .. })));
}

#[test]
fn a_reader_beside_savers_sees_whole_models() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let seeds = [0.25_f32, 0.5];
    let expected = seeds.map(|seed| outputs(&Program::trace(&Small::new(seed)).unwrap()));
    store::save(&Small::new(seeds[0]), path).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let savers: Vec<_> = seeds
            .iter()
            .map(|&seed| {
                scope.spawn(move || {
                    for _ in 0..15 {
                        store::save(&Small::new(seed), path).unwrap();
                    }
                })
            })
            .collect();
        let reader = scope.spawn(|| {
            let mut loads = 0;
            while !done.load(Ordering::Relaxed) || loads < 10 {
                let found = outputs(&store::load(path).unwrap());
                assert!(expected.contains(&found), "{found:?}");
                loads += 1;
            }
        });
        let savers: Vec<_> = savers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        assert!(savers.iter().all(Result::is_ok));
    });
    files(path);
}
