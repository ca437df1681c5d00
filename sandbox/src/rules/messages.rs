//! Emails and SMS, put into the inbox instead of being sent.

use crate::{
    model::{Channel, Message, State, ids},
    rules::texts::Written,
};

/// Puts an email with a link into the inbox. `path` is the link without scheme and host, which are those under which the
/// call came that sends it.
pub fn send_link(state: &mut State, to: &str, kind: &'static str, subject: Written, path: &str) {
    let link = format!("{}{path}", state.call.origin);
    send(state, Channel::Email, to, kind, subject, None, Some(link));
}

/// Puts a message with a code into the inbox. (Six digits are not among the minted secrets: a log is full of six
/// digits.)
pub fn send_code(
    state: &mut State,
    channel: Channel,
    to: &str,
    kind: &'static str,
    subject: Written,
    code: String,
) {
    send(state, channel, to, kind, subject, Some(code), None);
}

fn send(
    state: &mut State,
    channel: Channel,
    to: &str,
    kind: &'static str,
    subject: Written,
    code: Option<String>,
    link: Option<String>,
) {
    let message = Message {
        id: ids::mint("message"),
        channel,
        to: to.to_owned(),
        kind,
        subject: subject.text,
        locale: subject.locale,
        code,
        link,
        sent_at: state.now(),
    };
    state.factors.inbox.push(message);
}
