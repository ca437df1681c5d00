//! A table of all figures, each with its ratio and with the limit that it is checked against.

use std::{fs, process::Command};

/// The document that `BENCHMARKS=write` updates.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/benchmarks.md");

#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 5]>,
}

/// Limit of a figure.
pub enum Limit {
    None,
    Checked { text: String, is_kept: bool },
}

impl Limit {
    pub fn at_most(value: f64, most: f64, unit: &str) -> Self {
        Self::checked(&format!("≤ {most} {unit}"), value <= most)
    }

    pub fn at_least(value: f64, least: f64, unit: &str) -> Self {
        Self::checked(&format!("≥ {least} {unit}"), value >= least)
    }

    /// Adds a target, which is stricter than the limit.
    pub fn target(mut self, target: &str) -> Self {
        if let Self::Checked { text, .. } = &mut self {
            *text = format!("{text}, target {target}");
        }
        self
    }

    fn checked(text: &str, is_kept: bool) -> Self {
        let text = text.trim().to_owned();
        Self::Checked { text, is_kept }
    }
}

impl Table {
    /// Adds a figure and prints it. `ratio` compares it with another figure, in words.
    pub fn add(&mut self, name: &str, figure: String, ratio: &str, limit: &Limit) {
        let (limit, verdict) = match limit {
            Limit::None => ("", ""),
            Limit::Checked { text, is_kept } => {
                (text.as_str(), if *is_kept { "ok" } else { "**over**" })
            }
        };
        println!("{name}: {figure} {ratio} {limit} {verdict}");
        let [name, ratio, limit, verdict] = [name, ratio, limit, verdict].map(str::to_owned);
        self.rows.push([name, figure, ratio, limit, verdict]);
    }

    /// Prints all rows as Markdown. With `BENCHMARKS=write` it also replaces this part of `docs/benchmarks.md`.
    pub fn print(&self, part: &str) {
        let heading = ["What", "Figure", "Ratio", "Limit", ""].map(str::to_owned);
        let rule = std::array::from_fn(|_| "---".to_owned());
        let rows = [heading, rule].into_iter().chain(self.rows.clone());
        let lines = rows.map(|row| format!("| {} |\n", row.join(" | ")));
        let text = format!("{}\n\n{}", machine(), lines.collect::<String>());
        println!("\n{text}");
        let over = self.rows.iter().filter(|row| row[4].contains("over"));
        println!("{} of {} over their limits", over.count(), self.rows.len());
        if std::env::var("BENCHMARKS").as_deref() == Ok("write") {
            write(part, &text);
        }
    }
}

/// Replaces the text between the two comments that mark this part.
fn write(part: &str, text: &str) {
    let file = fs::read_to_string(FILE).expect("docs/benchmarks.md");
    let [begin, end] =
        ["begin", "end"].map(|side| format!("<!-- {side}: cargo bench, {part} -->\n"));
    let Some((before, _)) = file.split_once(&begin) else {
        return println!("{FILE} has no part for these figures: nothing is written");
    };
    let after = file.split_once(&end).expect("the comment after").1;
    let file = format!("{before}{begin}\n{text}\n{end}{after}");
    fs::write(FILE, file).expect("docs/benchmarks.md can be written");
}

/// Date, processor and versions.
fn machine() -> String {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        text.unwrap_or_default()
    };
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor
        .lines()
        .find_map(|line| line.strip_prefix("model name\t: "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "{}, {cores} cores of {}, {}, commit {}, load average at the end {load}.",
        said("date", &["-u", "+%F"]),
        processor.unwrap_or("an unknown processor"),
        said("rustc", &["--version"]),
        said("git", &["rev-parse", "--short", "HEAD"]),
    )
}
