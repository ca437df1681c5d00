//! The live sessions of a project.

use askama::Template;
use serde_json::json;

use crate::{
    api,
    console::{
        rows::SessionRow,
        shell::{Shell, render},
        typed::Typed,
        visit::{Shown, Visit},
    },
    http::Answer,
    model::fields::fields,
    public::{
        listing::{Listing, Search},
        names,
    },
};

#[derive(Template)]
#[template(path = "console/sessions.html")]
struct Page {
    shell: Shell,
    search: Search,
    sessions: Listing<SessionRow>,
}

/// `GET …/sessions`: newest first.
pub fn page(visit: &Visit<'_>) -> Answer {
    let path = visit.path("/sessions");
    let search = Search::of(visit.request, &path);
    let shell = visit.shell("/sessions");
    let state = visit.world.lock();
    let live = state.sessions.iter().rev().filter(|it| state.is_live(it));
    let rows = live.map(|session| SessionRow::of(&state, session));
    let found = rows.filter(|row| search.fits(&[&row.email, &row.organization, &row.id]));
    let sessions = Listing::of(visit.request, &path, "sessions", found, |row| row);
    drop(state);
    let page = Page {
        shell,
        search,
        sessions,
    };
    render(200, &page)
}

/// `POST …/sessions`: ends the session that the form names, as `sessions.revoke` does.
pub fn end(visit: &Visit<'_>, typed: &Typed) -> Shown {
    let body = json!({ "member_session_id": typed.text("session") });
    visit.press(api::sessions::revoke, &[], fields(body))?;
    Ok(visit.back_to("/sessions", "ended"))
}
