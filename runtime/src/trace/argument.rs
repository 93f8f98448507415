//! Static arguments: values that a method is traced for, one by one.

use serde::Serialize;

use crate::tensor::Document;

/// A value that a method can be traced for: any type that serde writes, that compares and that clones.
#[diagnostic::on_unimplemented(
    message = "a signature cannot list values of `{Self}`",
    label = "not a value that can be saved",
    note = "a static argument is written into the saved signature: derive `Serialize`, `PartialEq` and `Clone`; a structure of tensors is given as `name = {{ … }}`"
)]
pub trait Static: Serialize + PartialEq + Clone {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + PartialEq + Clone> Static for T {}

/// The values that a signature lists for a static argument.
#[derive(Clone, Debug, PartialEq)]
pub struct ArgumentSpec {
    /// The parameter.
    pub name: &'static str,
    /// The values, the default first; or why they cannot be written down.
    pub values: Result<Vec<Document>, String>,
}

impl ArgumentSpec {
    /// The values of a parameter; the first is the default.
    pub fn new<T: Static>(name: &'static str, values: &[T]) -> Self {
        Self { name, values: documents(values) }
    }

    /// `causal in [true, false]`
    pub(super) fn describe(&self) -> String {
        let values = self.values.as_deref().unwrap_or_default();
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        format!("{} in [{}]", self.name, values.join(", "))
    }
}

fn documents<T: Static>(values: &[T]) -> Result<Vec<Document>, String> {
    let mut documents = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let document = Document::describe(value)?;
        if values[..index].contains(value) || documents.contains(&document) {
            return Err(format!("the value {document} is listed twice"));
        }
        document.to_bytes()?;
        documents.push(document);
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_described_and_differ() {
        let argument = ArgumentSpec::new("mode", &["train", "test"]);
        assert_eq!(argument.describe(), r#"mode in ["train", "test"]"#);
        let argument = ArgumentSpec::new("heads", &[1, 2, 1]);
        assert_eq!(argument.values, Err("the value 1 is listed twice".into()));
    }
}
