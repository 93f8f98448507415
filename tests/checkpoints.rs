//! Checkpoints: which are kept, what happens where none can be written, and that a run which is killed again and again ends as the one
//! that never was.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

use std::any::Any;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use holotype::layers::{Dense, Dropout, Sequential};
use holotype::losses::mean_squared_error;
use holotype::prelude::*;
use holotype::store::{Disk, FileKind, FileSystem};
use holotype::train::callbacks::{Busy, Checkpoint, EarlyStopping, Lambda, ReduceLearningRateOnPlateau};
use holotype::train::{CheckpointManager, CheckpointRecord};

fn data(samples: usize) -> Dataset {
    let x = (Tensor::arange(samples * 3).cast(DType::F32) * 0.37).sin().reshape([samples, 3]);
    let y = (Tensor::arange(samples * 2).cast(DType::F32) * 0.11).cos().reshape([samples, 2]);
    Dataset::new(x, y).unwrap()
}

fn build(width: usize) -> Trainer {
    // The seed is one for the whole process.
    static SEED: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = SEED.lock();
    holotype::random::seed(3);
    let model =
        Sequential::new().then(Dense::new(3, width)).then(Dropout::new(0.2, 5)).then(Dense::new(width, 2));
    Trainer::new(model, Adam::new(0.01), mean_squared_error).build().unwrap()
}

fn numbers(records: &[CheckpointRecord]) -> Vec<u64> {
    records.iter().map(|record| record.number).collect()
}

fn fingerprint(trainer: &Trainer) -> String {
    trainer.program().fingerprint().unwrap()
}

#[test]
fn the_newest_and_the_best_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let trainer = build(4);
    let manager = CheckpointManager::new(directory.path()).keep_last(2).keep_best("val_accuracy", 2);
    std::fs::write(directory.path().join("notes.txt"), "mine").unwrap();
    for value in [0.5, 0.9, 0.2, 0.9, 0.1, 0.3, f64::NAN] {
        let metrics = std::iter::once(("val_accuracy".to_owned(), value)).collect();
        manager.save(&trainer, metrics).unwrap();
    }
    let records = manager.list().unwrap();
    assert_eq!(numbers(&records), [2, 4, 6, 7]);
    assert_eq!(manager.latest().unwrap().unwrap().number, 7);
    assert_eq!(manager.best("val_accuracy").unwrap().unwrap().number, 4);
    assert!(manager.best("unknown").unwrap().is_none());
    assert!(directory.path().join("notes.txt").exists());
    // What was left by a process that was killed goes, and another manager sees the same.
    std::fs::create_dir_all(directory.path().join("checkpoint-00000008/variables")).unwrap();
    let manager = CheckpointManager::new(directory.path()).keep_last(1);
    assert_eq!(numbers(&manager.list().unwrap()), numbers(&records));
    manager.clean().unwrap();
    assert_eq!(numbers(&manager.list().unwrap()), [7]);
    assert!(!directory.path().join("checkpoint-00000008").exists());
    assert!(!directory.path().join("checkpoint-00000002").exists());
}

#[test]
fn checkpoints_are_taken_when_they_are_due() {
    let train = data(20);
    let taken = |checkpoint: &dyn Fn(CheckpointManager) -> Checkpoint| {
        let directory = tempfile::tempdir().unwrap();
        let manager = CheckpointManager::new(directory.path()).keep_all();
        let fit = Fit::epochs(3).batch_size(5).validation(&train).quiet();
        let history = build(4).fit(&train, fit.callback(checkpoint(manager.clone()))).unwrap();
        assert!(history.warnings().is_empty());
        let records = manager.list().unwrap();
        assert!(records.iter().all(|record| record.metrics.get("loss").unwrap().is_finite()));
        // At the end of an epoch the metrics of the validation data are known.
        let known = |record: &CheckpointRecord| record.metrics.get("val_loss").is_some();
        assert!(records.iter().all(|record| known(record) == (record.step == 4)));
        records.iter().map(|record| (record.epoch, record.step)).collect::<Vec<_>>()
    };
    assert_eq!(taken(&Checkpoint::new), [(1, 4), (2, 4), (3, 4)]);
    assert_eq!(taken(&|manager| Checkpoint::new(manager).every_epochs(2)), [(2, 4)]);
    let by_steps = |manager| Checkpoint::new(manager).every_steps(3).synchronous();
    assert_eq!(taken(&by_steps), [(1, 3), (2, 2), (3, 1), (3, 4)]);
    let always = |manager| Checkpoint::new(manager).every(Duration::ZERO).if_busy(Busy::Wait);
    assert_eq!(taken(&always).len(), 12);
    assert_eq!(taken(&|manager| Checkpoint::new(manager).every(Duration::from_hours(1))), []);
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let manager = CheckpointManager::new(directory.path());
    let mut trainer = build(4);
    assert_eq!(manager.resume(&mut trainer).unwrap(), None);
    manager.save(&trainer, holotype::train::Metrics::default()).unwrap();
    let refused = |mut other: Trainer, part: &str| {
        let before = fingerprint(&other);
        let error = manager.resume(&mut other).unwrap_err();
        assert!(matches!(error, Error::Checkpoint { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error}");
        assert_eq!(fingerprint(&other), before);
    };
    refused(build(5), "is [3, 4; f32], and that of the run [3, 5; f32]");
    let deeper = Sequential::new().then(Dense::new(3, 4)).then(Dense::new(4, 2));
    refused(
        Trainer::new(deeper, Adam::new(0.01), mean_squared_error).build().unwrap(),
        "it has the variable",
    );
    let sgd = Sequential::new().then(Dense::new(3, 4)).then(Dense::new(4, 2));
    refused(Trainer::new(sgd, Sgd::new(0.01), mean_squared_error).build().unwrap(), "its optimizer is");
    let plain = directory.path().join("checkpoint-00000002");
    holotype::save(&Dense::new(1, 1), &plain).unwrap();
    let error = build(4).resume(&plain).unwrap_err();
    assert!(matches!(error, Error::Checkpoint { .. }), "{error}");
}

#[test]
fn a_damaged_checkpoint_leaves_the_one_before() {
    let directory = tempfile::tempdir().unwrap();
    let manager = CheckpointManager::new(directory.path());
    let train = data(10);
    let fit = Fit::epochs(2).quiet().callback(Checkpoint::new(manager.clone()));
    build(4).fit(&train, fit).unwrap();
    let newest = manager.latest().unwrap().unwrap();
    std::fs::write(newest.path.join("saved_model.bin"), b"no").unwrap();
    let mut trainer = build(4);
    assert_eq!(manager.resume(&mut trainer).unwrap().unwrap().epoch, 1);
    assert_eq!(trainer.epochs().unwrap(), 1);
}

/// A disk that is full while it is told to be.
struct Full(AtomicBool);

impl Disk for Full {
    fn kind(&self, path: &Path) -> io::Result<Option<FileKind>> {
        FileSystem.kind(path)
    }
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        FileSystem.create_dir_all(path)
    }
    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        FileSystem.list(path)
    }
    fn open(&self, path: &Path) -> io::Result<(u64, Box<dyn Read + '_>)> {
        FileSystem.open(path)
    }
    fn write(&self, path: &Path, contents: &[&[u8]]) -> io::Result<()> {
        if self.0.load(Ordering::SeqCst) && path.to_string_lossy().contains("variables") {
            // A part of the file is written before there is no more room.
            FileSystem.write(path, &contents[..1])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        FileSystem.write(path, contents)
    }
    fn sync(&self, path: &Path) -> io::Result<()> {
        FileSystem.sync(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        FileSystem.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        FileSystem.remove(path)
    }
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        FileSystem.remove_dir(path)
    }
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Any>> {
        FileSystem.lock(path)
    }
}

#[test]
fn a_full_disk_is_a_warning_and_the_last_checkpoint_stays() {
    for synchronous in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let disk = Arc::new(Full(AtomicBool::new(false)));
        let manager = CheckpointManager::new(directory.path()).disk(disk.clone());
        let fill = Lambda::new("fill").epoch_start(|moment| {
            // The first checkpoint is awaited, so that it is there before the disk is full.
            while moment.epoch() == 2 && manager.list()?.is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
            disk.0.store(moment.epoch() > 1, Ordering::SeqCst);
            Ok(())
        });
        let checkpoint = Checkpoint::new(manager.clone());
        let checkpoint = if synchronous { checkpoint.synchronous() } else { checkpoint };
        let fit = Fit::epochs(3).quiet().callback(fill).callback(checkpoint);
        let mut trainer = build(4);
        let history = trainer.fit(&data(8), fit).unwrap();
        assert_eq!(history.epochs().len(), 3);
        let warnings: Vec<_> = history.warnings().iter().map(ToString::to_string).collect();
        for warning in &warnings {
            assert!(
                warning.contains("Checkpoint: a checkpoint could not be written, and training goes on"),
                "{warning}"
            );
        }
        let latest = manager.latest().unwrap().unwrap();
        assert_eq!((latest.epoch, warnings.len()), (1, 2));
        manager.resume(&mut build(4)).unwrap().unwrap();
        let names = FileSystem.list(directory.path()).unwrap();
        assert_eq!(names.len(), manager.list().unwrap().len(), "{names:?}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "not a directory").unwrap();
    let manager = CheckpointManager::new(file.join("checkpoints"));
    let fit = Fit::epochs(2).quiet().callback(Checkpoint::new(manager));
    let history = build(4).fit(&data(8), fit).unwrap();
    assert_eq!((history.epochs().len(), history.warnings().len()), (2, 2));
}

/// Where the process that is killed keeps its checkpoints, and the epoch that it ends with.
const PLACE: &str = "CHECKPOINTS_TEST_PLACE";
const LAST: &str = "CHECKPOINTS_TEST_LAST";
/// How often it is killed.
const KILLS: &str = "HOLOTYPE_KILLS";

/// The run that is killed: large enough that writing takes some time.
fn soaked() -> Trainer {
    build(160)
}

/// Callbacks that count, stop and change the rate are a part of it.
fn soaked_fit(last: u64) -> Fit<'static> {
    Fit::until_epoch(last)
        .batch_size(3)
        .seed(7)
        .quiet()
        .callback(ReduceLearningRateOnPlateau::new("loss").factor(0.9).patience(1).min_rate(1e-4))
        .callback(EarlyStopping::new("loss").patience(1_000_000).restore_best_weights())
}

#[test]
#[ignore = "run by the test below, in processes of their own"]
fn killed() {
    let (Ok(place), Ok(last)) = (std::env::var(PLACE), std::env::var(LAST)) else { return };
    let manager = CheckpointManager::new(place).keep_last(2).keep_best("loss", 1);
    let mut trainer = soaked();
    let found = manager.resume(&mut trainer).unwrap();
    println!("\nresumed {}", found.map_or(0, |record| record.number));
    let said = Lambda::new("said").step_end(|moment| {
        println!("step {}/{}", moment.epoch(), moment.step());
        Ok(())
    });
    let checkpoint = Checkpoint::new(manager).every_steps(1).if_busy(Busy::Skip);
    let fit = soaked_fit(last.parse().unwrap()).callback(said).callback(checkpoint);
    let history = trainer.fit(&data(20), fit).unwrap();
    assert!(history.warnings().is_empty());
    println!("fingerprint {}", fingerprint(&trainer));
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_as_the_one_that_was_not() {
    let kills: u64 = std::env::var(KILLS).map_or(12, |kills| kills.parse().unwrap());
    let seed = std::env::var("HOLOTYPE_SEED").map_or_else(|_| random_seed(), |seed| seed.parse().unwrap());
    println!("HOLOTYPE_KILLS={kills} HOLOTYPE_SEED={seed}");
    let mut random = seed;
    let directory = tempfile::tempdir().unwrap();
    let start = |last: u64| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed", "--ignored", "--nocapture"])
            .env(PLACE, directory.path())
            .env(LAST, last.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let (mut resumed_at, mut in_the_middle) = (Vec::new(), 0);
    for round in 0..kills {
        let mut child = start(1_000_000);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let resumed = lines.find(|line| line.starts_with("resumed"));
        let Some(resumed) = resumed else {
            let mut text = String::new();
            child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
            let _ = child.wait();
            panic!("round {round}: it could not resume\n{text}");
        };
        resumed_at.push(resumed["resumed ".len()..].parse::<u64>().unwrap());
        // After some steps, and some time within what comes then.
        let steps = next(&mut random) % 9;
        for _ in 0..steps {
            lines.next();
        }
        std::thread::sleep(Duration::from_micros(next(&mut random) % 8000));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "round {round}: it ended by itself");
        let whole = CheckpointManager::new(directory.path()).list().unwrap().len();
        let all = FileSystem.list(directory.path()).unwrap().len();
        in_the_middle += usize::from(all > whole);
    }
    assert!(resumed_at.is_sorted(), "{resumed_at:?}");
    let newest = CheckpointManager::new(directory.path()).latest().unwrap();
    let last = newest.map_or(0, |record| record.epoch) + 2;
    println!("{kills} kills, {in_the_middle} while a checkpoint was written; the run ends with epoch {last}");
    let output = start(last).wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let output = String::from_utf8(output.stdout).unwrap();
    let found = output.lines().find_map(|line| line.strip_prefix("fingerprint ")).unwrap();

    let mut whole = soaked();
    whole.fit(&data(20), soaked_fit(last)).unwrap();
    assert_eq!(found, fingerprint(&whole));
}

fn random_seed() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// `SplitMix64`.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
