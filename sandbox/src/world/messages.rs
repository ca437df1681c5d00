//! The messages of a world, for tests in this process.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::{
    model::{Channel, Message, inbox::Wanted},
    world::World,
};

impl World {
    /// All messages, newest first.
    pub fn messages(&self) -> Vec<Message> {
        self.messages_to(None, None)
    }

    /// The messages to this address or number over this channel, newest first. `None` matches all.
    pub fn messages_to(&self, to: Option<&str>, channel: Option<Channel>) -> Vec<Message> {
        self.fitting(&wanted(to, channel))
    }

    /// Removes the messages. Links and codes in them still work.
    pub fn clear_messages(&self) {
        self.lock().factors.inbox.clear();
    }

    fn fitting(&self, wanted: &Wanted) -> Vec<Message> {
        let base_url = self.base_url();
        let state = self.lock();
        let fitting = state.factors.inbox.fitting(wanted);
        fitting
            .cloned()
            .map(|mut message| {
                // Without a call, as for a test in this process, the origin is not known.
                if let Some(link) = message.link.as_mut().filter(|it| it.starts_with('/')) {
                    link.insert_str(0, &base_url);
                }
                message
            })
            .collect()
    }

    /// Like [`World::messages_to`], but waits for the first message if there is none, at most `at_most` in real time.
    /// Empty if none arrives.
    pub async fn wait_for_messages(
        &self,
        to: Option<&str>,
        channel: Option<Channel>,
        at_most: Duration,
    ) -> Vec<Message> {
        self.wait_for(&wanted(to, channel), at_most).await
    }

    /// Waits for messages that match the filter.
    pub(crate) async fn wait_for(&self, wanted: &Wanted, at_most: Duration) -> Vec<Message> {
        let end = Instant::now() + at_most;
        loop {
            // Subscribes before the check, so that no message is missed in between.
            let mut bell = self.lock().factors.inbox.subscribe();
            let messages = self.fitting(wanted);
            if !messages.is_empty() || Instant::now() >= end {
                return messages;
            }
            // A reset of the world replaces the bell, so the loop also checks at intervals.
            let look_again = (Instant::now() + Duration::from_millis(250)).min(end);
            let _ = timeout_at(look_again, bell.changed()).await;
        }
    }
}

fn wanted(to: Option<&str>, channel: Option<Channel>) -> Wanted {
    Wanted {
        to: to.map(str::to_owned),
        channel,
        since: None,
    }
}
