//! Signatures as the user wrote them.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::{Error, Location, Result, SignatureError};
use crate::graph::Constraints;
use crate::tensor::{DType, Dim, TensorType};

/// The dtypes an input may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DTypeSpec {
    /// This one.
    Exact(DType),
    /// Any float dtype; the same wherever a signature says `float`.
    Float,
    /// Any integer dtype; the same wherever a signature says `int`.
    Int,
    /// Any dtype; the same wherever a signature says `any`.
    Any,
}

impl DTypeSpec {
    /// The dtypes, the most usual first.
    pub fn dtypes(self) -> Vec<DType> {
        let all = DType::ALL.into_iter();
        match self {
            Self::Exact(dtype) => vec![dtype],
            Self::Float => all.filter(|dtype| dtype.is_float()).collect(),
            Self::Int => {
                let mut dtypes: Vec<_> = all.filter(|dtype| dtype.is_int()).collect();
                dtypes.sort_by_key(|&dtype| (dtype != DType::I64, dtype != DType::I32));
                dtypes
            }
            Self::Any => all.collect(),
        }
    }
}

impl fmt::Display for DTypeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(dtype) => fmt::Display::fmt(dtype, f),
            Self::Float => f.write_str("float"),
            Self::Int => f.write_str("int"),
            Self::Any => f.write_str("any"),
        }
    }
}

/// The size a dimension may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DimSpec {
    /// `None`: whatever is needed.
    Any,
    /// This number.
    Size(usize),
    /// A named size: the same name is the same size, and may be anything.
    Named(&'static str),
    /// A size taken from the module's configuration; none if the field's value is no size.
    Field {
        /// The field.
        name: &'static str,
        /// Its value.
        size: Option<usize>,
    },
}

/// A number that can be a size in a signature.
#[diagnostic::on_unimplemented(
    message = "a size in a signature is an integer, not `{Self}`",
    label = "not an integer",
    note = "`self.field` in a signature names an integer field: `usize`, `u32`, `i64`, …"
)]
pub trait Size {
    /// The size; none for a negative number.
    fn size(&self) -> Option<usize>;
}

macro_rules! sizes {
    ($($type:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Size for $type {
            fn size(&self) -> Option<usize> {
                (*self).try_into().ok()
            }
        }
    )*};
}

sizes!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl DimSpec {
    /// A size taken from an integer field.
    pub fn field<T: Size>(name: &'static str, value: &T) -> Self {
        Self::Field { name, size: value.size() }
    }
}

impl fmt::Display for DimSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("None"),
            Self::Size(size) | Self::Field { size: Some(size), .. } => write!(f, "{size}"),
            Self::Named(name) | Self::Field { name, size: None } => f.write_str(name),
        }
    }
}

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureSpec {
    /// The method.
    pub function: &'static str,
    /// The inputs, with names.
    pub inputs: Vec<(&'static str, TensorSpec)>,
    /// The outputs, with names where they have them; none if the signature does not state them.
    pub outputs: Option<Vec<(Option<&'static str>, TensorSpec)>>,
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

    /// Checks the types of inputs against the signature, refining sizes where `constraints` can.
    ///
    /// # Errors
    /// [`Error::Signature`] with the input, what was expected and what was found.
    pub fn check(
        &self,
        types: &[TensorType],
        constraints: &mut dyn Constraints,
        at: &Location,
    ) -> Result<()> {
        if types.len() != self.inputs.len() {
            let message =
                format!("`{}` takes {} inputs, not {}", self.function, self.inputs.len(), types.len());
            return Err(self.error(None, message, at));
        }
        let mut bound = Bound::default();
        for ((name, spec), found) in self.inputs.iter().zip(types) {
            bound.check(spec, found, constraints).map_err(|message| {
                self.error(Some(name), format!("expected {spec}, found {found}: {message}"), at)
            })?;
        }
        Ok(())
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

impl fmt::Display for SignatureSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs: Vec<_> = self.inputs.iter().map(|(name, spec)| format!("{name}: {spec}")).collect();
        write!(f, "{}({})", self.function, inputs.join(", "))?;
        if let Some(outputs) = &self.outputs {
            let outputs: Vec<_> = outputs
                .iter()
                .map(|(name, spec)| name.map_or_else(|| spec.to_string(), |name| format!("{name}: {spec}")))
                .collect();
            write!(f, " -> {}", outputs.join(", "))?;
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
        let class = *self.classes.entry(spec.dtype).or_insert(found.dtype);
        if !spec.dtype.dtypes().contains(&found.dtype) {
            return Err(format!("the dtype is {}", found.dtype));
        }
        if class != found.dtype {
            return Err(format!("`{}` is {class} elsewhere in the call", spec.dtype));
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
                ("query", spec(true, vec![seq, DimSpec::Size(8)], DTypeSpec::Float)),
                ("key", spec(true, vec![seq, DimSpec::field("width", &8_u32)], DTypeSpec::Float)),
            ],
            outputs: None,
            file: "attention.rs",
            line: 7,
        }
    }

    fn check(query: &TensorType, key: &TensorType) -> Result<(), String> {
        let at = Location::new("main.rs", 3, 1);
        attention().check(&[query.clone(), key.clone()], &mut Exact, &at).map_err(|error| error.to_string())
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
    fn the_wrong_number_of_inputs_shows_the_signature() {
        let error = attention().check(&[], &mut Exact, &Location::caller()).unwrap_err().to_string();
        assert!(error.contains("takes 2 inputs, not 0"), "{error}");
        assert!(error.contains("call(query: [.., seq, 8; float], key: [.., seq, 8; float])"), "{error}");
    }

    #[test]
    fn a_field_that_is_no_size_is_an_error() {
        let spec = spec(false, vec![DimSpec::field("units", &-1_i32)], DTypeSpec::Any);
        let error = Bound::default().check(&spec, &found(&[3], DType::U8), &mut Exact).unwrap_err();
        assert!(error.contains("`self.units` is not a size"), "{error}");
    }
}
