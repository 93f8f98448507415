//! Which word was meant.

/// The place of the candidate that takes the fewest changes of a letter to reach, whatever their number.
pub fn closest(word: &str, candidates: &[impl AsRef<str>]) -> Option<usize> {
    let distances = candidates.iter().map(|candidate| distance(word, candidate.as_ref()));
    distances.enumerate().min_by_key(|(_, distance)| *distance).map(|(at, _)| at)
}

/// The candidate that `word` is a slip of, if there is one.
pub fn slip<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let candidate = candidates.get(closest(word, candidates)?)?;
    (distance(word, candidate) <= 2 && candidate.len() > 3).then_some(*candidate)
}

/// The Levenshtein distance: how many letters to insert, to delete or to replace.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (above, letter) in from.chars().enumerate() {
        let mut diagonal = above;
        let mut left = above + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(to.chars()) {
            let value = (diagonal + usize::from(letter != other)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            left = value;
            *cell = value;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_levenshtein() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("flaw", "lawn"), 2);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn a_slip_is_close() {
        let words = ["config", "skip", "frozen"];
        assert_eq!(slip("froze", &words), Some("frozen"));
        assert_eq!(slip("confg", &words), Some("config"));
        assert_eq!(slip("weights", &words), None);
        assert_eq!(closest("inputs", &["mask", "input"]), Some(1));
    }
}
