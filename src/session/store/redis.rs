//! Sessions in Redis or Valkey, for many instances and across restarts. Names are hashed and records sealed: whoever
//! reads the store can't use a session, whoever writes to it can't make one.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisResult,
    aio::MultiplexedConnection, cmd,
};
use tokio::{sync::Mutex, time::timeout};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use super::{GONE, replaced::REMEMBERED, request, seal::SessionKey};
use crate::{clock::Clock, stytch::pkce};

/// To connect, and to answer.
const EACH: Duration = Duration::from_secs(1);

/// Both, tried twice, and the wait for others that connect. After it the visitor is told.
const ALL: Duration = Duration::from_secs(2);

/// Redis forgets a record so much later than it ends by our clock: instances' clocks differ.
const SPARE: time::Duration = time::Duration::minutes(1);

/// One record for another, if there is still one to give up. Said twice it is done once: the new id is known to nobody
/// else, so it can only stand there already if the first answer was lost. What is left under the old one is empty:
/// nothing brings it back to life, and a request that is under way with it is told at any instance.
const REPLACE: &str = "\
if redis.call('STRLEN', KEYS[1]) == 0 and redis.call('EXISTS', KEYS[2]) == 0 then return false end
redis.call('SET', KEYS[1], '', 'PX', ARGV[3])
return redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])";

/// A record anew, if there is still one.
const SAVE: &str = "\
if redis.call('STRLEN', KEYS[1]) == 0 then return false end
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])";

/// A store for many processes. It connects when it is first asked, and anew after every failure.
#[derive(Clone)]
pub struct RedisStore {
    clock: Clock,
    key: SessionKey,
    link: Arc<Link>,
}

struct Link {
    client: Client,
    /// One for all requests, which share it without waiting for each other's answers.
    connection: Mutex<Option<Arc<MultiplexedConnection>>>,
}

impl RedisStore {
    /// Connects to nothing yet.
    pub fn new(client: Client, key: SessionKey, clock: Clock) -> Self {
        Self {
            clock,
            key,
            link: Arc::new(Link {
                client,
                connection: Mutex::default(),
            }),
        }
    }

    /// Writes what is gone in a second: a Redis that is full, or a replica after a failover, answers a ping and reads,
    /// but keeps no session.
    pub(super) async fn probe(&self) -> Result<()> {
        let mut set = cmd("SET");
        set.arg("stytch_b2b_axum:probe").arg("").arg("PX").arg(1000);
        self.ask::<String>(&set).await.map(drop)
    }

    /// Gives up `old` for `record`, in one step.
    ///
    /// # Errors
    /// [`GONE`] when there is no `old` any more.
    pub async fn replace(&self, old: &Id, record: &Record) -> Result<()> {
        let (name, sealed, milliseconds) = self.sealed(record)?;
        let mut replace = cmd("EVAL");
        replace.arg(REPLACE).arg(2).arg(self::name(old)).arg(name);
        replace.arg(sealed).arg(milliseconds);
        replace.arg(REMEMBERED.as_secs() * 1000);
        self.ask_if_there(&replace).await
    }

    fn sealed(&self, record: &Record) -> Result<(String, Vec<u8>, u64)> {
        let name = name(&record.id);
        let plain = serde_json::to_vec(&(record.expiry_date, &record.data))
            .map_err(|error| Error::Encode(error.to_string()))?;
        let sealed = self.key.seal(&name, plain);
        let left = (record.expiry_date - self.clock.now()).max(time::Duration::ZERO) + SPARE;
        let milliseconds = u64::try_from(left.whole_milliseconds()).unwrap_or(u64::MAX);
        Ok((name, sealed, milliseconds))
    }

    /// `None`, and a line in the log, when it was not sealed by us for this id: no session, then.
    fn open(&self, id: &Id, sealed: &[u8]) -> Option<Record> {
        let plain = self.key.open(&name(id), sealed);
        let read = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        let Some((expiry_date, data)) = read else {
            tracing::warn!("a session in Redis does not open: another SESSION_KEY, or tampering");
            return None;
        };
        Some(Record {
            id: *id,
            data,
            expiry_date,
        })
    }

    async fn ask_if_there(&self, command: &Cmd) -> Result<()> {
        match self.ask::<Option<String>>(command).await? {
            Some(_) => Ok(()),
            None => Err(Error::Backend(GONE.to_owned())),
        }
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let answer = timeout(ALL, self.link.try_twice(command)).await;
        let answer = answer.unwrap_or_else(|_| {
            Err(RedisError::from(std::io::Error::from(
                std::io::ErrorKind::TimedOut,
            )))
        });
        answer.map_err(|error| Error::Backend(format!("Redis: {error}")))
    }
}

impl Link {
    /// A connection that has been idle may be dead already, so what fails on one is tried on a new one. Every command
    /// here does the same when it is done twice.
    async fn try_twice<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let (connection, is_new) = self.connection().await?;
        match self.once(&connection, command).await {
            Err(_) if !is_new => {
                let (connection, _) = self.connection().await?;
                self.once(&connection, command).await
            }
            answer => answer,
        }
    }

    /// Any failure ends the connection: a server that is read-only after a failover or that does not answer may not be
    /// the one to talk to any more.
    async fn once<T: FromRedisValue>(
        &self,
        connection: &Arc<MultiplexedConnection>,
        command: &Cmd,
    ) -> RedisResult<T> {
        let mut own = MultiplexedConnection::clone(connection);
        let answer = command.query_async(&mut own).await;
        if answer.is_err() {
            let mut kept = self.connection.lock().await;
            kept.take_if(|kept| Arc::ptr_eq(kept, connection));
        }
        answer
    }

    /// The connection, and whether it was made just now. One request makes it, others wait for that.
    async fn connection(&self) -> RedisResult<(Arc<MultiplexedConnection>, bool)> {
        let mut kept = self.connection.lock().await;
        if let Some(kept) = &*kept {
            return Ok((Arc::clone(kept), false));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(EACH))
            .set_response_timeout(Some(EACH));
        let client = &self.client;
        let made = client.get_multiplexed_async_connection_with_config(&config);
        let made = Arc::new(made.await?);
        *kept = Some(Arc::clone(&made));
        Ok((made, true))
    }
}

/// The id is a password: Redis sees its hash.
fn name(id: &Id) -> String {
    format!("stytch_b2b_axum:{}", pkce::sha256(&id.to_string()))
}

#[async_trait]
impl SessionStore for RedisStore {
    /// Of 128 random bits no two are alike, so nothing is looked up first.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (name, sealed, milliseconds) = self.sealed(record)?;
        let mut set = cmd("SET");
        set.arg(name).arg(sealed).arg("PX").arg(milliseconds);
        self.ask::<String>(&set).await.map(drop)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let (name, sealed, milliseconds) = self.sealed(record)?;
        let mut save = cmd("EVAL");
        save.arg(SAVE).arg(1).arg(name);
        save.arg(sealed).arg(milliseconds);
        self.ask_if_there(&save).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let mut get = cmd("GET");
        get.arg(name(id));
        let sealed = self.ask::<Option<Vec<u8>>>(&get).await?;
        if sealed.as_ref().is_some_and(Vec::is_empty) {
            request::replaced();
            return Ok(None);
        }
        let record = sealed.and_then(|sealed| self.open(id, &sealed));
        Ok(record.filter(|record| record.expiry_date > self.clock.now()))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut delete = cmd("DEL");
        delete.arg(name(id));
        self.ask::<i64>(&delete).await.map(drop)
    }
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisStore")
    }
}
