//! The ways to view and use a page, and which case gets which: every two values of any two factors occur together.

use std::collections::{HashMap, HashSet};

/// One way to view the app and to use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// Width in CSS pixels.
    pub width: u32,
    pub look: Look,
    pub script: Script,
    pub input: Input,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    Light,
    Dark,
    /// The few colors of the person's system instead of the app's.
    ForcedColors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Script {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    Pointer,
    Keyboard,
}

pub const WIDTHS: [u32; 5] = [320, 375, 768, 1024, 1440];
pub const LOOKS: [Look; 3] = [Look::Light, Look::Dark, Look::ForcedColors];
pub const SCRIPTS: [Script; 2] = [Script::On, Script::Off];
pub const INPUTS: [Input; 2] = [Input::Pointer, Input::Keyboard];

impl Variant {
    /// Its values, as names that differ from those of any other factor.
    pub fn values(self) -> [String; 4] {
        [
            format!("{} px", self.width),
            format!("{:?}", self.look),
            format!("Script{:?}", self.script),
            format!("{:?}", self.input),
        ]
    }

    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for width in WIDTHS {
            for look in LOOKS {
                for script in SCRIPTS {
                    for input in INPUTS {
                        all.push(Self {
                            width,
                            look,
                            script,
                            input,
                        });
                    }
                }
            }
        }
        all
    }
}

/// Two values of different factors.
pub type Pair = (String, String);

/// The pairs in a list of values, in the order of the factors. Each value belongs to another factor.
pub fn pairs(values: &[String]) -> impl Iterator<Item = Pair> {
    let each = values.iter().enumerate();
    each.flat_map(|(n, one)| {
        let rest = values[n + 1..].iter();
        rest.map(move |other| (one.clone(), other.clone()))
    })
}

/// Gives each case a variant. A case is a list of its own values. The variant is the one that makes most new pairs with
/// them and in itself, and among those the one whose pairs are the rarest so far. The result is deterministic.
pub fn assign(cases: &[Vec<String>]) -> Vec<Variant> {
    let variants = Variant::all();
    let mut seen = HashMap::<Pair, usize>::new();
    let mut given = Vec::new();
    for case in cases {
        let values = |variant: &Variant| [case.as_slice(), &variant.values()].concat();
        let score = |variant: &Variant| {
            let values = values(variant);
            let counts = pairs(&values).map(|pair| seen.get(&pair).copied().unwrap_or(0));
            let counts: Vec<usize> = counts.collect();
            let known = counts.iter().filter(|count| **count > 0).count();
            (known, counts.iter().sum::<usize>())
        };
        let best = *variants.iter().min_by_key(|it| score(it)).unwrap();
        for pair in pairs(&values(&best)) {
            *seen.entry(pair).or_default() += 1;
        }
        given.push(best);
    }
    given
}

/// The pairs that must occur and don't: all of the variants' factors with each other, and each value that occurs in
/// enough cases with each value of a variant.
pub fn missing(cases: &[Vec<String>], given: &[Variant]) -> Vec<Pair> {
    let met = cases.iter().zip(given);
    let met: HashSet<Pair> = met
        .flat_map(|(case, variant)| {
            let values = [case.as_slice(), &variant.values()].concat();
            pairs(&values).collect::<Vec<_>>()
        })
        .collect();
    let mut wanted: HashSet<Pair> = HashSet::new();
    for variant in Variant::all() {
        wanted.extend(pairs(&variant.values()));
    }
    let mut counts = HashMap::<&String, usize>::new();
    for value in cases.iter().flatten() {
        *counts.entry(value).or_default() += 1;
    }
    let often = counts.iter().filter(|(_, count)| **count >= WIDTHS.len());
    for (value, _) in often {
        for variant in Variant::all() {
            let values = variant.values().into_iter();
            wanted.extend(values.map(|it| ((*value).clone(), it)));
        }
    }
    let mut missing: Vec<Pair> = wanted.difference(&met).cloned().collect();
    missing.sort();
    missing
}

/// No pair is missing, and a pair that is missing is reported.
#[test]
fn a_missing_pair_is_found() {
    let cases: Vec<Vec<String>> = (0..30).map(|_| vec!["flow".to_owned()]).collect();
    let given = assign(&cases);
    assert_eq!(missing(&cases, &given), []);
    let without_dark: Vec<Variant> = given
        .into_iter()
        .map(|it| Variant {
            look: match it.look {
                Look::Dark => Look::Light,
                other => other,
            },
            ..it
        })
        .collect();
    let dark = missing(&cases, &without_dark);
    assert!(dark.contains(&("flow".to_owned(), "Dark".to_owned())));
    assert!(dark.contains(&("320 px".to_owned(), "Dark".to_owned())));
}
