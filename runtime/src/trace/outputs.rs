//! What a traced method returns: how its tensors are called, and whether they are those that the signature states.

use super::dimension::DimSpec;
use super::instance::Instance;
use super::layout::{Layout, Present};
use super::spec::{Bound, SignatureSpec, TensorSpec};
use crate::error::Result;
use crate::graph::Construction;
use crate::tensor::{Path, TensorType};

/// How the tensors that a method returns are called in its signature.
pub(super) struct Names {
    /// For each tensor a name, where it has one.
    pub names: Vec<Option<String>>,
    /// They are the parts of one structure whose parts have names.
    pub record: bool,
}

/// Names tensors that have these paths in what a method returns.
pub(super) fn names(spec: &SignatureSpec, paths: &[String]) -> Names {
    let stated = stated(spec, paths);
    let listed = paths.iter().enumerate().all(|(index, path)| path.is_empty() || *path == index.to_string());
    let name = |path: &String| {
        for (name, prefix, _) in &stated {
            let Some(name) = name else { continue };
            if path == prefix.as_str() {
                return Some((*name).to_owned());
            }
            if prefix.is_above(path) {
                let rest = path.strip_prefix(prefix.as_str()).unwrap_or(path).trim_start_matches('.');
                return Some(format!("{name}.{rest}"));
            }
        }
        let flat = path.is_empty() || listed || stated.iter().any(|(_, prefix, _)| path == prefix.as_str());
        (!flat).then(|| path.clone())
    };
    let whole = stated.iter().all(|(name, prefix, _)| name.is_none() && prefix.as_str().is_empty());
    let is_name = |path: &String| !path.is_empty() && !path.starts_with(|first: char| first.is_ascii_digit());
    Names { names: paths.iter().map(name).collect(), record: whole && paths.iter().any(is_name) }
}

type Stated<'a> = (Option<&'static str>, Path, &'a Layout);

/// The outputs that a signature states, with their places in what is returned.
fn stated<'a>(spec: &'a SignatureSpec, paths: &[String]) -> Vec<Stated<'a>> {
    match spec.outputs.as_deref() {
        None => Vec::new(),
        Some([(name, layout)]) => {
            let first = Path::new("0");
            // The only part of a tuple or a list is stated like a value that stands alone.
            let alone = paths.iter().all(|path| path == "0" || first.is_above(path)) && !paths.is_empty();
            let list = matches!(layout, Layout::Tuple(_) | Layout::List(..));
            vec![(*name, if alone && !list { first } else { Path::default() }, layout)]
        }
        Some(several) => {
            let place =
                |(index, (name, layout)): (usize, &'a (_, _))| (*name, Path::new(index.to_string()), layout);
            several.iter().enumerate().map(place).collect()
        }
    }
}

/// Checks the outputs that a signature states.
///
/// # Errors
/// [`Error::Signature`](crate::Error::Signature) with the output, what is stated and what is returned.
pub(super) fn check(
    spec: &SignatureSpec,
    inputs: &Present,
    instance: &Instance,
    construction: &mut Construction,
    paths: &[String],
    found: &[TensorType],
) -> Result<()> {
    if spec.outputs.is_none() {
        return Ok(());
    }
    let at = spec.location();
    let fail = |message: String| Err(spec.error(None, message, &at));
    let (stated, borrowed) = (stated(spec, paths), paths.iter().map(String::as_str).collect::<Vec<_>>());
    let mut present = Present::new();
    for (_, path, layout) in &stated {
        layout.present(path, &borrowed, &mut present);
    }
    let leaves: Vec<(Path, &TensorSpec)> =
        stated.iter().flat_map(|(_, path, layout)| layout.leaves(path, &present)).collect();
    let missing = leaves.iter().find(|(leaf, _)| !borrowed.contains(&leaf.as_str()));
    let surplus = paths.iter().find(|path| !leaves.iter().any(|(leaf, _)| leaf.as_str() == *path));
    let is_flat = |path: &str| path.parse::<usize>().is_ok() || path.is_empty();
    if leaves.iter().all(|(leaf, _)| is_flat(leaf.as_str())) && paths.iter().all(|path| is_flat(path)) {
        if leaves.len() != paths.len() {
            return fail(format!(
                "it states {} outputs, and the method returns {}",
                leaves.len(),
                paths.len()
            ));
        }
    } else if missing.is_some() || surplus.is_some() {
        let name = |path: &str| if path.is_empty() { "a tensor".to_owned() } else { format!("`{path}`") };
        let returned: Vec<_> = paths.iter().map(|path| name(path)).collect();
        let returned = if returned.is_empty() { "nothing".to_owned() } else { returned.join(", ") };
        return fail(match (missing, surplus) {
            (Some((leaf, _)), _) => {
                format!("it states the output {}, and the method returns {returned}", name(leaf.as_str()))
            }
            (None, surplus) => format!(
                "the method returns {}, and the signature states no such output",
                name(surplus.map_or("", String::as_str))
            ),
        });
    }
    let mut bound = Bound { classes: instance.classes.clone(), ..Bound::default() };
    for (_, input) in spec.leaves(inputs) {
        for dim in &input.dims {
            if let DimSpec::Named(name) = dim {
                bound.sizes.insert(name, spec.size(name));
            }
        }
    }
    let names = names(spec, paths).names;
    for (leaf, output) in leaves {
        let place = paths.iter().position(|path| path == leaf.as_str());
        let place = place.or_else(|| leaf.as_str().parse().ok()).unwrap_or_default();
        let Some(kind) = found.get(place) else { continue };
        let label =
            names.get(place).cloned().flatten().map_or_else(|| place.to_string(), |name| format!("`{name}`"));
        let said = bound.check(output, kind, construction);
        said.or_else(|message| {
            fail(format!("output {label} is stated as {output}, and the method returns {kind}: {message}"))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::DType;
    use crate::trace::DTypeSpec;

    fn spec(outputs: Option<Vec<(Option<&'static str>, Layout)>>) -> SignatureSpec {
        SignatureSpec {
            function: "call",
            inputs: Vec::new(),
            arguments: Vec::new(),
            sizes: Vec::new(),
            outputs,
            file: "model.rs",
            line: 1,
        }
    }

    fn scalar() -> Layout {
        TensorSpec { leading: false, dims: Vec::new(), dtype: DTypeSpec::Exact(DType::F32) }.into()
    }

    fn named(outputs: Option<Vec<(Option<&'static str>, Layout)>>, paths: &[&str]) -> String {
        let paths: Vec<_> = paths.iter().map(|&path| path.to_owned()).collect();
        let Names { names, record } = names(&spec(outputs), &paths);
        let names: Vec<_> = names.into_iter().map(|name| name.unwrap_or_else(|| "-".into())).collect();
        format!("{}{}", names.join(" "), if record { " record" } else { "" })
    }

    #[test]
    fn lists_have_no_names_and_structures_have_their_paths() {
        assert_eq!(named(None, &[""]), "-");
        assert_eq!(named(None, &["0", "1"]), "- -");
        assert_eq!(named(None, &["logits", "aux.0"]), "logits aux.0 record");
        assert_eq!(named(None, &["0", "1.logits"]), "0 1.logits");
        assert_eq!(named(None, &["1"]), "1", "the second of two, the first of which is missing");
    }

    #[test]
    fn stated_names_come_first() {
        let fields = || Layout::Fields(vec![("x", scalar()), ("y", scalar())]);
        assert_eq!(named(Some(vec![(Some("a"), scalar())]), &[""]), "a");
        assert_eq!(named(Some(vec![(Some("a"), scalar())]), &["0"]), "a");
        assert_eq!(named(Some(vec![(Some("a"), fields())]), &["x", "y"]), "a.x a.y");
        assert_eq!(named(Some(vec![(None, fields())]), &["x", "y"]), "x y record");
        let two = Some(vec![(None, scalar()), (Some("b"), fields())]);
        assert_eq!(named(two, &["0", "1.x", "1.y"]), "- b.x b.y");
    }
}
