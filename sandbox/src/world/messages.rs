//! The messages of a world, for tests in this process.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::{
    model::{Channel, Message, inbox::Wanted},
    world::{World, off_thread},
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

    /// Like [`World::messages_to`], but waits for a first message if the list would be empty, at most `at_most` in real
    /// time. Empty if none arrives.
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
            let (world, wanted) = (self.clone(), wanted.clone());
            // Subscribes before the check, so that no message is missed in between.
            let look = move || {
                let bell = world.lock().factors.inbox.subscribe();
                (bell, world.fitting(&wanted))
            };
            let (mut bell, messages) = off_thread::run_quick(self, look).await;
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

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;
    use crate::world::sandbox::Sandbox;

    /// The program has one thread for all connections, so a reader of the inbox must not block it.
    #[test]
    fn a_reader_does_not_block_its_thread_while_the_world_is_in_use() {
        let world = Sandbox::new("http://localhost:3000").world();
        let in_use = world.lock();
        let (tell, told) = mpsc::channel();
        let reader = world.clone();
        let server = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build();
            runtime.expect("a runtime").block_on(async {
                let reading = reader.wait_for_messages(None, None, Duration::ZERO);
                let others = async { tell.send(()).expect("the test waits") };
                tokio::join!(reading, others).0
            })
        });
        told.recv_timeout(Duration::from_secs(10))
            .expect("the thread also does other work");
        drop(in_use);
        assert!(server.join().expect("no panic").is_empty());
    }
}
