//! What goes into a prompt of bounded length: each part has its share, must-haves come whole, and what one part leaves
//! goes to the next.

/// One part of what a model may see.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its lines, the most important first.
    pub lines: Vec<String>,
    /// Of the whole, 0..1.
    pub share: f32,
    /// All of it, as long as there is any room.
    pub must: bool,
}

impl Part {
    /// Takes up to its share of what is there, with what the parts before left.
    pub fn new(share: f32, lines: Vec<String>) -> Self {
        Self { lines, share, must: false }
    }

    /// Nothing of it may be missing.
    pub fn must(share: f32, lines: Vec<String>) -> Self {
        Self { lines, share, must: true }
    }
}

/// About how many tokens a text is; rather too many than too few.
pub fn tokens(text: &str) -> usize {
    let words = text.split_whitespace().count();
    (text.chars().count().div_ceil(4)).max(words + words / 3) + 1
}

/// The lines of each part that fit into so many tokens, in the order of the parts.
pub fn packed(budget: usize, parts: Vec<Part>) -> Vec<Vec<String>> {
    let mut left = budget;
    let mut over = 0.0;
    let mut packed = Vec::with_capacity(parts.len());
    for part in parts {
        let allowed = budget as f32 * part.share + over;
        let mut used = 0;
        let mut lines = Vec::new();
        for line in part.lines {
            let cost = tokens(&line);
            let fits = cost <= left && (part.must || (used + cost) as f32 <= allowed);
            if !fits {
                break;
            }
            used += cost;
            left -= cost;
            lines.push(line);
        }
        over = (allowed - used as f32).max(0.0);
        packed.push(lines);
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize, word: &str) -> Vec<String> {
        (0..count).map(|at| format!("{word} {at}")).collect()
    }

    #[test]
    fn a_must_have_is_never_left_out_for_something_that_only_may_be_there() {
        let parts = vec![Part::must(0.1, lines(8, "promise")), Part::new(0.5, lines(50, "said"))];
        let packed = packed(60, parts);
        assert_eq!(packed[0].len(), 8);
        assert!(packed[1].len() < 50 && !packed[1].is_empty());
    }

    #[test]
    fn what_one_part_leaves_goes_to_the_next() {
        let whole = |first: usize| packed(100, vec![Part::new(0.5, lines(first, "a")), Part::new(0.5, lines(90, "b"))])[1].len();
        assert!(whole(0) > whole(90));
    }

    #[test]
    fn the_whole_never_takes_more_than_there_is() {
        for budget in 0..80 {
            let parts = vec![Part::must(0.9, lines(9, "one")), Part::new(0.9, lines(9, "two")), Part::new(0.9, lines(9, "three"))];
            let used: usize = packed(budget, parts).iter().flatten().map(|line| tokens(line)).sum();
            assert!(used <= budget, "{used} of {budget}");
        }
    }
}
