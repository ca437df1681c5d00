//! The messages that the vendor would have sent.

use askama::Template;

use crate::{
    console::{
        rows::time,
        shell::{Shell, render},
        visit::Visit,
    },
    http::Answer,
    model::Message,
    public::{
        listing::{Listing, Search},
        names,
    },
};

#[derive(Template)]
#[template(path = "console/messages.html")]
struct Page {
    shell: Shell,
    search: Search,
    messages: Listing<(String, Message)>,
}

/// `GET …/messages`: newest first.
pub fn page(visit: &Visit<'_>) -> Answer {
    let path = visit.path("/messages");
    let search = Search::of(visit.request, &path);
    let found = visit.world.messages().into_iter();
    let found = found.filter(|it| search.fits(&[&it.to, &it.subject, it.kind, it.channel.word()]));
    let messages = Listing::of(visit.request, &path, "messages", found, |message| {
        (time(message.sent_at), message)
    });
    let page = Page {
        shell: visit.shell("/messages"),
        search,
        messages,
    };
    render(200, &page)
}

/// `POST …/messages`: clears the inbox. Links and codes in the messages still work.
pub fn clear(visit: &Visit<'_>) -> Answer {
    visit.world.clear_messages();
    visit.back_to("/messages", "cleared")
}
