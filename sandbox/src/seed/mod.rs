//! The initial content of a world: the built-in organizations and people, nothing, or a custom seed in TOML or JSON
//! with the structure of `seed/default.toml`. That file is the built-in seed, and is read like any other.

pub mod cast;
mod check;
mod connections;
mod defaults;
pub mod export;
mod json;
mod member;
mod mistakes;
mod node;
mod read;
mod secrets;
mod taken;
mod unique;

use std::{
    io,
    path::Path,
    sync::{Arc, LazyLock},
};

use serde_json::Value;

use crate::{
    model::RedirectUrls,
    seed::{cast::Cast, node::Node},
};

pub use crate::seed::mistakes::{Mistake, SeedMistakes};

/// The checked initial content of a world.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub enum Seed {
    /// The built-in organizations and people.
    #[default]
    Default,
    /// A seed without organizations and people.
    Empty,
    /// A custom seed.
    Custom(Arc<Cast>),
}

static BUILT_IN: LazyLock<Cast> = LazyLock::new(|| {
    let root = Node::from_toml(Seed::PRINTED).expect("the built-in seed is TOML");
    read::read(&root).unwrap_or_else(|mistakes| panic!("the built-in seed: {mistakes}"))
});

impl Seed {
    /// The built-in seed as a file, which custom seeds can start from.
    pub const PRINTED: &'static str = include_str!("default.toml");

    /// Reads and checks a seed file. It is JSON if its name ends in `.json` or its text begins with `{`, and TOML
    /// otherwise. The error is a text for people, with the file's name and a line for each mistake.
    pub fn from_file(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => format!(
                "the seed {shown} is not in UTF-8, perhaps in UTF-16, which PowerShell writes: save it in UTF-8"
            ),
            _ => format!("the seed {shown} cannot be read: {error}"),
        })?;
        // Removes a byte order mark, which Windows editors write.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let is_json = path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("json"));
        let seed = if is_json || text.trim_start().starts_with('{') {
            Self::from_json(text)
        } else {
            Self::from_toml(text)
        };
        seed.map_err(|mistakes| {
            let lines = mistakes.to_string().replace('\n', "\n  ");
            format!("the seed {shown} has mistakes:\n  {lines}")
        })
    }

    /// Reads and checks the text of a TOML document.
    pub fn from_toml(text: &str) -> Result<Self, SeedMistakes> {
        Self::of(&Node::from_toml(text)?)
    }

    /// Reads and checks the text of a JSON document.
    pub fn from_json(text: &str) -> Result<Self, SeedMistakes> {
        Self::of(&json::read(text)?)
    }

    /// The path of the first duplicate key in a JSON text.
    pub(crate) fn key_given_twice(text: &str) -> Option<String> {
        unique::twice(text)
    }

    /// Checks a JSON value. Its mistakes have no lines.
    pub fn from_value(value: &Value) -> Result<Self, SeedMistakes> {
        Self::of(&Node::from_value(value))
    }

    fn of(root: &Node) -> Result<Self, SeedMistakes> {
        Ok(Self::Custom(Arc::new(read::read(root)?)))
    }

    /// `default`, `empty` or `custom`.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Empty => "empty",
            Self::Custom(_) => "custom",
        }
    }

    /// The redirect URLs in the seed, if any.
    pub(crate) fn redirect_urls(&self) -> Option<RedirectUrls> {
        match self {
            Self::Custom(cast) => cast.redirect_urls.clone(),
            Self::Default | Self::Empty => None,
        }
    }

    /// The contents of the seed.
    pub(crate) fn cast(self) -> Cast {
        match self {
            Self::Default => BUILT_IN.clone(),
            Self::Empty => Cast::default(),
            Self::Custom(cast) => Arc::unwrap_or_clone(cast),
        }
    }
}
