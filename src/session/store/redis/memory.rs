//! Checks two settings of Redis, shown by `INFO memory`, that determine what happens when it is full.

/// The policy that evicts the records that expire first. Every record has an expiry, and pending sign-ins expire before
/// members' sessions.
const RIGHT_POLICY: &str = "volatile-ttl";

/// What the operator should change, one line each. `None` if the response to `INFO memory` lacks one of the settings.
pub(super) fn advice(info: &str) -> Option<Vec<String>> {
    let value = |name| {
        let mut lines = info.lines().filter_map(|line| line.trim().split_once(':'));
        lines.find(|(it, _)| *it == name).map(|(_, value)| value)
    };
    let (limit, policy) = (value("maxmemory")?, value("maxmemory_policy")?);
    let mut advice = Vec::new();
    if limit == "0" {
        advice.push(
            "Redis has no memory limit, so anyone who starts sign-ins without end can fill the machine: set one with \
             CONFIG SET maxmemory 256mb, and in its configuration file"
                .to_owned(),
        );
    }
    if policy != RIGHT_POLICY {
        let effect = match policy {
            "noeviction" => "visitors can't sign in while Redis is full",
            _ => "a full Redis signs members out, and pending sign-ins of strangers stay",
        };
        // The response of another program may contain anything, so only known text is shown.
        let policy: String = policy
            .chars()
            .filter(char::is_ascii_graphic)
            .take(32)
            .collect();
        advice.push(format!(
            "Redis has the maxmemory-policy {policy}, with which {effect}: change it with CONFIG SET maxmemory-policy \
             {RIGHT_POLICY}, and in its configuration file"
        ));
    }
    Some(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(limit: &str, policy: &str) -> String {
        format!(
            "# Memory\r\nused_memory:1024\r\nmaxmemory:{limit}\r\nmaxmemory_human:0B\r\nmaxmemory_policy:{policy}\r\n"
        )
    }

    /// P16
    #[test]
    fn each_setting_has_its_advice() {
        for (limit, policy, told) in [
            ("268435456", "volatile-ttl", vec![]),
            ("0", "volatile-ttl", vec!["no memory limit"]),
            ("1", "noeviction", vec!["visitors can't sign in"]),
            (
                "1",
                "allkeys-lru",
                vec!["allkeys-lru, with which a full Redis signs"],
            ),
            ("1", "volatile-lru", vec!["volatile-lru, with which"]),
            ("1", "volatile-random", vec!["volatile-random, with which"]),
            (
                "0",
                "noeviction",
                vec!["maxmemory 256mb", "maxmemory-policy volatile-ttl"],
            ),
        ] {
            let advice = advice(&info(limit, policy)).unwrap();
            assert_eq!(advice.len(), told.len(), "{limit} {policy}: {advice:?}");
            for (line, told) in advice.iter().zip(told) {
                assert!(line.contains(told), "{line}");
            }
        }
    }

    /// P16: a service that hides its settings, or returns something else.
    #[test]
    fn no_setting_has_no_advice() {
        for info in [
            "",
            "used_memory:1",
            "maxmemory:0\r\n",
            "maxmemory_policy:noeviction",
        ] {
            assert_eq!(advice(info), None, "{info}");
        }
        let odd = advice(&info("1", &"\u{1b}x".repeat(1000))).unwrap();
        assert!(odd[0].len() < 300 && !odd[0].contains('\u{1b}'), "{odd:?}");
    }
}
