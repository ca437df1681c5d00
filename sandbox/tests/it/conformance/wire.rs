//! The calls that the scripts print: `  METHOD PATH STATUS`.

use stytch_sandbox::support;

/// One call.
pub struct Wire {
    /// Method and path as in the URL table.
    endpoint: String,
    status: u16,
}

impl Wire {
    /// The calls among the lines of a script.
    pub fn read(said: &str) -> Vec<Self> {
        let calls: Vec<Self> = said.lines().filter_map(Self::of_line).collect();
        assert!(!calls.is_empty(), "the script made no calls");
        calls
    }

    /// The statuses of the responses of this endpoint.
    pub fn statuses(calls: &[Self], endpoint: &str) -> Vec<u16> {
        let of_it = calls.iter().filter(|call| call.endpoint == endpoint);
        of_it.map(|call| call.status).collect()
    }

    fn of_line(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [method, path, status] = words[..] else {
            return None;
        };
        let status = status.parse().ok()?;
        let route = support::table()
            .into_iter()
            .find(|it| it.method == method && fits(it.path, path))?;
        let endpoint = format!("{method} {}", expanded(route.path, path));
        Some(Self { endpoint, status })
    }
}

/// Whether the path matches the pattern. The first match wins, as in the URL table.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

/// The provider-token endpoints are one row of the URL table, but count as five calls.
fn expanded(pattern: &str, path: &str) -> String {
    match path.rsplit_once("/oauth_providers/") {
        Some((_, provider)) => pattern.replace("{provider}", provider),
        None => pattern.to_owned(),
    }
}
