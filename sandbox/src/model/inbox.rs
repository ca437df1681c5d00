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

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Channel {
    /// An email; `to` is an address.
    Email,
    /// An SMS; `to` is a phone number.
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

    /// By its word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Email, Self::Sms]
            .into_iter()
            .find(|channel| channel.word() == word)
    }
}

/// A word of the sandbox's own. (Serde's derive would take a reference for a part of the text that it reads.)
type Word = &'static str;

/// A message. It holds a code or a link, so `Debug` does not show them.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// `message-test-<uuid>`
    pub id: String,
    /// Email or SMS.
    pub channel: Channel,
    /// The address or phone number.
    pub to: String,
    /// `login`, `signup`, `invite`, `discovery` and `reset_password` with a link, `login_otp`, `signup_otp`, `discovery_otp` and
    /// `sms_otp` with a code.
    #[serde(deserialize_with = "word")]
    pub kind: Word,
    /// What a person would see in a list of messages.
    pub subject: String,
    /// The language of the message, as the vendor spells it: `en`, `es`, `pt-br`, …
    #[serde(deserialize_with = "word")]
    pub locale: Word,
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
    /// `{id, channel, to, kind, subject, locale, code, link, sent_at}`; without a code or link it is null.
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

    /// Whether it went to this address or number (upper and lower case are the same) over this channel.
    pub fn fits(&self, to: Option<&str>, channel: Option<Channel>) -> bool {
        to.is_none_or(|to| to.eq_ignore_ascii_case(&self.to))
            && channel.is_none_or(|channel| channel == self.channel)
    }
}

/// Which messages of an inbox are wanted. `None` fits all.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The address or phone number.
    pub to: Option<String>,
    pub channel: Option<Channel>,
    /// The id of a message: only those that came after it. If it is gone meanwhile, all that are there came after it.
    pub since: Option<String>,
}

/// The newest messages of a world, and a bell for those who wait.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    messages: Newest<Message>,
    #[serde(skip)]
    bell: Arc<watch::Sender<u64>>,
}

impl Inbox {
    /// An empty inbox of at most so many messages.
    pub fn new(most: usize) -> Self {
        Self {
            messages: Newest::new(most),
            bell: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Adds a message and rings the bell.
    pub fn push(&mut self, message: Message) {
        self.messages.push(message);
        self.bell.send_modify(|rings| *rings += 1);
    }

    /// Whether the message with this id is there.
    pub fn has(&self, id: &str) -> bool {
        self.messages.iter().any(|message| message.id == id)
    }

    /// Forgets the messages.
    pub fn clear(&mut self) {
        self.messages.clear();
    }

    /// The messages that are wanted, newest first.
    pub fn fitting<'a>(&'a self, wanted: &'a Wanted) -> impl Iterator<Item = &'a Message> {
        let since = wanted.since.as_deref();
        self.newest_first()
            .take_while(move |message| since != Some(message.id.as_str()))
            .filter(|message| message.fits(wanted.to.as_deref(), wanted.channel))
    }

    pub fn newest_first(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().rev()
    }

    /// How many messages were dropped for newer ones.
    pub fn dropped(&self) -> u64 {
        self.messages.dropped()
    }

    /// Notices of messages that are sent from now on.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }
}

/// A word of a message that was kept in a file. There are few different ones, and each is kept once, for good.
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
