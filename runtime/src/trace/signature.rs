//! Signatures as a trace found them: names, dtypes and sizes of a function's inputs and outputs.

use std::fmt;

use crate::error::{Error, Result, SignatureError};
use crate::tensor::{Data, Dim, Document, SizeRange, Sizes, TensorType};

/// The names, dtypes and (symbolic) shapes of a function's inputs and outputs.
///
/// The tensors of a structure have its name, a dot and their path in it: `input.image`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signature {
    /// The name of the function.
    pub function: String,
    /// The inputs, with names.
    pub inputs: Vec<(String, TensorType)>,
    /// The outputs, with names where they have them.
    pub outputs: Vec<(Option<String>, TensorType)>,
    /// Whether the outputs are the parts of one structure whose parts have names.
    pub record: bool,
    /// The static arguments with the values that the function was traced for.
    pub arguments: Vec<(String, Document)>,
    /// The bounds of sizes.
    pub sizes: Vec<(Dim, SizeRange)>,
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
        self.check_ranges(inputs, &sizes)?;
        Ok(sizes)
    }

    fn check_ranges(&self, inputs: &[Data], sizes: &Sizes) -> Result<()> {
        for (dim, range) in &self.sizes {
            let size = dim.evaluate(sizes);
            if size.is_some_and(|size| range.contains(size)) {
                continue;
            }
            let size = size.map_or_else(|| "unknown".to_owned(), |size| size.to_string());
            // The first input that has this size, or a size that depends on it.
            let holds = |kind: &TensorType| kind.shape.iter().any(|other| other == dim);
            let mentions = |kind: &TensorType| {
                let symbols = dim.symbols();
                kind.shape.iter().any(|other| other.symbols().iter().any(|symbol| symbols.contains(symbol)))
            };
            let found = self.inputs.iter().position(|(_, kind)| holds(kind));
            let found = found.or_else(|| self.inputs.iter().position(|(_, kind)| mentions(kind)));
            let found = found.and_then(|at| Some((self.inputs.get(at)?, inputs.get(at)?)));
            let dim = if dim.to_string().starts_with('?') { "a size".to_owned() } else { format!("`{dim}`") };
            let Some(((name, kind), data)) = found else {
                return Err(self.error(None, format!("{dim} must be in {range}, and is {size}")));
            };
            let found = data.describe();
            let message = format!("expected {kind}, found {found}: {dim} must be in {range}, and is {size}");
            return Err(self.error(Some(name), message));
        }
        Ok(())
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
            let Some((factor, symbol)) = dim.as_multiple().filter(|(factor, _)| *factor > 0) else {
                continue;
            };
            let size = if symbol.is_anonymous() { "a size".to_owned() } else { format!("`{dim}`") };
            if found % factor != 0 {
                return Err(fail(format!("{size} must be a multiple of {factor}, and is {found}")));
            }
            let bound = *sizes.entry(symbol.clone()).or_insert(found / factor);
            if bound != found / factor {
                let size = if symbol.is_anonymous() { "a size that must be the same" } else { symbol.name() };
                let size = symbol.divided().map_or(size, |(name, _)| name);
                let by = symbol.divided().map_or(1, |(_, by)| usize::try_from(by).unwrap_or(1));
                let (bound, found) = (bound * by, found / factor * by);
                return Err(fail(format!("{size} is {bound} elsewhere in the call, and {found} here")));
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

/// How deep structures are shown; what lies deeper is shown with its path.
const DEPTH: usize = 32;

/// Names with what they stand for, those of structures in braces and those of lists in parentheses.
fn tree(leaves: &[(&str, String)], depth: usize) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    let mut rest = leaves;
    while let Some(((path, leaf), behind)) = rest.split_first() {
        let Some((name, _)) = inside(path).filter(|_| depth < DEPTH) else {
            shown.push(((*path).to_owned(), leaf.clone()));
            rest = behind;
            continue;
        };
        let part = |(path, _): &&(&str, String)| inside(path).is_some_and(|(other, _)| other == name);
        let count = rest.iter().take_while(part).count().max(1);
        let (parts, behind) = rest.split_at(count);
        let parts: Vec<_> = parts
            .iter()
            .map(|(path, leaf)| (path.split_once('.').map_or(*path, |(_, rest)| rest), leaf.clone()))
            .collect();
        shown.push((name.to_owned(), group(&tree(&parts, depth + 1))));
        rest = behind;
    }
    shown
}

/// The name of a part and the path in it.
fn inside(path: &str) -> Option<(&str, &str)> {
    path.split_once('.').filter(|(name, rest)| !name.is_empty() && !rest.is_empty())
}

fn group(parts: &[(String, String)]) -> String {
    let list = parts.iter().all(|(name, _)| name.parse::<usize>().is_ok());
    let part =
        |(name, shown): &(String, String)| if list { shown.clone() } else { format!("{name}: {shown}") };
    let parts: Vec<_> = parts.iter().map(part).collect();
    if list { format!("({})", parts.join(", ")) } else { format!("{{{}}}", parts.join(", ")) }
}

impl fmt::Display for Signature {
    /// `call(input: {image: [?, 5; f32], mask: [?; bool]}, causal = true) -> [?, 3; f32] where batch in 1..=64`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs: Vec<_> =
            self.inputs.iter().map(|(name, kind)| (name.as_str(), kind.to_string())).collect();
        let inputs = tree(&inputs, 0).into_iter().map(|(name, shown)| format!("{name}: {shown}"));
        let arguments = self.arguments.iter().map(|(name, value)| format!("{name} = {value}"));
        let inputs: Vec<_> = inputs.chain(arguments).collect();
        write!(f, "{}({}) -> ", self.function, inputs.join(", "))?;
        let outputs: Vec<_> = self
            .outputs
            .iter()
            .map(|(name, kind)| (name.as_deref().unwrap_or_default(), kind.to_string()))
            .collect();
        let outputs = if self.record || self.outputs.iter().any(|(name, _)| name.is_some()) {
            tree(&outputs, 0)
        } else {
            outputs.into_iter().map(|(_, kind)| (String::new(), kind)).collect()
        };
        if self.record {
            f.write_str(&group(&outputs))?;
        } else {
            let numbered = |name: &str| name.is_empty() || name.parse::<usize>().is_ok();
            let shown = |(name, kind): (String, String)| {
                if numbered(&name) { kind } else { format!("{name}: {kind}") }
            };
            let outputs: Vec<_> = outputs.into_iter().map(shown).collect();
            match outputs.as_slice() {
                [output] => f.write_str(output)?,
                outputs => write!(f, "({})", outputs.join(", "))?,
            }
        }
        let rules = self.rules();
        if rules.is_empty() { Ok(()) } else { write!(f, " where {}", rules.join(", ")) }
    }
}

impl Signature {
    /// What is said of its sizes: `batch in 1..=64`, `seq % 8 == 0`.
    fn rules(&self) -> Vec<String> {
        let mut rules: Vec<_> = self.sizes.iter().map(|(dim, range)| format!("{dim} in {range}")).collect();
        let dims = self.inputs.iter().flat_map(|(_, kind)| kind.shape.iter());
        for symbol in dims.flat_map(Dim::symbols) {
            if let Some((name, by)) = symbol.divided() {
                let rule = format!("{name} % {by} == 0");
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
            }
        }
        rules
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
            ..Signature::default()
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
            (vec![zeros(&[3, 5, 7]), zeros(&[5])], "`2*batch` must be a multiple of 2, and is 5"),
            (vec![zeros(&[3, 5, 7]), zeros(&[8])], "batch is 3 elsewhere in the call, and 4 here"),
            (vec![zeros(&[3, 5]), zeros(&[6])], "the rank must be 3, not 2"),
            (vec![zeros(&[3, 5, 7]), Data::scalar(1_u8)], "the dtype must be f32, not u8"),
        ] {
            let error = signature().bind(&inputs).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn odd_names_are_shown_as_they_are() {
        let named = |names: &[&str]| {
            let kind = TensorType::new(DType::F32, Shape::new(Vec::new()));
            let inputs = names.iter().map(|name| ((*name).to_owned(), kind.clone())).collect();
            Signature { inputs, ..Signature::default() }.to_string()
        };
        assert_eq!(
            named(&["a", "a", "", ".", "b."]),
            "(a: [; f32], a: [; f32], : [; f32], .: [; f32], b.: [; f32]) -> ()"
        );
        assert_eq!(named(&["a.0", "a", "a.0"]), "(a: ([; f32]), a: [; f32], a: ([; f32])) -> ()");
        assert!(named(&["x.".repeat(100_000).as_str()]).len() > 100_000);
    }

    #[test]
    fn structures_arguments_and_rules_are_shown() {
        let seq = Dim::symbol(Symbol::quotient("seq", 8)) * 8;
        let kind = |dims: Vec<Dim>| TensorType::new(DType::F32, Shape::new(dims));
        let batch = Dim::symbol(Symbol::named("batch"));
        let mut signature = Signature {
            function: "call".into(),
            inputs: vec![
                ("input.image".into(), kind(vec![batch.clone(), seq.clone()])),
                ("input.pair.0".into(), kind(vec![])),
                ("input.pair.1".into(), kind(vec![seq])),
                ("scale".into(), kind(vec![])),
            ],
            outputs: vec![(Some("logits".into()), kind(vec![])), (Some("aux.0".into()), kind(vec![]))],
            record: true,
            arguments: vec![("causal".into(), Document::describe(&true).unwrap())],
            sizes: vec![(batch, SizeRange { min: 1, max: Some(4) })],
        };
        let inputs = "call(input: {image: [batch, seq; f32], pair: ([; f32], [seq; f32])}, scale: [; f32], causal = true)";
        let rules = "where batch in 1..=4, seq % 8 == 0";
        assert_eq!(signature.to_string(), format!("{inputs} -> {{logits: [; f32], aux: ([; f32])}} {rules}"));
        signature.record = false;
        assert_eq!(signature.to_string(), format!("{inputs} -> (logits: [; f32], aux: ([; f32])) {rules}"));

        let bind = |batch, seq, other| {
            let data = [zeros(&[batch, seq]), zeros(&[]), zeros(&[other]), zeros(&[])];
            signature.bind(&data).map_err(|error| error.to_string())
        };
        assert_eq!(bind(4, 16, 16).unwrap().get(&Symbol::quotient("seq", 8)), Some(&2));
        for (batch, seq, other, words) in [
            (
                5,
                16,
                16,
                "input `input.image`: expected [batch, seq; f32], found [5, 16; f32]: `batch` must be in 1..=4, and is 5",
            ),
            (
                1,
                12,
                12,
                "input `input.image`: expected [batch, seq; f32], found [1, 12; f32]: `seq` must be a multiple of 8, and is 12",
            ),
            (
                1,
                16,
                24,
                "input `input.pair.1`: expected [seq; f32], found [24; f32]: seq is 16 elsewhere in the call, and 24 here",
            ),
        ] {
            let error = bind(batch, seq, other).unwrap_err();
            assert!(error.starts_with(words), "{error}");
        }
    }
}
