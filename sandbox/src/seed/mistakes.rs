//! What is wrong with a seed.

use std::fmt;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line in the file, counted from 1; `None` for a seed that came over HTTP.
    pub line: Option<usize>,
    /// `organizations[2].slug`
    pub field: String,
    /// What it should have been.
    pub expected: String,
}

/// Every mistake of a seed, at least one, by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedMistakes(Vec<Mistake>);

impl SeedMistakes {
    pub(super) fn one(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }

    /// `None` without mistakes.
    pub(super) fn of(mut mistakes: Vec<Mistake>) -> Option<Self> {
        mistakes.sort_by_key(|mistake| mistake.line);
        (!mistakes.is_empty()).then_some(Self(mistakes))
    }

    /// The first one.
    pub fn first(&self) -> &Mistake {
        &self.0[0]
    }

    /// All of them.
    pub fn all(&self) -> &[Mistake] {
        &self.0
    }
}

impl fmt::Display for SeedMistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            if let Some(line) = mistake.line {
                write!(f, "line {line}: ")?;
            }
            write!(f, "{} must be {}", mistake.field, mistake.expected)?;
        }
        Ok(())
    }
}

impl std::error::Error for SeedMistakes {}
