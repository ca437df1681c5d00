//! The inbox of a world: every email and SMS that the vendor would have sent.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::model::{clock::wire, newest::Newest};

/// Channel of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Channel {
    /// An email, whose `to` is an address.
    Email,
    /// An SMS, whose `to` is a phone number.
    Sms,
}

impl Channel {
    /// `email` or `sms`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The channel with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Email, Self::Sms]
            .into_iter()
            .find(|channel| channel.word() == word)
    }
}

/// A word of a fixed set. The alias keeps Serde's derive from borrowing it from the input.
type Word = &'static str;

/// A message. `Debug` does not show its code and its link.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// `message-test-<uuid>`
    pub id: String,
    /// Email or SMS.
    pub channel: Channel,
    /// The address or phone number.
    pub to: String,
    /// `login`, `signup`, `invite`, `discovery` and `reset_password` with a link, `login_otp`, `signup_otp`,
    /// `discovery_otp` and `sms_otp` with a code.
    #[serde(deserialize_with = "word")]
    pub kind: Word,
    /// Subject of an email or text of an SMS, as lists of messages show it.
    pub subject: String,
    /// Language of the message in the vendor's spelling: `en`, `es`, `pt-br`, …
    #[serde(deserialize_with = "word")]
    pub locale: Word,
    /// The six-digit code, if the message has one.
    pub code: Option<String>,
    /// The whole URL, if the message has a link.
    pub link: Option<String>,
    /// Time of sending, by the world's clock.
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
    /// The fields `id`, `channel`, `to`, `kind`, `subject`, `locale`, `code`, `link` and `sent_at`. A missing code or
    /// link is null.
    pub fn object(&self) -> Value {
        json!({
            "id": self.id,
            "channel": self.channel.word(),
            "to": self.to,
            "kind": self.kind,
            "subject": self.subject,
            "locale": self.locale,
            "code": self.code,
            "link": self.link,
            "sent_at": wire(self.sent_at),
        })
    }

    /// Whether it was sent to this address or number, ignoring case, over this channel.
    pub fn fits(&self, to: Option<&str>, channel: Option<Channel>) -> bool {
        to.is_none_or(|to| to.eq_ignore_ascii_case(&self.to))
            && channel.is_none_or(|channel| channel == self.channel)
    }
}

/// A filter for messages. `None` matches all.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The address or phone number.
    pub to: Option<String>,
    pub channel: Option<Channel>,
    /// The id of a message: only later messages match. If that message was removed, all remaining ones are later.
    pub since: Option<String>,
}

/// The newest messages of a world, with notices for waiting calls.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    messages: Newest<Message>,
    #[serde(skip)]
    bell: Arc<watch::Sender<u64>>,
}

impl Inbox {
    /// An empty inbox that keeps at most this number of messages.
    pub fn new(most: usize) -> Self {
        Self {
            messages: Newest::new(most),
            bell: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Adds a message and notifies waiting calls.
    pub fn push(&mut self, message: Message) {
        self.messages.push(message);
        self.bell.send_modify(|rings| *rings += 1);
    }

    /// Whether the inbox has the message with this id.
    pub fn has(&self, id: &str) -> bool {
        self.messages.iter().any(|message| message.id == id)
    }

    /// Removes the messages.
    pub fn clear(&mut self) {
        self.messages.clear();
    }

    /// The messages that match the filter, newest first.
    pub fn fitting<'a>(&'a self, wanted: &'a Wanted) -> impl Iterator<Item = &'a Message> {
        let since = wanted.since.as_deref();
        self.newest_first()
            .take_while(move |message| since != Some(message.id.as_str()))
            .filter(|message| message.fits(wanted.to.as_deref(), wanted.channel))
    }

    pub fn newest_first(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().rev()
    }

    /// Number of messages that were dropped for newer ones.
    pub fn dropped(&self) -> u64 {
        self.messages.dropped()
    }

    /// Notifies the caller of later messages.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }
}

/// Reads a word of a message from a file. There are few different words, and each is leaked once.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static str, D::Error> {
    static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let word = String::deserialize(deserializer)?;
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = words.get(word.as_str()) {
        return Ok(known);
    }
    let word: &'static str = Box::leak(word.into_boxed_str());
    words.insert(word);
    Ok(word)
}
