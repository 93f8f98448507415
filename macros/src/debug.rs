//! `HOLOTYPE_EXPAND=Name` shows what the macros made of `Name` on stderr, while the user's crate is compiled.

use std::io::Write;
use std::process::{Command, Stdio};

use proc_macro2::TokenStream;

/// Prints `tokens` if `name` is the one asked for, through rustfmt where it is installed.
pub fn show(name: &str, tokens: &TokenStream) {
    if std::env::var("HOLOTYPE_EXPAND").is_ok_and(|asked| asked == name) {
        let source = tokens.to_string();
        let text = formatted(&source).unwrap_or(source);
        // Showing is a convenience: a closed stderr is no reason to fail the build.
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}

/// The source as rustfmt has it, where rustfmt is installed.
pub fn formatted(source: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    rustfmt.stdin.take()?.write_all(source.as_bytes()).ok()?;
    let output = rustfmt.wait_with_output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok())?
}
