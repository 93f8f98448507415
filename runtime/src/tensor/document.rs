//! Self-describing values: the configuration of modules and the attributes of ops, as CBOR (RFC 8949).

use std::fmt;

use ciborium::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How deep a document may nest; deeper ones are refused, so that reading one cannot exhaust the stack.
const DEPTH: usize = 64;

/// A value that carries its own structure, so that it can be read, compared and printed without the type it came from.
#[derive(Clone, PartialEq)]
pub struct Document(Value);

impl Document {
    /// Describes a value.
    ///
    /// # Errors
    /// What the value's `Serialize` says, in words.
    pub fn describe<T: Serialize + ?Sized>(value: &T) -> Result<Self, String> {
        Value::serialized(value).map(Self).map_err(shown)
    }

    /// The value described.
    ///
    /// # Errors
    /// What the type's `Deserialize` says, in words.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        self.0.deserialized().map_err(message)
    }

    /// The document as bytes.
    ///
    /// # Errors
    /// If it nests deeper than can be read back.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        ciborium::into_writer(&self.0, &mut bytes).map_err(|error| error.to_string())?;
        Self::from_bytes(&bytes)?;
        Ok(bytes)
    }

    /// The document that the bytes hold.
    ///
    /// # Errors
    /// If they hold none, nest too deep, or go on behind it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let mut rest = bytes;
        let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH)
            .map_err(|error: ciborium::de::Error<std::io::Error>| error.to_string())?;
        if rest.is_empty() { Ok(Self(value)) } else { Err(format!("{} bytes behind the end", rest.len())) }
    }

    /// Whether there is nothing to say: an empty map, an empty list, or null.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Value::Null => true,
            Value::Map(entries) => entries.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        }
    }
}

// Functions, so that they are not compiled for each type that is described or read.
fn shown(error: ciborium::value::Error) -> String {
    error.to_string()
}

fn message(error: ciborium::value::Error) -> String {
    let ciborium::value::Error::Custom(message) = error;
    message
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(&self.0, f)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(&self.0, f)
    }
}

fn write_value(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Value::Integer(integer) => write!(f, "{}", i128::from(*integer)),
        Value::Float(float) => write!(f, "{float:?}"),
        Value::Bool(truth) => write!(f, "{truth}"),
        Value::Text(text) => write!(f, "{text:?}"),
        Value::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
        Value::Null => f.write_str("none"),
        Value::Array(items) => {
            f.write_str("[")?;
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                write_value(item, f)?;
            }
            f.write_str("]")
        }
        Value::Map(entries) => {
            f.write_str("{")?;
            for (index, (key, entry)) in entries.iter().enumerate() {
                if index > 0 {
                    f.write_str(", ")?;
                }
                match key {
                    Value::Text(text) => f.write_str(text)?,
                    other => write_value(other, f)?,
                }
                f.write_str(": ")?;
                write_value(entry, f)?;
            }
            f.write_str("}")
        }
        Value::Tag(tag, inner) => {
            write!(f, "{tag}#")?;
            write_value(inner, f)
        }
        _ => f.write_str("?"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Config {
        limit: f32,
        units: u64,
        #[serde(default)]
        names: Vec<String>,
    }

    #[test]
    fn infinities_and_large_integers_survive() {
        let config = Config { limit: f32::NEG_INFINITY, units: u64::MAX, names: vec!["a".into()] };
        let bytes = Document::describe(&config).unwrap().to_bytes().unwrap();
        let document = Document::from_bytes(&bytes).unwrap();
        assert_eq!(document.read::<Config>().unwrap(), config);
        assert_eq!(document.to_string(), r#"{limit: -inf, units: 18446744073709551615, names: ["a"]}"#);
    }

    #[test]
    fn a_new_field_with_a_default_reads_an_old_document() {
        #[derive(Serialize)]
        struct Old {
            limit: f32,
            units: u64,
        }
        let old = Document::describe(&Old { limit: 1.0, units: 2 }).unwrap();
        assert_eq!(old.read::<Config>().unwrap(), Config { limit: 1.0, units: 2, names: Vec::new() });
    }

    #[test]
    fn hostile_bytes_are_refused() {
        assert!(Document::from_bytes(&[]).is_err());
        assert!(Document::from_bytes(&vec![0x81; 100_000]).is_err(), "nesting");
        assert!(
            Document::from_bytes(&[0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err(),
            "length"
        );
        assert!(Document::from_bytes(&[1, 1]).is_err(), "trailing bytes");
    }
}
