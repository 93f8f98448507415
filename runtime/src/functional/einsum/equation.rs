//! The equation of an einsum: which dimension of which operand has which index.

use std::fmt;

/// An index of an equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Index {
    /// A dimension that `...` stands for, counted from the last of them.
    Ellipsis(usize),
    /// A letter.
    Letter(char),
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ellipsis(number) => write!(f, "dimension {} from the end of `...`", number + 1),
            Self::Letter(letter) => write!(f, "index `{letter}`"),
        }
    }
}

/// Which dimension has which index.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Equation {
    /// For each operand, the index of each of its dimensions.
    pub operands: Vec<Vec<Index>>,
    /// The index of each dimension of the result.
    pub result: Vec<Index>,
}

impl Equation {
    /// Reads an equation for operands of these ranks.
    ///
    /// # Errors
    /// If it is not well-formed or does not fit the operands, in words that do not repeat it.
    pub fn read(text: &str, ranks: &[usize]) -> Result<Self, String> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (left, right) = match text.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (text.as_str(), None),
        };
        let terms: Vec<_> = left.split(',').map(Term::read).collect::<Result<_, _>>()?;
        if terms.len() != ranks.len() {
            return Err(format!("it names {} operands, and {} are given", terms.len(), ranks.len()));
        }
        let operands = terms.iter().zip(ranks).enumerate();
        let operands: Vec<_> =
            operands.map(|(number, (term, &rank))| term.of_rank(rank, number)).collect::<Result<_, _>>()?;
        let ellipsis = operands.iter().flatten().filter_map(|index| match index {
            Index::Ellipsis(number) => Some(number + 1),
            Index::Letter(_) => None,
        });
        let ellipsis = ellipsis.max().unwrap_or(0);
        let result = match right {
            Some(right) => Term::read(right)?.as_result(ellipsis, &operands)?,
            None => implicit(ellipsis, &operands),
        };
        Ok(Self { operands, result })
    }
}

/// What stands between the commas.
struct Term {
    before: Vec<Index>,
    /// The indices after `...`, if it stands there.
    after: Option<Vec<Index>>,
}

impl Term {
    fn read(text: &str) -> Result<Self, String> {
        let letters = |text: &str| -> Result<Vec<Index>, String> {
            let letter = |c: char| match c {
                c if c.is_ascii_alphabetic() => Ok(Index::Letter(c)),
                '.' => Err("dots stand for dimensions only as `...`, once in an operand".into()),
                '-' | '>' => Err("`->` stands once, before the indices of the result".into()),
                ',' => Err("there is one result: no comma stands after `->`".into()),
                other => Err(format!("`{other}` is no index: indices are the letters a to z and A to Z")),
            };
            text.chars().map(letter).collect()
        };
        Ok(match text.split_once("...") {
            Some((before, after)) => Self { before: letters(before)?, after: Some(letters(after)?) },
            None => Self { before: letters(text)?, after: None },
        })
    }

    /// With so many dimensions in place of `...`.
    fn indices(&self, ellipsis: usize) -> Vec<Index> {
        let dots = (0..ellipsis).rev().map(Index::Ellipsis);
        match &self.after {
            Some(after) => self.before.iter().copied().chain(dots).chain(after.iter().copied()).collect(),
            None => self.before.clone(),
        }
    }

    fn of_rank(&self, rank: usize, number: usize) -> Result<Vec<Index>, String> {
        let letters = self.before.len() + self.after.as_ref().map_or(0, Vec::len);
        match rank.checked_sub(letters) {
            Some(ellipsis) if ellipsis == 0 || self.after.is_some() => Ok(self.indices(ellipsis)),
            _ => Err(format!(
                "operand {number} has {rank} dimensions, and {letters} indices{}",
                if self.after.is_some() { " besides `...`" } else { "" }
            )),
        }
    }

    fn as_result(&self, ellipsis: usize, operands: &[Vec<Index>]) -> Result<Vec<Index>, String> {
        if ellipsis > 0 && self.after.is_none() {
            return Err("the operands have `...`, and the result has not: write it there too".into());
        }
        let result = self.indices(ellipsis);
        for (place, index) in result.iter().enumerate() {
            if result[..place].contains(index) {
                return Err(format!("{index} stands twice in the result"));
            }
            if !operands.iter().any(|operand| operand.contains(index)) {
                return Err(format!("{index} of the result is that of no operand"));
            }
        }
        Ok(result)
    }
}

/// The result where none is written: `...`, then the letters that stand once, in alphabetical order.
fn implicit(ellipsis: usize, operands: &[Vec<Index>]) -> Vec<Index> {
    let all: Vec<_> = operands.iter().flatten().copied().collect();
    let once = |index: &Index| {
        matches!(index, Index::Letter(_)) && all.iter().filter(|other| *other == index).count() == 1
    };
    let mut letters: Vec<_> = all.iter().copied().filter(once).collect();
    crate::sorted::sort(&mut letters);
    (0..ellipsis).rev().map(Index::Ellipsis).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> Vec<Index> {
        text.chars().map(Index::Letter).collect()
    }

    #[test]
    fn the_result_may_be_left_out() {
        let read = |text: &str, ranks: &[usize]| Equation::read(text, ranks).unwrap().result;
        assert_eq!(read("ij,jk", &[2, 2]), letters("ik"));
        assert_eq!(read("ba", &[2]), letters("ab"));
        assert_eq!(read("bA", &[2]), letters("Ab"));
        assert_eq!(read("ii", &[2]), []);
        assert_eq!(read("", &[0]), []);
        let dots = [Index::Ellipsis(1), Index::Ellipsis(0), Index::Letter('i')];
        assert_eq!(read("i ... j, ...j", &[4, 1]), dots);
        assert_eq!(read("i...->...i", &[3]), dots);
        assert_eq!(read("i...j->ji", &[2]), letters("ji"));
    }

    #[test]
    fn mistakes_are_explained() {
        let error = |text: &str, ranks: &[usize]| Equation::read(text, ranks).unwrap_err();
        assert!(error("ij,jk->ik", &[2]).contains("names 2 operands, and 1 are given"));
        assert!(error("ij", &[3]).contains("operand 0 has 3 dimensions, and 2 indices"));
        assert!(error("a,...ijk", &[1, 2]).contains("operand 1 has 2 dimensions, and 3 indices besides"));
        assert!(error("i..j", &[2]).contains("only as `...`"));
        assert!(error("......", &[2]).contains("only as `...`"));
        assert!(error("i1", &[2]).contains("`1` is no index"));
        assert!(error("i->i->i", &[1]).contains("`->` stands once"));
        assert!(error("i->i,i", &[1]).contains("one result"));
        assert!(error("ij->ii", &[2]).contains("index `i` stands twice"));
        assert!(error("ij->k", &[2]).contains("index `k` of the result is that of no operand"));
        assert!(error("...i->i", &[2]).contains("write it there too"));
    }
}
