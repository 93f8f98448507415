//! Sizes that turn out to be equal while a function is traced.

use std::fmt::Write;

use super::construction::Construction;
use super::function::{Function, Operation};
use super::op::{Constraints, Exact};
use crate::sorted;
use crate::tensor::{Dim, Shape, SizeRange, Symbol, TensorType};

impl Constraints for Construction {
    fn equal(&mut self, left: &Dim, right: &Dim) -> Result<Dim, String> {
        let left = self.known(left).ok_or("a size overflows")?;
        let right = self.known(right).ok_or("a size overflows")?;
        if left == right {
            return Ok(left);
        }
        if let Some((symbol, value)) = solve(&left, &right) {
            if value.constant().is_some_and(|size| size < 0) {
                return Err(format!("the sizes {left} and {right} can never be equal"));
            }
            // Nobody asked for tensors without elements.
            if value.constant() == Some(0) && [&left, &right].into_iter().all(|size| *size != 0) {
                return Err(format!("the sizes {left} and {right} are equal only where both are 0"));
            }
            self.refine(&symbol, &value).ok_or("a size overflows")?;
            return self.known(&left).ok_or_else(|| "a size overflows".into());
        }
        Err(self.explain(&left, &right))
    }

    fn multiple(&mut self, size: &Dim, of: usize) -> Result<(), String> {
        let size = self.known(size).ok_or("a size overflows")?;
        if Exact.multiple(&size, of).is_ok() {
            return Ok(());
        }
        if size.symbols().iter().any(Symbol::is_anonymous) {
            let multiple = Dim::symbol(self.fresh_anonymous()) * of;
            if self.equal(&size, &multiple).is_ok() {
                return Ok(());
            }
        }
        let promise =
            self.promised(size.symbols(), &format!("write `{size} % {of} == 0` in its signature too"));
        Err(format!("it must be a multiple of {of}, and is {size}{promise}"))
    }

    fn within(&mut self, size: &Dim, range: SizeRange) -> Result<(), String> {
        let size = self.known(size).ok_or("a size overflows")?;
        if size.constant().is_some() {
            return Exact.within(&size, range);
        }
        let implied = |(known, bounds): &(Dim, SizeRange)| *known == size && range.includes(*bounds);
        if self.ranges.iter().any(implied) {
            return Ok(());
        }
        if size.symbols().iter().all(Symbol::is_anonymous) {
            self.ranges.push((size, range));
            return Ok(());
        }
        let promise =
            self.promised(size.symbols(), &format!("write `{size} in {range}` in its signature too"));
        Err(format!("it must be in {range}, and is {size}{promise}"))
    }
}

impl Construction {
    /// The size with everything put in that the trace has found out.
    pub fn known(&self, dim: &Dim) -> Option<Dim> {
        let mut dim = dim.clone();
        for symbol in dim.symbols() {
            if let Some(value) = self.refined.get(&symbol) {
                dim = dim.substitute(&symbol, value)?;
            }
        }
        Some(dim)
    }

    /// Puts `value` in for `symbol` in everything recorded so far.
    fn refine(&mut self, symbol: &Symbol, value: &Dim) -> Option<()> {
        for known in self.refined.values_mut() {
            *known = known.substitute(symbol, value)?;
        }
        self.refined.insert(symbol.clone(), value.clone());
        let finished = self.graph.functions.iter_mut().skip(self.entry_start);
        for function in finished.chain(self.stack.iter_mut().map(|building| &mut building.function)) {
            substitute(function, symbol, value)?;
        }
        Some(())
    }

    /// Why two sizes are not equal, and which entry of a signature to change.
    fn explain(&self, left: &Dim, right: &Dim) -> String {
        let mut message = format!("the sizes {left} and {right} are not equal");
        let advice = "write the size it needs to be, one name for both, or `None`";
        let mut symbols = left.symbols();
        symbols.extend(right.symbols());
        message.push_str(&self.promised(symbols, advice));
        message
    }

    /// What the signature promises of some symbols, and what to do.
    fn promised(&self, mut symbols: Vec<Symbol>, advice: &str) -> String {
        sorted::sort_distinct(&mut symbols);
        let mut message = String::new();
        for symbol in symbols {
            if let Some(promise) = self.promises.get(&symbol) {
                let name = symbol.divided().map_or(symbol.name(), |(name, _)| name);
                let _ = write!(message, "; {promise} promises that `{name}` may be any size: {advice}");
            }
        }
        message
    }
}

/// An anonymous symbol and the value that makes two sizes equal, if there is exactly one way.
fn solve(left: &Dim, right: &Dim) -> Option<(Symbol, Dim)> {
    let mut candidates = Vec::new();
    for (dim, other) in [(left, right), (right, left)] {
        if let Some(symbol) = dim.as_symbol().filter(|symbol| symbol.is_anonymous())
            && !other.symbols().contains(symbol)
        {
            candidates.push((symbol.clone(), other.clone()));
        }
    }
    // Of two anonymous sizes the younger one goes, so that the result does not depend on the order of operands.
    sorted::sort_by_key(&mut candidates, |(symbol, _)| (symbol.name().len(), symbol.clone()));
    candidates.pop().or_else(|| solve_linear(left, right))
}

/// Solves `left = right` where the difference is `factor * symbol + rest` in one anonymous symbol.
fn solve_linear(left: &Dim, right: &Dim) -> Option<(Symbol, Dim)> {
    let difference = left.checked_sub(right)?;
    let anonymous: Vec<_> = difference.symbols().into_iter().filter(Symbol::is_anonymous).collect();
    let [symbol] = anonymous.as_slice() else { return None };
    let rest = difference.substitute(symbol, &Dim::from(0_i64))?;
    let factor = difference.checked_sub(&rest)?.exact_div(&Dim::symbol(symbol.clone()))?;
    factor.constant()?;
    let value = rest.checked_mul(&Dim::from(-1_i64))?.exact_div(&factor)?;
    Some((symbol.clone(), value))
}

/// Puts `value` in for `symbol` in a function's types and attributes.
fn substitute(function: &mut Function, symbol: &Symbol, value: &Dim) -> Option<()> {
    for kind in &mut function.values {
        if kind.shape.iter().any(|dim| dim.symbols().contains(symbol)) {
            let shape: Option<Shape> = kind.shape.iter().map(|dim| dim.substitute(symbol, value)).collect();
            *kind = TensorType::new(kind.dtype, shape?);
        }
    }
    for node in &mut function.nodes {
        match &mut node.operation {
            Operation::Op(op) => *op = op.map_dims(&mut |dim| dim.substitute(symbol, value))?,
            Operation::Scan { length, .. } => *length = length.substitute(symbol, value)?,
            _ => {}
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Dim {
        Dim::symbol(Symbol::named(name))
    }

    #[test]
    fn anonymous_sizes_are_refined() {
        let mut construction = Construction::new("test");
        let (a, b) =
            (Dim::symbol(construction.fresh_anonymous()), Dim::symbol(construction.fresh_anonymous()));
        assert_eq!(construction.equal(&a, &b), Ok(a.clone()));
        assert_eq!(construction.equal(&(&b * 2 + 1), &Dim::from(11)), Ok(Dim::from(11)));
        assert_eq!(construction.known(&a), Some(Dim::from(5)));
        assert_eq!(construction.known(&b), Some(Dim::from(5)));
    }

    #[test]
    fn a_named_size_stays_what_it_promised() {
        let mut construction = Construction::new("test");
        construction
            .promises
            .insert(Symbol::named("batch"), "`batch` in input `x` of `call` (lib.rs:3)".into());
        let error = construction.equal(&named("batch"), &Dim::from(5)).unwrap_err();
        assert!(error.contains("batch and 5") && error.contains("lib.rs:3"), "{error}");
        let anonymous = Dim::symbol(construction.fresh_anonymous());
        assert_eq!(construction.equal(&anonymous, &(named("batch") * 2)), Ok(named("batch") * 2));
        assert!(construction.equal(&(named("batch") * 2), &named("seq")).is_err());
    }

    #[test]
    fn impossible_sizes_are_refused() {
        let mut construction = Construction::new("test");
        let anonymous = Dim::symbol(construction.fresh_anonymous());
        assert!(construction.equal(&(&anonymous + 3), &Dim::from(2)).is_err());
        assert!(construction.equal(&(&anonymous * 2), &Dim::from(5)).is_err());
        assert!(construction.equal(&Dim::from(2), &Dim::from(3)).is_err());
    }
}
