//! The messages that the vendor would have sent, and the code that an authenticator app would show.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    control::{
        error::{ControlError, Reply},
        request::{ControlRequest, check_origin},
    },
    http::{Answer, Incoming, answer},
    model::{Channel, Message, inbox::Wanted},
    world::{World, off_thread, sandbox::Sandbox},
};

/// Maximum wait for a message, in seconds. The timeouts of tests are shorter.
const LONGEST_WAIT: u64 = 300;

/// `GET …/inbox?to=&channel=&since=&wait_seconds=`: returns the matching messages, newest first, and the number of
/// older ones that were `dropped`, because the inbox keeps the newest 10,000. With `since`, the id of a message, it
/// returns only later ones. With `wait_seconds`, it waits for the first match, at most that long in real time, and then
/// returns an empty list. It is not a [`Control`] because it waits.
///
/// [`Control`]: crate::control::request::Control
pub async fn serve(sandbox: Sandbox, incoming: Incoming) -> Answer {
    let request_id = incoming.request_id.clone();
    let read = move || check_origin(&incoming).and_then(|()| read(&sandbox, &incoming));
    match off_thread::run(read).await {
        Ok((world, wanted, at_most)) => {
            let messages = world.wait_for(&wanted, at_most).await;
            let messages: Vec<Value> = messages.iter().map(Message::object).collect();
            let reader = world.clone();
            let dropped = move || reader.lock().factors.inbox.dropped();
            let dropped = off_thread::run_quick(&world, dropped).await;
            answer::json(200, &json!({ "messages": messages, "dropped": dropped }))
        }
        Err(error) => error.answer(&request_id),
    }
}

fn read(sandbox: &Sandbox, incoming: &Incoming) -> Result<(World, Wanted, Duration), ControlError> {
    let request = ControlRequest {
        sandbox,
        incoming,
        body: serde_json::Map::new(),
    };
    let world = request.project()?;
    request.only_parameters(&["to", "channel", "since", "wait_seconds"])?;
    let channel = match incoming.parameter("channel") {
        None => None,
        Some(given) => Some(
            Channel::from_word(given)
                .ok_or_else(|| ControlError::field("channel", "email or sms"))?,
        ),
    };
    let at_most = match incoming.parameter("wait_seconds") {
        None => 0,
        Some(text) => {
            let seconds = text.parse().ok().filter(|seconds| *seconds <= LONGEST_WAIT);
            seconds.ok_or_else(|| {
                let expected = format!("a whole number of seconds from 0 to {LONGEST_WAIT}");
                ControlError::field("wait_seconds", expected)
            })?
        }
    };
    let since = incoming.parameter("since").map(str::to_owned);
    if let Some(id) = &since
        && !world.lock().factors.inbox.has(id)
    {
        let most = request.sandbox.options.limits.messages;
        let expected =
            format!("the id of a message in this project's inbox, which keeps the newest {most}");
        return Err(ControlError::unknown("since", expected));
    }
    let to = incoming.parameter("to").map(str::to_owned);
    let wanted = Wanted { to, channel, since };
    Ok((world, wanted, Duration::from_secs(at_most)))
}

/// `DELETE …/inbox`: removes the messages. Links and codes in them still work.
pub fn clear(request: &ControlRequest<'_>) -> Reply {
    request.project()?.clear_messages();
    Ok((200, json!({})))
}

/// `GET …/totp?member_id=`: returns the code that the member's authenticator app shows now, by the world's clock.
pub fn totp(request: &ControlRequest<'_>) -> Reply {
    const EXPECTED: &str = "the id of a member of this project who has an authenticator app";
    let world = request.project()?;
    let member_id = request
        .incoming
        .parameter("member_id")
        .ok_or_else(|| ControlError::field("member_id", EXPECTED))?;
    let code = world
        .totp_code(member_id)
        .ok_or_else(|| ControlError::unknown("member_id", EXPECTED))?;
    Ok((200, json!({ "code": code })))
}
