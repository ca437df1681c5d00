//! What went over the wire, as the scripts print it: `  METHOD PATH STATUS`.

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
        assert!(!calls.is_empty(), "the script called nothing");
        calls
    }

    /// With what these endpoints were answered.
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

/// Whether the path fits the pattern of the URL table; the first that fits wins there too.
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

/// The five provider-token endpoints are one line of the URL table and five that have to be called.
fn expanded(pattern: &str, path: &str) -> String {
    match path.rsplit_once("/oauth_providers/") {
        Some((_, provider)) => pattern.replace("{provider}", provider),
        None => pattern.to_owned(),
    }
}
