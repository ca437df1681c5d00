//! Checks the imports of a package's source against its layers. The app's own layer test uses this file too.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Checks that no file below `source` imports from a layer above its own. `roots` are files above all layers. Returns
/// the number of imports.
///
/// # Panics
/// If a file imports from a higher layer or is in no layer.
pub fn check(source: &Path, layers: &[&[&str]], roots: &[&str]) -> usize {
    let layer = |name: &str| layers.iter().position(|layer| layer.contains(&name));
    let mut checked = 0;
    for file in files(source) {
        let text = fs::read_to_string(&file).expect("a file");
        let name = file.strip_prefix(source).expect("below the source");
        let name = name.display().to_string();
        let folder = name.split('/').next().unwrap_or_default();
        let folder = folder.trim_end_matches(".rs");
        let Some(own) = layer(folder) else {
            let is_root = roots.iter().any(|root| name.starts_with(root));
            assert!(is_root, "{name} is in no layer");
            continue;
        };
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(
            !code.contains("super::super"),
            "{name}: use crate::, because only such paths are checked"
        );
        for target in imported(&text) {
            assert!(
                layer(&target).is_some_and(|layer| layer >= own),
                "{name} imports crate::{target}, which is not below {folder}"
            );
            checked += 1;
        }
    }
    checked
}

/// The first names of all paths that begin with `crate::`, in `use` items and elsewhere.
fn imported(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(tree) = rest.strip_prefix('{') {
            let mut depth = 0_usize;
            let mut name = String::new();
            for c in tree.chars() {
                match c {
                    '}' if depth == 0 => break,
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                    c if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            names.push(name);
        } else {
            names.push(rest.to_owned());
        }
    }
    let first = |path: String| {
        let path = path.trim_start();
        let end = path.find(|c: char| !c.is_alphanumeric() && c != '_');
        path[..end.unwrap_or(path.len())].to_owned()
    };
    names
        .into_iter()
        .map(first)
        .filter(|name| !name.is_empty())
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .collect()
}
