//! Checks, while user code is compiled, that a signature names the parts of a structure that there are.

#![expect(clippy::panic, reason = "in a constant, a panic is how the compiler is given an error")]

/// Ends the compilation with `message` if a type that has these parts has none of this name.
///
/// # Panics
/// Only in a constant, where that is an error of the compiler.
pub const fn has_part(parts: Option<&[&str]>, name: &str, message: &str) {
    if let Some(parts) = parts
        && !contains(parts, name)
    {
        panic!("{}", message);
    }
}

/// Ends the compilation with `message` and the name of a part that is not among the `names`. A name that is no part has been
/// reported already, and is perhaps meant for that part.
///
/// # Panics
/// Only in a constant, where that is an error of the compiler.
pub const fn has_parts(parts: Option<&[&str]>, names: &[&str], message: &str) {
    let Some(parts) = parts else { return };
    let mut at = 0;
    while at < names.len() {
        if !contains(parts, names[at]) {
            return;
        }
        at += 1;
    }
    at = 0;
    while at < parts.len() {
        if !contains(names, parts[at]) {
            let text = Text::new().and(message).and("`").and(parts[at]).and("`");
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if same(names[at].as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Text that is put together while user code is compiled; what is too long for it is cut off.
struct Text {
    bytes: [u8; 512],
    length: usize,
}

impl Text {
    const fn new() -> Self {
        Self { bytes: [0; 512], length: 0 }
    }

    const fn and(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = text[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "a part is missing",
        }
    }
}
