//! Each example saves a model that a program without its code loads, runs to the same bits, and goes on training.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder that cargo builds this profile into.
fn built() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_path_buf()
}

fn run(program: &Path, arguments: &[&Path]) -> Output {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{} {arguments:?}: {said}", program.display());
    output
}

/// Runs an example, then the stranger on what it saved below `places`.
fn check(example: &str, places: &[&str], trains: bool) {
    check_with(example, &[], places, trains);
}

/// The same, with more arguments for the example.
fn check_with(example: &str, arguments: &[&str], places: &[&str], trains: bool) {
    let directory = tempfile::tempdir().unwrap();
    let model = directory.path().join(example);
    let arguments: Vec<&Path> =
        std::iter::once(model.as_path()).chain(arguments.iter().map(Path::new)).collect();
    let made = run(&built().join("examples").join(example), &arguments);
    let made = String::from_utf8_lossy(&made.stdout).into_owned();
    let after = made.lines().find_map(|line| line.strip_prefix("after one more epoch: "));
    for place in places {
        let output = run(&built().join("stranger"), &[&model.join(place), Path::new("1")]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("test outputs, the same bits as the model's maker got"), "{example}: {said}");
        assert_eq!(said.contains("going on after epoch"), trains, "{example}: {said}");
        let last = said.lines().rfind(|line| line.starts_with("variables "));
        assert!(after.is_none_or(|after| last == Some(after)), "{example}: {made} and {said}");
    }
}

#[test]
fn what_examples_save_runs_and_trains_without_their_code() {
    // When only this test is asked for, cargo builds neither the examples nor the stranger. Of the whole workspace, so that the
    // features are those that tests are built with.
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--workspace", "--examples", "--bins"]);
    build.arg("--manifest-path").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    build.env("CARGO_TARGET_DIR", built().parent().unwrap());
    if built().ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());

    check("custom_metric", &[""], true);
    check("custom_optimizer", &[""], true);
    // An epoch of a few images: their documentation says what all of them give.
    check_with("digits", &["1", "512"], &[""], true);
    check_with("digits_cnn", &["1", "512"], &[""], true);
    check("char_gru", &["for", "scan"], true);
    check("distillation", &["student"], true);
    check("fine_tuning", &["tuned"], true);
    check("gan", &[""], true);
    check("mixture_of_experts", &[""], true);
    check("neural_ode", &[""], true);
    check("newton", &[""], true);
    check("ranking", &[""], false);
    check("regression", &[""], true);
    check("straight_through", &[""], true);
    check("two_outputs", &[""], true);
}
