//! Puts emails and SMS into the inbox instead of sending them.

use crate::{
    model::{Channel, Message, State, ids},
    rules::texts::Written,
};

/// Puts an email with a link into the inbox. `path` is the link without scheme and host, which are those of the current
/// call.
pub fn send_link(state: &mut State, to: &str, kind: &'static str, subject: Written, path: &str) {
    let link = format!("{}{path}", state.call.origin);
    send(state, Channel::Email, to, kind, subject, None, Some(link));
}

/// Puts a message with a code into the inbox. Codes are not recorded among the issued secrets, because logs contain
/// many six-digit numbers.
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
