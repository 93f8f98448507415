//! Signatures as the user wrote them.

use std::collections::BTreeMap;
use std::fmt;

use super::argument::ArgumentSpec;
use super::dimension::{DimSpec, Rule, SizeRule};
use super::dtype::DTypeSpec;
use super::layout::{Layout, Present, products};
use crate::error::{Error, Location, Result, SignatureError};
use crate::graph::Constraints;
use crate::tensor::{DType, Dim, Path, SizeRange, Symbol, TensorType};

/// The tensors an input may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// Whether any number of dimensions may stand before `dims`; wherever a signature says `..`, the same ones.
    pub leading: bool,
    /// The dimensions.
    pub dims: Vec<DimSpec>,
    /// The dtype.
    pub dtype: DTypeSpec,
}

impl fmt::Display for TensorSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leading = self.leading.then(|| "..".to_owned());
        let dims: Vec<_> = leading.into_iter().chain(self.dims.iter().map(ToString::to_string)).collect();
        write!(f, "[{}; {}]", dims.join(", "), self.dtype)
    }
}

/// A signature as the user wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureSpec {
    /// The method.
    pub function: &'static str,
    /// The inputs, with names.
    pub inputs: Vec<(&'static str, Layout)>,
    /// The static arguments.
    pub arguments: Vec<ArgumentSpec>,
    /// What is said of named sizes.
    pub sizes: Vec<SizeRule>,
    /// The outputs, with names where they have them; none if the signature does not state them. One without a name is the
    /// whole of what is returned, several are the parts of a tuple or a list.
    pub outputs: Option<Vec<(Option<&'static str>, Layout)>>,
    /// The file it stands in.
    pub file: &'static str,
    /// The line it stands in.
    pub line: u32,
}

impl SignatureSpec {
    /// Where it stands.
    pub fn location(&self) -> Location {
        Location::new(self.file, self.line, 0)
    }

    /// Every choice of optional parts, that of all of them first.
    pub(super) fn choices(&self) -> Vec<Present> {
        let choices = self.inputs.iter().map(|(name, layout)| layout.choices(&Path::new(*name)));
        choices.fold(vec![Present::new()], |all, next| products(&all, &next))
    }

    /// The tensors of the inputs, where these optional parts are there.
    pub(super) fn leaves(&self, present: &Present) -> Vec<(Path, &TensorSpec)> {
        self.inputs.iter().flat_map(|(name, layout)| layout.leaves(&Path::new(*name), present)).collect()
    }

    /// Every spec of a tensor among the inputs.
    pub(super) fn specs(&self) -> Vec<&TensorSpec> {
        self.inputs.iter().flat_map(|(_, layout)| layout.specs()).collect()
    }

    /// Checks the types of inputs, each with its path, against the signature, refining sizes where `constraints` can. Gives
    /// the places of the inputs in the order of the signature.
    ///
    /// # Errors
    /// [`Error::Signature`] with the input, what was expected and what was found.
    pub fn check(
        &self,
        inputs: &[(&str, TensorType)],
        constraints: &mut dyn Constraints,
        at: &Location,
    ) -> Result<Vec<usize>> {
        let paths: Vec<_> = inputs.iter().map(|(path, _)| *path).collect();
        let mut present = Present::new();
        for (name, layout) in &self.inputs {
            layout.present(&Path::new(*name), &paths, &mut present);
        }
        let leaves = self.leaves(&present);
        if let Some(surplus) =
            paths.iter().find(|path| !leaves.iter().any(|(leaf, _)| leaf.as_str() == **path))
        {
            return Err(self.error(Some(surplus), "the signature says nothing about it".to_owned(), at));
        }
        let (mut bound, mut order) = (Bound::default(), Vec::new());
        for (leaf, spec) in leaves {
            let place = paths.iter().position(|path| *path == leaf.as_str());
            let Some((place, (_, found))) = place.and_then(|place| Some((place, inputs.get(place)?))) else {
                let message = format!("it is missing: the signature says {spec}");
                return Err(self.error(Some(leaf.as_str()), message, at));
            };
            order.push(place);
            let fail = |message: String| {
                self.error(Some(leaf.as_str()), format!("expected {spec}, found {found}: {message}"), at)
            };
            bound.check(spec, found, constraints).map_err(fail)?;
            for rule in &self.sizes {
                if spec.dims.contains(&DimSpec::Named(rule.size))
                    && let Some(size) = bound.sizes.get(rule.size)
                {
                    rule.check(size, constraints)
                        .map_err(|message| fail(format!("`{}`: {message}", rule.size)))?;
                }
            }
        }
        Ok(order)
    }

    /// The named size as it is traced: what it must be a multiple of is part of it.
    pub(super) fn size(&self, name: &'static str) -> Dim {
        let multiple = |rule: &SizeRule| match rule.rule {
            Rule::Multiple(divisor) if rule.size == name => Some(divisor),
            _ => None,
        };
        // The least common multiple; one that overflows is a size that no tensor has.
        let divisor = self.sizes.iter().filter_map(multiple).try_fold(1_usize, |all, next| {
            let (mut a, mut b) = (all, next);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            all.checked_div(a)?.checked_mul(next)
        });
        match divisor {
            Some(1) => Dim::symbol(Symbol::named(name)),
            Some(divisor) => Dim::symbol(Symbol::quotient(name, divisor)) * divisor,
            None => Dim::from(i64::MIN),
        }
    }

    /// The range of a named size, if the signature states one.
    pub(super) fn range(&self, name: &str) -> Option<SizeRange> {
        let ranges = self.sizes.iter().filter(|rule| rule.size == name).filter_map(|rule| match rule.rule {
            Rule::Within(range) => Some(range),
            Rule::Multiple(_) => None,
        });
        ranges.reduce(SizeRange::and)
    }

    /// An error about an input or output of this signature.
    pub fn error(&self, input: Option<&str>, message: String, at: &Location) -> Error {
        Error::Signature(Box::new(SignatureError {
            signature: self.to_string(),
            input: input.map(str::to_owned),
            message,
            location: Some(at.clone()),
        }))
    }
}

impl SizeRule {
    fn check(&self, size: &Dim, constraints: &mut dyn Constraints) -> Result<(), String> {
        match self.rule {
            Rule::Within(range) => constraints.within(size, range),
            Rule::Multiple(divisor) => constraints.multiple(size, divisor),
        }
    }
}

impl fmt::Display for SignatureSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs = self.inputs.iter().map(|(name, spec)| format!("{name}: {spec}"));
        let arguments = self.arguments.iter().map(ArgumentSpec::describe);
        let inputs: Vec<_> = inputs.chain(arguments).collect();
        write!(f, "{}({})", self.function, inputs.join(", "))?;
        if let Some(outputs) = &self.outputs {
            let outputs: Vec<_> = outputs
                .iter()
                .map(|(name, spec)| name.map_or_else(|| spec.to_string(), |name| format!("{name}: {spec}")))
                .collect();
            write!(f, " -> {}", outputs.join(", "))?;
        }
        let rules: Vec<_> = self.sizes.iter().map(ToString::to_string).collect();
        if !rules.is_empty() {
            write!(f, " where {}", rules.join(", "))?;
        }
        Ok(())
    }
}

/// What the names and classes of a signature stand for in one call.
#[derive(Default)]
pub(super) struct Bound {
    pub sizes: BTreeMap<&'static str, Dim>,
    pub classes: BTreeMap<DTypeSpec, DType>,
    pub leading: Option<Vec<Dim>>,
}

impl Bound {
    /// Checks one type against its spec, binding what it is the first to mention.
    pub fn check(
        &mut self,
        spec: &TensorSpec,
        found: &TensorType,
        constraints: &mut dyn Constraints,
    ) -> Result<(), String> {
        let class = *self.classes.entry(spec.dtype.class()).or_insert(found.dtype);
        if !spec.dtype.dtypes().contains(&found.dtype) {
            return Err(format!("the dtype is {}", found.dtype));
        }
        if class != found.dtype {
            return Err(format!("`{}` is {class} elsewhere in the call", spec.dtype.class()));
        }
        let rank = found.rank();
        let Some(extra) = rank.checked_sub(spec.dims.len()).filter(|&extra| spec.leading || extra == 0)
        else {
            return Err(format!("the rank is {rank}"));
        };
        let (leading, dims) = found.shape.split_at(extra);
        if spec.leading {
            let known = self.leading.get_or_insert_with(|| leading.to_vec());
            if known.len() != leading.len() {
                return Err(format!("`..` stands for {} dimensions elsewhere in the call", known.len()));
            }
            for (known, found) in known.iter().zip(leading) {
                constraints.equal(known, found)?;
            }
        }
        for (spec, found) in spec.dims.iter().zip(dims) {
            let expected = match spec {
                DimSpec::Any => continue,
                DimSpec::Size(size) | DimSpec::Field { size: Some(size), .. } => Dim::from(*size),
                DimSpec::Field { name, size: None } => return Err(format!("`self.{name}` is not a size")),
                DimSpec::Named(name) => self.sizes.entry(name).or_insert_with(|| found.clone()).clone(),
            };
            constraints.equal(&expected, found).map_err(|message| match spec {
                DimSpec::Named(name) => format!("`{name}` is {expected} elsewhere in the call: {message}"),
                _ => message,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Exact;
    use crate::tensor::Shape;

    fn spec(leading: bool, dims: Vec<DimSpec>, dtype: DTypeSpec) -> TensorSpec {
        TensorSpec { leading, dims, dtype }
    }

    fn found(sizes: &[i64], dtype: DType) -> TensorType {
        TensorType::new(dtype, Shape::from(sizes))
    }

    fn attention() -> SignatureSpec {
        let seq = DimSpec::Named("seq");
        SignatureSpec {
            function: "call",
            inputs: vec![
                ("query", spec(true, vec![seq, DimSpec::Size(8)], DTypeSpec::Float).into()),
                ("key", spec(true, vec![seq, DimSpec::field("width", &8_u32)], DTypeSpec::Float).into()),
            ],
            arguments: Vec::new(),
            sizes: vec![SizeRule::multiple("seq", 5), SizeRule::within("seq", 1, Some(8))],
            outputs: None,
            file: "attention.rs",
            line: 7,
        }
    }

    fn check(query: &TensorType, key: &TensorType) -> Result<(), String> {
        let at = Location::new("main.rs", 3, 1);
        let inputs = [("key", key.clone()), ("query", query.clone())];
        let order = attention().check(&inputs, &mut Exact, &at).map_err(|error| error.to_string())?;
        assert_eq!(order, [1, 0], "inputs are found by name");
        Ok(())
    }

    #[test]
    fn names_classes_and_leading_dimensions_are_the_same_everywhere() {
        let x = found(&[2, 3, 5, 8], DType::F16);
        assert_eq!(check(&x, &x), Ok(()));
        for (key, words) in [
            (found(&[2, 3, 4, 8], DType::F16), "`seq` is 5 elsewhere"),
            (found(&[2, 4, 5, 8], DType::F16), "sizes 3 and 4"),
            (found(&[3, 5, 8], DType::F16), "`..` stands for 2 dimensions"),
            (found(&[2, 3, 5, 9], DType::F16), "sizes 8 and 9"),
            (found(&[2, 3, 5, 8], DType::F32), "`float` is f16 elsewhere"),
            (found(&[2, 3, 5, 8], DType::I32), "the dtype is i32"),
            (found(&[8], DType::F16), "the rank is 1"),
        ] {
            let error = check(&x, &key).unwrap_err();
            assert!(error.contains(words), "{error}");
            assert!(error.contains("input `key`") && error.contains("main.rs:3:1"), "{error}");
        }
    }

    #[test]
    fn inputs_that_are_missing_or_unknown_show_the_signature() {
        let check = |names: &[&'static str]| {
            let x = found(&[5, 8], DType::F32);
            let inputs: Vec<_> = names.iter().map(|name| (*name, x.clone())).collect();
            attention().check(&inputs, &mut Exact, &Location::caller()).unwrap_err().to_string()
        };
        let error = check(&["query"]);
        assert!(
            error.contains("input `key`: it is missing: the signature says [.., seq, 8; float]"),
            "{error}"
        );
        let shown =
            "call(query: [.., seq, 8; float], key: [.., seq, 8; float]) where seq % 5 == 0, seq in 1..=8";
        assert!(error.contains(shown), "{error}");
        let error = check(&["query", "key", "value"]);
        assert!(error.contains("input `value`: the signature says nothing about it"), "{error}");
    }

    #[test]
    fn rules_of_sizes_name_the_input_and_the_size() {
        for (seq, words) in [
            (
                6,
                "input `query`: expected [.., seq, 8; float], found [6, 8; f32]: `seq`: it must be a multiple of 5, and is 6",
            ),
            (0, "`seq`: it must be in 1..=8, and is 0"),
            (10, "`seq`: it must be in 1..=8, and is 10"),
        ] {
            let x = found(&[seq, 8], DType::F32);
            let error = check(&x, &x).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        let mut spec = attention();
        spec.sizes.push(SizeRule::multiple("seq", 2));
        assert_eq!(format!("{:#}", spec.size("seq")), "10*seq/10");
        assert_eq!(spec.size("rows"), Dim::symbol(Symbol::named("rows")));
    }

    #[test]
    fn a_field_that_is_no_size_is_an_error() {
        let spec = spec(false, vec![DimSpec::field("units", &-1_i32)], DTypeSpec::Any);
        let error = Bound::default().check(&spec, &found(&[3], DType::U8), &mut Exact).unwrap_err();
        assert!(error.contains("`self.units` is not a size"), "{error}");
    }
}
