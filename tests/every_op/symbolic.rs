//! Symbolic sizes: traced once, run for many sizes, the same bits as the op on tensors of those sizes.

use std::collections::BTreeMap;
use std::sync::Arc;

use holotype::graph::{DynOp, Exact};
use holotype::prelude::*;
use holotype::tensor::{Data, Sizes, Symbol, TensorType};

use crate::elements::cycled;
use crate::executors::{allowed, near};
use crate::traced::{Ready, apply};
use crate::{Case, Report, of_op, ops};

/// A case with symbols in place of some sizes.
pub struct Variant {
    what: String,
    pub op: Arc<dyn DynOp>,
    pub types: Vec<TensorType>,
    /// What the symbols are in the sample.
    sizes: Sizes,
}

/// A size that may become a symbol: the size of an axis of an operand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    operand: usize,
    axis: usize,
    size: usize,
}

fn places(case: &Case) -> Vec<Place> {
    let of_operand = |(operand, data): (usize, &Data)| {
        let place = move |(axis, &size): (usize, &usize)| Place { operand, axis, size };
        data.sizes().iter().enumerate().map(place).collect::<Vec<_>>()
    };
    // A symbolic size is taken as not 1, so 1 stays.
    case.operands.iter().enumerate().flat_map(of_operand).filter(|place| place.size != 1).collect()
}

/// Puts symbols in for places; with `attributes`, also for the same sizes in the attributes of the op.
fn variant(case: &Case, what: String, symbols: &[(Place, Symbol)], attributes: bool) -> Option<Variant> {
    let symbol_at = |operand: usize, axis: usize| {
        let found = symbols.iter().find(|(place, _)| (place.operand, place.axis) == (operand, axis));
        found.map(|(_, symbol)| Dim::symbol(symbol.clone()))
    };
    let type_of = |(operand, data): (usize, &Data)| {
        let dim =
            |(axis, &size): (usize, &usize)| symbol_at(operand, axis).unwrap_or_else(|| Dim::from(size));
        data.kind().with_shape(data.sizes().iter().enumerate().map(dim).collect::<Shape>())
    };
    let mut replaced = false;
    let op = case.op.map_dims(&mut |dim| {
        let same = symbols.iter().find(|(place, _)| attributes && *dim == place.size);
        replaced |= same.is_some();
        Some(same.map_or_else(|| dim.clone(), |(_, symbol)| Dim::symbol(symbol.clone())))
    })?;
    if attributes && !replaced {
        return None;
    }
    let sizes = symbols.iter().map(|(place, symbol)| (symbol.clone(), place.size)).collect();
    let types = case.operands.iter().enumerate().map(type_of).collect();
    Some(Variant { what, op, types, sizes })
}

pub fn variants(case: &Case) -> Vec<Variant> {
    let places = places(case);
    let mut variants = Vec::new();
    let mut add = |what: &str, symbols: &[(Place, Symbol)]| {
        for attributes in [false, true] {
            let what = format!("{what}{}", if attributes { " and in the attributes" } else { "" });
            variants.extend(variant(case, what, symbols, attributes));
        }
    };
    let named = |name: String, place: Place| (place, Symbol::named(&name));
    let by_size: Vec<_> = places.iter().map(|&place| named(format!("n{}", place.size), place)).collect();
    add("each size a name", &by_size);
    let by_axis: Vec<_> = places.iter().map(|&place| named(format!("a{}", place.axis), place)).collect();
    let mut of_axis = BTreeMap::new();
    if places.iter().all(|place| *of_axis.entry(place.axis).or_insert(place.size) == place.size) {
        add("each axis a name", &by_axis);
    }
    let groups = |key: fn(&Place) -> usize| {
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        for place in &places {
            groups.entry((key(place), place.size)).or_default().push(*place);
        }
        groups
    };
    for ((axis, size), group) in groups(|place| place.axis) {
        let symbols: Vec<_> = group.into_iter().map(|place| named("n".into(), place)).collect();
        add(&format!("size {size} of axis {axis} a name"), &symbols);
    }
    for ((_, size), group) in groups(|_| 0) {
        let symbols: Vec<_> = group.into_iter().map(|place| named("n".into(), place)).collect();
        add(&format!("size {size} a name"), &symbols);
    }
    for &place in &places {
        let what = format!("axis {} of operand {} a name", place.axis, place.operand);
        add(&what, &[named("n".into(), place)]);
    }
    let anonymous: Vec<_> =
        places.iter().enumerate().map(|(number, &place)| (place, Symbol::anonymous(number))).collect();
    add("each size `None`", &anonymous);
    for (number, &place) in places.iter().enumerate() {
        let what = format!("axis {} of operand {} `None`", place.axis, place.operand);
        add(&what, &[(place, Symbol::anonymous(number))]);
    }
    variants.retain(|variant| !variant.sizes.is_empty());
    variants
}

impl Variant {
    fn trace(&self) -> Result<Ready> {
        Ready::trace(&self.types, |inputs| Ok(apply(&self.op, inputs)))
    }

    /// The case for other sizes; none if the op does not take them.
    fn at(&self, case: &Case, sizes: &Sizes) -> Option<Case> {
        let operand = |(kind, data): (&TensorType, &Data)| Some(cycled(data, &kind.shape.evaluate(sizes)?));
        let operands: Vec<_> = self.types.iter().zip(&case.operands).map(operand).collect::<Option<_>>()?;
        let op = self.op.map_dims(&mut |dim| match dim.constant() {
            Some(_) => Some(dim.clone()),
            None => dim.evaluate(sizes).map(Dim::from),
        })?;
        let at = Case { name: case.name.clone(), op, operands };
        at.op.infer(&at.types(), &mut Exact).is_ok().then_some(at)
    }
}

/// Compares the traced function with the op on operands of these sizes.
fn compare(ready: &Ready, at: &Case) -> Result<(), String> {
    let expected = match at.op.kernel(&at.operands, &Sizes::new()) {
        Ok(expected) => expected,
        Err(_) if at.may_fail() => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    let bound = ready.signature.bind(&at.operands).map_err(|error| error.to_string())?;
    let stated = ready.signature.outputs.iter().map(|(_, kind)| (kind.dtype, kind.shape.evaluate(&bound)));
    let found = expected.iter().map(|data| (data.dtype(), Some(data.sizes().to_vec())));
    if !stated.eq(found) {
        return Err(format!("{} does not say what the kernel gives: {expected:?}", ready.signature));
    }
    let found = ready.run(&at.operands).map_err(|error| error.to_string())?;
    near(&found, &expected, allowed(at)).map(|_| ())
}

/// Whether every symbol of the variant may still be any size: refinement has made none of them a number.
fn is_open(variant: &Variant, ready: &Ready) -> bool {
    ready.signature.inputs.iter().map(|(_, kind)| kind).eq(&variant.types)
}

#[test]
fn functions_traced_for_symbolic_sizes_give_the_same_bits() {
    let mut report = Report::default();
    for (name, op) in ops() {
        let cases = of_op(name, op);
        let (mut possible, mut traced) = (false, 0);
        for case in &cases {
            for variant in variants(case) {
                possible = true;
                let Ok(ready) = variant.trace() else { continue };
                traced += 1;
                report.check(case, &variant.what, || {
                    let own = variant.at(case, &variant.sizes).ok_or("the op does not take its own sizes")?;
                    compare(&ready, &own)
                });
                if !is_open(&variant, &ready) {
                    continue;
                }
                for change in [|size: usize| size + 1, |size: usize| size + 3, |_| 0, |_| 1] {
                    let sizes = variant.sizes.iter().map(|(symbol, &size)| (symbol.clone(), change(size)));
                    let sizes: Sizes = sizes.collect();
                    let Some(at) = variant.at(case, &sizes) else { continue };
                    report.check(case, &format!("{} for {sizes:?}", variant.what), || compare(&ready, &at));
                }
            }
        }
        report.check(&cases[0], "symbolic", || match traced {
            0 if possible => Err("no sample can be traced for symbolic sizes".into()),
            _ => Ok(()),
        });
    }
    report.finish("symbolic sizes");
}
