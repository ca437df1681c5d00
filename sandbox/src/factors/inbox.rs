//! The inbox of a world: every e-mail and SMS that the vendor would have sent.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::clock::wire;
use crate::state::State;
use crate::world::World;

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// An e-mail; `to` is an address.
    Email,
    /// An SMS; `to` is a phone number.
    Sms,
}

impl Channel {
    /// `email` or `sms`.
    pub fn word(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
        }
    }

    /// By its word.
    pub fn from_word(word: &str) -> Option<Channel> {
        [Channel::Email, Channel::Sms]
            .into_iter()
            .find(|channel| channel.word() == word)
    }
}

/// A message. It holds a code or a link, so `Debug` does not show them.
#[derive(Clone)]
pub struct Message {
    /// `message-test-<uuid>`
    pub id: String,
    /// E-mail or SMS.
    pub channel: Channel,
    /// The address or phone number.
    pub to: String,
    /// `login`, `signup`, `invite` and `discovery` with a link, `login_otp`, `signup_otp`, `discovery_otp` and
    /// `sms_otp` with a code.
    pub kind: &'static str,
    /// What a person would see in a list of messages.
    pub subject: String,
    /// Six digits, if there is a code in it.
    pub code: Option<String>,
    /// The whole URL, if there is a link in it.
    pub link: Option<String>,
    /// By the world's clock.
    pub sent_at: OffsetDateTime,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("channel", &self.channel)
            .field("to", &self.to)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Message {
    /// `{id, channel, to, kind, subject, code, link, sent_at}`; without a code or link it is null.
    pub fn object(&self) -> Value {
        json!({
            "id": self.id,
            "channel": self.channel.word(),
            "to": self.to,
            "kind": self.kind,
            "subject": self.subject,
            "code": self.code,
            "link": self.link,
            "sent_at": wire(self.sent_at),
        })
    }

    /// Whether it went to this address or number (upper and lower case are the same) over this channel.
    fn fits(&self, to: Option<&str>, channel: Option<Channel>) -> bool {
        to.is_none_or(|to| to.eq_ignore_ascii_case(&self.to))
            && channel.is_none_or(|channel| channel == self.channel)
    }
}

/// The messages of a world, oldest first, and a bell for those who wait.
#[derive(Clone)]
pub struct Inbox {
    messages: Vec<Message>,
    bell: Arc<watch::Sender<u64>>,
}

impl Default for Inbox {
    fn default() -> Inbox {
        Inbox {
            messages: Vec::new(),
            bell: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl State {
    /// Puts an e-mail with a link into the inbox. `path` is the link without scheme and host, which are the
    /// sandbox's own.
    pub fn send_link(&mut self, to: &str, kind: &'static str, subject: String, path: String) {
        self.send(Channel::Email, to, kind, subject, None, Some(path));
    }

    /// Puts a message with a code into the inbox. (Six digits are not among the minted secrets: a log is full of six
    /// digits.)
    pub fn send_code(
        &mut self,
        channel: Channel,
        to: &str,
        kind: &'static str,
        subject: String,
        code: String,
    ) {
        self.send(channel, to, kind, subject, Some(code), None);
    }

    fn send(
        &mut self,
        channel: Channel,
        to: &str,
        kind: &'static str,
        subject: String,
        code: Option<String>,
        link: Option<String>,
    ) {
        let message = Message {
            id: crate::ids::mint("message"),
            channel,
            to: to.to_owned(),
            kind,
            subject,
            code,
            link,
            sent_at: self.now(),
        };
        self.factors.inbox.messages.push(message);
        self.factors.inbox.bell.send_modify(|rings| *rings += 1);
    }
}

impl World {
    /// Every message, newest first.
    pub fn messages(&self) -> Vec<Message> {
        self.messages_to(None, None)
    }

    /// The messages to this address or number over this channel, newest first. `None` fits all.
    pub fn messages_to(&self, to: Option<&str>, channel: Option<Channel>) -> Vec<Message> {
        let base_url = self.base_url();
        let fitting = self.lock();
        let fitting = fitting.factors.inbox.messages.iter().rev();
        fitting
            .filter(|message| message.fits(to, channel))
            .cloned()
            .map(|mut message| {
                message.link = message.link.map(|path| format!("{base_url}{path}"));
                message
            })
            .collect()
    }

    /// The same, but if there is none yet it waits for the first, `at_most` so long by the real clock. Empty when
    /// none came.
    pub async fn wait_for_messages(
        &self,
        to: Option<&str>,
        channel: Option<Channel>,
        at_most: Duration,
    ) -> Vec<Message> {
        let end = Instant::now() + at_most;
        loop {
            // Subscribed before the look, so that no message falls between the two.
            let mut bell = self.lock().factors.inbox.bell.subscribe();
            let messages = self.messages_to(to, channel);
            if !messages.is_empty() || Instant::now() >= end {
                return messages;
            }
            // A reset of the world brings another bell, hence the second look now and then.
            let look_again = (Instant::now() + Duration::from_millis(250)).min(end);
            let _ = timeout_at(look_again, bell.changed()).await;
        }
    }
}
