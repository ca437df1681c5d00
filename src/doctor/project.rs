//! Checks of the project: connection, keys, clock and credentials.

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{
    ask::{Ask, Project},
    report::Report,
};
use crate::{clock::Clock, stytch::jwks::LEEWAY};

const DASHBOARD: &str = "https://stytch.com/dashboard/api-keys";

/// Checks DNS, TLS, the clock and the project's public keys with one call that needs no credentials. Returns whether
/// Stytch responds.
pub async fn connection(report: &mut Report, ask: &mut Ask, project: &Project) -> bool {
    let origin = project.base_url.origin().ascii_serialization();
    let path = format!("/v1/b2b/sessions/jwks/{}", project.credentials.project_id);
    let url = project.base_url.join(&path).expect("an origin and a path");
    let response = match ask.get(url).await {
        Ok(response) => response,
        Err(reason) => {
            let fix =
                "check STYTCH_BASE_URL, the network of this machine, and any proxy in between";
            report.wrong(
                "connection",
                format!("{origin} does not respond: {reason}. To fix it, {fix}"),
            );
            return false;
        }
    };
    report.ok("connection", format!("{origin} responds"));
    clock(report, response.date);
    let keys = response.body["keys"].as_array().map_or(0, Vec::len);
    if response.status.is_success() && keys > 0 {
        report.ok("jwks", format!("{keys} public key(s) of the project"));
    } else if response.status.is_success() {
        report.wrong(
            "jwks",
            "the project has no public key, so no session JWT can be checked",
        );
    } else {
        report.wrong(
            "jwks",
            format!(
                "no public keys for {}: {}. Copy STYTCH_PROJECT_ID again from {DASHBOARD}",
                project.credentials.project_id,
                response.failure()
            ),
        );
    }
    true
}

fn clock(report: &mut Report, theirs: Option<OffsetDateTime>) {
    let Some(theirs) = theirs else {
        return report.cannot_tell("clock", "the response has no Date header");
    };
    let apart = Clock::default().now() - theirs;
    let seconds = apart.whole_seconds();
    if apart.abs() <= LEEWAY + Duration::seconds(1) {
        return report.ok("clock", format!("{seconds} s apart from Stytch's"));
    }
    let which = if seconds > 0 { "ahead of" } else { "behind" };
    report.wrong(
        "clock",
        format!(
            "this machine's clock is {} s {which} Stytch's: session JWTs are refused. Set the clock, for example with NTP",
            seconds.abs()
        ),
    );
}

/// Checks the credentials, the kind of project and the search for organizations with one search. Returns the id of one
/// of the project's organizations, if it has any.
pub async fn credentials(report: &mut Report, ask: &mut Ask, project: &Project) -> Option<String> {
    let any = json!({ "limit": 1 });
    let search = ask.post(project, "/v1/b2b/organizations/search", &any);
    let response = match search.await {
        Ok(response) => response,
        Err(reason) => {
            report.cannot_tell(
                "credentials",
                format!("the search for organizations got no response: {reason}"),
            );
            return None;
        }
    };
    if response.status.is_success() && response.body["organizations"].is_array() {
        let environment = if project.credentials.project_id.starts_with("project-live-") {
            "live"
        } else {
            "test"
        };
        report.ok(
            "credentials",
            format!("valid for the project in the {environment} environment"),
        );
        report.ok("b2b_project", "a B2B project");
        report.ok("organization_search", "allowed");
        let found = &response.body["organizations"][0]["organization_id"];
        return found.as_str().map(str::to_owned);
    }
    let failure = response.failure();
    match response.error_type() {
        "invalid_b2b_endpoint" => {
            report.ok("credentials", "valid for the project");
            report.wrong("b2b_project", format!("{failure}. It is a Consumer project: create a B2B one in the dashboard, and use its keys"));
        }
        "too_many_requests" => {
            report.ok("credentials", "valid for the project");
            report.cannot_tell("organization_search", format!("{failure}. Wait a minute and run it again"));
        }
        _ if response.status == 401 || response.status == 403 || response.status == 400 => report.wrong(
            "credentials",
            format!("{failure}. Copy STYTCH_PROJECT_ID and STYTCH_SECRET again from {DASHBOARD}, both of the same environment"),
        ),
        _ => report.cannot_tell("credentials", format!("{failure}. Stytch may have an outage: https://status.stytch.com")),
    }
    None
}
