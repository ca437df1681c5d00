//! Sessions in Redis or Valkey, for several instances and across restarts. Keys are hashed and records encrypted, so
//! reading the store does not reveal a session and writing to it does not create one.

mod memory;
mod plain_record;
pub mod seal;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisResult,
    aio::MultiplexedConnection, cmd,
};
use tokio::{sync::Mutex, time::timeout};
use tower_sessions::{
    session::{Id, Record},
    session_store::{Error, Result},
};

use self::seal::SessionKey;
use super::{
    Backend, Found, Readiness, Write, Written,
    replaced::REMEMBERED,
    request::{Refusal, Version},
};
use crate::{clock::Clock, crypto, stytch::tls};

/// Time limit for connecting, and for each response.
const EACH: Duration = Duration::from_secs(1);

/// Time limit for an operation: connecting and the response, each tried twice, and the wait for other requests that are
/// connecting. After it, the visitor gets an error page.
const ALL: Duration = Duration::from_secs(2);

/// Replaces one record by another, under the conditions of [`SAVE`]. It is safe to send twice: no other request knows
/// the new id, so the new record can exist only if the first response was lost. An empty value stays under the old id,
/// which marks it as replaced for requests at any instance.
const REPLACE: &str = "\
if redis.call('EXISTS', KEYS[2]) == 1 then return 'done' end
local stored = redis.call('GETRANGE', KEYS[1], 0, 7)
if stored == '' then return 'gone' end
if ARGV[3] ~= '' and stored ~= ARGV[3] then return 'changed' end
redis.call('SET', KEYS[1], '', 'PX', ARGV[4])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return 'done'";

/// Overwrites a record if it exists and begins with the expected version, or with the new one because the first
/// response was lost.
const SAVE: &str = "\
local stored = redis.call('GETRANGE', KEYS[1], 0, 7)
if stored == '' then return 'gone' end
if ARGV[3] ~= '' and stored ~= ARGV[3] and stored ~= string.sub(ARGV[1], 1, 8) then return 'changed' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'done'";

/// A store for several processes. It connects at the first operation, and reconnects after each failure.
#[derive(Clone)]
pub struct RedisStore {
    clock: Clock,
    key: SessionKey,
    link: Arc<Link>,
}

struct Link {
    client: Client,
    /// One connection for all requests, which are pipelined.
    connection: Mutex<Option<Arc<MultiplexedConnection>>>,
}

impl RedisStore {
    /// Creates the store without connecting.
    pub fn new(client: Client, key: SessionKey, clock: Clock) -> Self {
        tls::choose_provider();
        Self {
            clock,
            key,
            link: Arc::new(Link {
                client,
                connection: Mutex::default(),
            }),
        }
    }

    /// Key, value and lifetime in milliseconds. The value is the version, then the encrypted record.
    fn sealed(&self, record: &Record, version: Version) -> Result<(String, Vec<u8>, u64)> {
        let name = name(&record.id);
        let sealed = self.key.seal(&name, plain_record::write(record)?);
        let value = [version.to_be_bytes().as_slice(), &sealed].concat();
        // Redis refuses a lifetime of zero.
        let left = (record.expiry_date - self.clock.now()).max(time::Duration::MILLISECOND);
        let milliseconds = u64::try_from(left.whole_milliseconds()).unwrap_or(u64::MAX);
        Ok((name, value, milliseconds))
    }

    /// Decrypts a record. If this app did not encrypt it for this id, logs that and returns `None`.
    fn open(&self, id: &Id, name: &str, sealed: Vec<u8>) -> Option<Record> {
        let plain = self.key.open(name, sealed, size_of::<Version>());
        let record = plain.and_then(|plain| plain_record::read(*id, &plain));
        if record.is_none() {
            tracing::warn!("session record could not be decrypted; ignoring it");
        }
        record
    }

    async fn write(&self, command: &Cmd) -> Result<Written> {
        match self.try_ask::<String>(command).await.as_deref() {
            Ok("done") => Ok(Ok(())),
            Ok("gone") => Ok(Err(Refusal::Gone)),
            Ok(_) => Ok(Err(Refusal::Changed)),
            Err(error) if is_full(error) => Ok(Err(Refusal::Full)),
            Err(error) => Err(backend(error)),
        }
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        self.try_ask(command).await.map_err(|error| backend(&error))
    }

    async fn try_ask<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let answer = timeout(ALL, self.link.try_twice(command)).await;
        answer.unwrap_or_else(|_| {
            Err(RedisError::from(std::io::Error::from(
                std::io::ErrorKind::TimedOut,
            )))
        })
    }
}

impl Link {
    /// Runs a command, and repeats it on a new connection if it fails on an old one, which may have been closed while
    /// it was idle. All commands here are safe to repeat.
    async fn try_twice<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let (connection, is_new) = self.connection().await?;
        match self.once(&connection, command).await {
            Err(error) if !is_new && !is_full(&error) => {
                let (connection, _) = self.connection().await?;
                self.once(&connection, command).await
            }
            answer => answer,
        }
    }

    /// Any failure closes the connection, because after a failover, another server may be the primary. The exception is
    /// a full server: all requests would wait for a new connection to the same server.
    async fn once<T: FromRedisValue>(
        &self,
        connection: &Arc<MultiplexedConnection>,
        command: &Cmd,
    ) -> RedisResult<T> {
        let mut own = MultiplexedConnection::clone(connection);
        let answer = command.query_async(&mut own).await;
        if answer.as_ref().is_err_and(|error| !is_full(error)) {
            let mut kept = self.connection.lock().await;
            kept.take_if(|kept| Arc::ptr_eq(kept, connection));
        }
        answer
    }

    /// Returns the connection, and whether it is new. One request connects, and others wait for it.
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

fn backend(error: &RedisError) -> Error {
    Error::Backend(format!("Redis: {error}"))
}

/// Whether Redis has reached its `maxmemory` and its policy does not allow it to evict records.
fn is_full(error: &RedisError) -> bool {
    error.code() == Some("OOM")
}

/// Key of a record. It has a hash of the id, because the id is a password.
fn name(id: &Id) -> String {
    format!("stytch_b2b_axum:{}", crypto::sha256(&id.to_string()))
}

fn expected(write: Write) -> Vec<u8> {
    let version = write.expected.map(Version::to_be_bytes);
    version.map(Vec::from).unwrap_or_default()
}

#[async_trait]
impl Backend for RedisStore {
    async fn load(&self, id: &Id) -> Result<Found> {
        let name = name(id);
        let mut get = cmd("GET");
        get.arg(&name);
        let value = self.ask::<Option<Vec<u8>>>(&get).await?;
        if value.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Found::Replaced);
        }
        let value = value.unwrap_or_default();
        let Some(version) = value.first_chunk().copied().map(Version::from_be_bytes) else {
            return Ok(Found::Nothing);
        };
        let record = self.open(id, &name, value);
        let live = record.filter(|record| record.expiry_date > self.clock.now());
        Ok(live.map_or(Found::Nothing, |record| Found::Record(record, version)))
    }

    async fn create(&self, record: &Record, version: Version) -> Result<()> {
        let (name, value, milliseconds) = self.sealed(record, version)?;
        let mut set = cmd("SET");
        set.arg(name).arg(value).arg("PX").arg(milliseconds);
        self.ask::<String>(&set).await.map(drop)
    }

    async fn save(&self, record: &Record, write: Write) -> Result<Written> {
        let (name, value, milliseconds) = self.sealed(record, write.version)?;
        let mut save = cmd("EVAL");
        save.arg(SAVE).arg(1).arg(name);
        save.arg(value).arg(milliseconds).arg(expected(write));
        self.write(&save).await
    }

    async fn replace(&self, old: &Id, record: &Record, write: Write) -> Result<Written> {
        let (name, value, milliseconds) = self.sealed(record, write.version)?;
        let mut replace = cmd("EVAL");
        replace.arg(REPLACE).arg(2).arg(self::name(old)).arg(name);
        replace.arg(value).arg(milliseconds).arg(expected(write));
        replace.arg(REMEMBERED.as_secs() * 1000);
        self.write(&replace).await
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut delete = cmd("DEL");
        delete.arg(name(id));
        self.ask::<i64>(&delete).await.map(drop)
    }

    /// Runs every command that a sign-in needs, on keys that expire after a second. A ping is not enough: a full Redis,
    /// or a replica after a failover, responds to pings and reads but does not store sessions, and the user may lack
    /// permission for a command. Of these, only a full Redis affects all instances alike.
    async fn ready(&self) -> Result<Readiness> {
        const PROBES: [&str; 2] = ["stytch_b2b_axum:probe", "stytch_b2b_axum:probe:next"];
        let (value, milliseconds) = ("a probe's value", 1000);
        let mut set = cmd("SET");
        set.arg(PROBES[0]).arg(value).arg("PX").arg(milliseconds);
        let mut get = cmd("GET");
        get.arg(PROBES[1]);
        match self.try_ask::<String>(&set).await {
            Err(error) if is_full(&error) => {
                self.ask::<Option<String>>(&get).await?;
                return Ok(Readiness::Full);
            }
            set => drop(set.map_err(|error| backend(&error))?),
        }
        // Another instance may probe at the same time, so the results of the scripts are ignored.
        for (script, keys) in [(SAVE, 1), (REPLACE, 2)] {
            let mut eval = cmd("EVAL");
            eval.arg(script).arg(keys).arg(&PROBES[..keys]);
            eval.arg(value).arg(milliseconds).arg("").arg(milliseconds);
            self.ask::<String>(&eval).await?;
        }
        self.ask::<Option<String>>(&get).await?;
        let mut delete = cmd("DEL");
        delete.arg(&PROBES);
        self.ask::<i64>(&delete).await?;
        Ok(Readiness::Ready)
    }

    async fn memory_advice(&self) -> Result<Vec<String>> {
        let mut info = cmd("INFO");
        info.arg("memory");
        let answer = self.ask::<String>(&info).await?;
        memory::advice(&answer)
            .ok_or_else(|| Error::Backend("Redis: INFO has no maxmemory".to_owned()))
    }
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisStore")
    }
}
