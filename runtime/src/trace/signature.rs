//! Signatures as a trace found them: names, dtypes and sizes of a function's inputs and outputs.

use std::fmt;

use crate::error::{Error, Result, SignatureError};
use crate::tensor::{Data, Dim, Sizes, TensorType};

/// The names, dtypes and (symbolic) shapes of a function's inputs and outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name of the function.
    pub function: String,
    /// The inputs, with names.
    pub inputs: Vec<(String, TensorType)>,
    /// The outputs, with names where the signature gave them.
    pub outputs: Vec<(Option<String>, TensorType)>,
}

impl Signature {
    /// Checks the inputs of a call, and says what the symbolic sizes are in it.
    ///
    /// # Errors
    /// [`Error::Signature`] with the input, what was expected and what was found.
    pub fn bind(&self, inputs: &[Data]) -> Result<Sizes> {
        if inputs.len() != self.inputs.len() {
            let names: Vec<_> = self.inputs.iter().map(|(name, _)| format!("`{name}`")).collect();
            let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
            return Err(self
                .error(None, format!("it takes {} inputs{names}, not {}", self.inputs.len(), inputs.len())));
        }
        let mut sizes = Sizes::new();
        for ((name, kind), data) in self.inputs.iter().zip(inputs) {
            self.bind_input(name, kind, data, &mut sizes)?;
        }
        // Sizes that are polynomials are checked once the symbols in them are known.
        for ((name, kind), data) in self.inputs.iter().zip(inputs) {
            for (axis, (dim, &found)) in kind.shape.iter().zip(data.sizes()).enumerate() {
                if dim.evaluate(&sizes) != Some(found) {
                    let expected = describe(dim, &sizes);
                    let message = format!(
                        "expected {kind}, found {}: dimension {axis} must be {expected}, not {found}",
                        data.describe()
                    );
                    return Err(self.error(Some(name), message));
                }
            }
        }
        Ok(sizes)
    }

    fn bind_input(&self, name: &str, kind: &TensorType, data: &Data, sizes: &mut Sizes) -> Result<()> {
        let fail = |message: String| {
            self.error(Some(name), format!("expected {kind}, found {}: {message}", data.describe()))
        };
        if data.dtype() != kind.dtype {
            return Err(fail(format!("the dtype must be {}, not {}", kind.dtype, data.dtype())));
        }
        if data.sizes().len() != kind.rank() {
            return Err(fail(format!("the rank must be {}, not {}", kind.rank(), data.sizes().len())));
        }
        for (dim, &found) in kind.shape.iter().zip(data.sizes()) {
            if let Some(symbol) = dim.as_symbol() {
                let bound = *sizes.entry(symbol.clone()).or_insert(found);
                if bound != found {
                    let size =
                        if symbol.is_anonymous() { "a size that must be the same" } else { symbol.name() };
                    return Err(fail(format!("{size} is {bound} elsewhere in the call, and {found} here")));
                }
            }
        }
        Ok(())
    }

    /// An error about a call of this function.
    pub fn error(&self, input: Option<&str>, message: String) -> Error {
        Error::Signature(Box::new(SignatureError {
            signature: self.to_string(),
            input: input.map(str::to_owned),
            message,
            location: None,
        }))
    }

    /// The name of an output: the one the signature gave it, or `output_0`, `output_1`, ….
    pub fn output_name(&self, index: usize) -> String {
        let given = self.outputs.get(index).and_then(|(name, _)| name.clone());
        given.unwrap_or_else(|| format!("output_{index}"))
    }
}

fn describe(dim: &Dim, sizes: &Sizes) -> String {
    match dim.evaluate(sizes) {
        Some(size) if dim.constant().is_none() => format!("{dim} = {size}"),
        _ => dim.to_string(),
    }
}

impl fmt::Display for Signature {
    /// `call(input: [?, 5; f32]) -> [?, 3; f32]`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs: Vec<_> = self.inputs.iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
        write!(f, "{}({}) -> ", self.function, inputs.join(", "))?;
        let outputs: Vec<_> = self
            .outputs
            .iter()
            .map(|(name, kind)| {
                name.as_ref().map_or_else(|| kind.to_string(), |name| format!("{name}: {kind}"))
            })
            .collect();
        match outputs.as_slice() {
            [output] => f.write_str(output),
            outputs => write!(f, "({})", outputs.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{DType, Shape, Symbol};

    fn signature() -> Signature {
        let (batch, open) = (Dim::symbol(Symbol::named("batch")), Dim::symbol(Symbol::anonymous(0)));
        let f32 = |dims: Vec<Dim>| TensorType::new(DType::F32, Shape::new(dims));
        Signature {
            function: "call".into(),
            inputs: vec![
                ("x".into(), f32(vec![batch.clone(), 5.into(), open.clone()])),
                ("pairs".into(), f32(vec![&batch * 2])),
            ],
            outputs: vec![(None, f32(vec![batch, open]))],
        }
    }

    fn zeros(sizes: &[usize]) -> Data {
        Data::new(sizes, vec![0.0_f32; sizes.iter().product()]).unwrap()
    }

    #[test]
    fn a_call_binds_every_size() {
        let sizes = signature().bind(&[zeros(&[3, 5, 7]), zeros(&[6])]).unwrap();
        assert_eq!(sizes, Sizes::from([(Symbol::named("batch"), 3), (Symbol::anonymous(0), 7)]));
        assert_eq!(
            signature().to_string(),
            "call(x: [batch, 5, ?; f32], pairs: [2*batch; f32]) -> [batch, ?; f32]"
        );
    }

    #[test]
    fn a_wrong_call_says_which_input_and_why() {
        for (inputs, words) in [
            (vec![zeros(&[3, 5, 7])], "takes 2 inputs (`x`, `pairs`), not 1"),
            (
                vec![zeros(&[3, 4, 7]), zeros(&[6])],
                "input `x`: expected [batch, 5, ?; f32], found [3, 4, 7; f32]",
            ),
            (vec![zeros(&[3, 5, 7]), zeros(&[5])], "must be 2*batch = 6, not 5"),
            (vec![zeros(&[3, 5]), zeros(&[6])], "the rank must be 3, not 2"),
            (vec![zeros(&[3, 5, 7]), Data::scalar(1_u8)], "the dtype must be f32, not u8"),
        ] {
            let error = signature().bind(&inputs).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
