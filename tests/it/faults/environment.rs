//! `.env` and the process environment, as editors and shells leave them.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use stytch_b2b_axum::config::{
    Config,
    environment::{self, Environment},
};

/// A file of this test's own.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("environment");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn read(name: &str, bytes: &[u8], process: &[(&str, &str)]) -> Result<Environment, Vec<String>> {
    let process = process
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    environment::read(&file(name, bytes), process).map_err(|mistakes| mistakes.0)
}

const TEXT: &str = "SESSION_MINUTES=77\r\nSTYTCH_SECRET=hunter2\r\n# \u{e9}\r\n";

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// P7: a byte order mark, which Windows editors write, is not part of the first name.
#[test]
fn a_byte_order_mark_is_skipped() {
    for (name, text) in [
        ("bom-first", TEXT.to_owned()),
        ("bom-comment", format!("# A comment\n{TEXT}")),
        ("bom-example", {
            let example = include_str!("../../../.env.example");
            example.replace("SESSION_MINUTES=60", "SESSION_MINUTES=77")
        }),
    ] {
        for mark in ["", "\u{feff}"] {
            let found = read(name, format!("{mark}{text}").as_bytes(), &[]).unwrap();
            assert_eq!(found.values["SESSION_MINUTES"], "77", "{name}");
            assert_eq!(found.warnings, [""; 0], "{name}");
        }
    }
    let empty = read("bom-alone", b"\xef\xbb\xbf", &[]).unwrap();
    assert!(empty.values.is_empty());
    let missing = environment::read(Path::new("/nowhere/.env"), []).unwrap();
    assert!(missing.values.is_empty() && missing.warnings.is_empty());
}

/// P7: a file in another encoding is refused, and the error names the encoding. It contains nothing from the file.
#[test]
fn another_encoding_is_named() {
    let marked = format!("\u{feff}{TEXT}");
    let utf_32 = |text: &str| -> Vec<u8> {
        let code_points = text.chars().map(u32::from);
        code_points.flat_map(u32::to_le_bytes).collect()
    };
    let latin_1: Vec<u8> = TEXT.chars().map(|c| u8::try_from(c).unwrap()).collect();
    for (name, bytes, said) in [
        (
            "utf-16le",
            utf_16(&marked, u16::to_le_bytes),
            "is in UTF-16:",
        ),
        (
            "utf-16be",
            utf_16(&marked, u16::to_be_bytes),
            "is in UTF-16:",
        ),
        (
            "utf-16-bare",
            utf_16(TEXT, u16::to_le_bytes),
            "seems to be in UTF-16",
        ),
        ("utf-32", utf_32(&marked), "is in UTF-32:"),
        ("latin-1", latin_1.clone(), "line 3 seems to be in Latin-1"),
        (
            "half",
            [b"\xef\xbb\xbfAPP_URL=\xc3\xa9\n", &*latin_1].concat(),
            "line 4 seems to be in Latin-1",
        ),
    ] {
        let mistakes = read(name, &bytes, &[]).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        let mistake = &mistakes[0];
        assert!(
            mistake.starts_with(".env ") && mistake.contains(said),
            "{mistake}"
        );
        assert!(
            mistake.contains("UTF-8") && !mistake.contains("hunter2"),
            "{mistake}"
        );
    }
}

/// P7: an empty value in the process overrides `.env`, and a warning says so.
#[test]
fn an_empty_value_overrides() {
    let dotenv = b"APP_URL=https://a.example\nSESSION_MINUTES=5\nSESSION_KEY=\n";
    for (process, warned) in [
        (&[("APP_URL", "")][..], &["APP_URL"][..]),
        (&[("APP_URL", " \t")], &["APP_URL"]),
        (
            &[("SESSION_MINUTES", ""), ("APP_URL", "")],
            &["APP_URL", "SESSION_MINUTES"],
        ),
        (&[("APP_URL", "http://localhost:3000")], &[]),
        // No value is lost.
        (&[("SESSION_KEY", ""), ("BIND", "")], &[]),
        (&[], &[]),
    ] {
        let found = read("empty", dotenv, process).unwrap();
        let warnings = found.warnings.iter().map(|warning| {
            let (name, rest) = warning.split_once(' ').unwrap();
            assert!(
                rest.contains("empty in the process environment"),
                "{warning}"
            );
            assert!(rest.contains("overrides its value in .env"), "{warning}");
            assert!(!rest.contains("a.example"), "{warning}");
            name
        });
        assert_eq!(warnings.collect::<Vec<_>>(), warned, "{process:?}");
        for (name, value) in process {
            assert_eq!(found.values[*name], *value);
        }
    }
}

/// P7: a warning names each variable that resembles one of the app's, once, and the app starts. Variables of other
/// programs cause no warning.
#[test]
fn misspelled_names_are_warned_about() {
    let both = |name: &str| {
        (
            format!("{name}=s3cr3t\n"),
            [(name.to_owned(), "s3cr3t".to_owned())],
        )
    };
    for (name, in_file, in_process, next) in [
        ("SESION_STORE", true, true, "did you mean SESSION_STORE?"),
        ("SESSION_STOER", true, true, "did you mean SESSION_STORE?"),
        (
            "STYTCH_TOKEN",
            true,
            true,
            "every variable is explained in .env.example",
        ),
        ("STYTCH_PROJECT_SECRET", true, true, "every variable"),
        ("STYCH_SECRET", true, true, "did you mean STYTCH_SECRET?"),
        ("stytch_secret", true, true, "did you mean STYTCH_SECRET?"),
        ("APPURL", true, true, "did you mean APP_URL?"),
        ("APP_URLS", true, true, "did you mean APP_URL?"),
        (
            "OAUTH_PROVIDER",
            true,
            true,
            "did you mean OAUTH_PROVIDERS?",
        ),
        ("SANDBOX_PORT", true, false, "every variable"),
        ("SESSION_SECRET", true, false, "every variable"),
        ("SESSION_MANAGER", true, false, "every variable"),
        (
            "CLIENT_IP_HEADERS",
            true,
            true,
            "did you mean CLIENT_IP_HEADER?",
        ),
        ("CLIENT_IP", true, false, "every variable"),
        ("CLIENT_ID", false, false, ""),
        ("BINDS", true, false, "did you mean BIND?"),
        ("bind", true, true, "did you mean BIND?"),
        // Variables of other programs.
        ("APPDATA", false, false, ""),
        ("SESSIONNAME", false, false, ""),
        ("RUST_BACKTRACE", false, false, ""),
        ("RUST_LIB_BACKTRACE", false, false, ""),
        ("APP_SANDBOX_CONTAINER_ID", false, false, ""),
        ("DBUS_SESSION_BUS_ADDRESS", false, false, ""),
        ("XDG_SESSION_TYPE", false, false, ""),
        ("DATABASE_URL", false, false, ""),
        ("PATH", false, false, ""),
        ("BIN", true, false, "did you mean BIND?"),
        ("SESSION_KEY", false, false, ""),
    ] {
        let (dotenv, process) = both(name);
        let process = process.each_ref().map(|(name, value)| (&**name, &**value));
        for (dotenv, process, warned, place) in [
            (&*dotenv, &[][..], in_file, ".env,"),
            ("", &process[..], in_process, "the process environment,"),
            (&*dotenv, &process[..], in_file, ".env,"),
        ] {
            let found = read("names", dotenv.as_bytes(), process).unwrap();
            assert_eq!(
                found.warnings.len(),
                usize::from(warned),
                "{:?}",
                found.warnings
            );
            for warning in &found.warnings {
                let said =
                    format!("{name} is set in {place} but this app has no such variable: {next}");
                assert!(warning.starts_with(&said), "{said:?} {warning}");
                assert!(!warning.contains("s3cr3t"), "{warning}");
            }
            let mut values = found.values;
            values.remove("SESSION_KEY");
            assert!(Config::from_values(&values).is_ok(), "{name}");
        }
    }
}
