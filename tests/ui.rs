//! The macros as a user meets them: programs that compile and run, and one file for each mistake, with the compiler's words
//! for it beside it. `TRYBUILD=overwrite cargo test --test ui` writes those words anew; read them before they are committed.

#[test]
fn programs_compile_and_mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    for folder in [
        "module",
        "layer",
        "signature",
        "loss",
        "metric",
        "optimizer",
        "schedule",
        "train_step",
        "structure",
        "program",
        "autograph",
        "op",
        "gradient",
    ] {
        cases.compile_fail(format!("tests/ui/{folder}/*.rs"));
    }
}
