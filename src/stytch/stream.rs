//! Reads a large response while it arrives. Its JSON is parsed piece by piece and is never in memory as a whole.

use std::io::{self, Cursor, Read};

use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    Error, Result,
    answer::{no_answer, position},
};

/// Largest response that is read this way, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// Capacity of the parser's queue, in pieces of about 16 kB.
const WAITING: usize = 4;

/// Parses the body of a successful response. `watch` is called with each piece. Dropping the future, as at the
/// deadline, also stops the parser.
///
/// # Errors
/// "Unreadable", if the body is larger than 16 MiB or does not fit the type.
pub(super) async fn parse<Answer>(
    mut response: Response,
    mut watch: impl FnMut(&[u8]),
) -> Result<Answer>
where
    Answer: DeserializeOwned + Send + 'static,
{
    let status = response.status();
    let (sender, receiver) = mpsc::channel(WAITING);
    let body = Body {
        pieces: receiver,
        piece: Cursor::default(),
    };
    // serde_json reads from a blocking reader, which waits for the pieces.
    let parsed = spawn_blocking(move || serde_json::from_reader(body));
    let mut bytes = 0;
    while let Some(piece) = response.chunk().await.map_err(no_answer)? {
        bytes += piece.len();
        if bytes > LARGEST {
            return Err(unreadable(status, bytes, "more than 16 MiB"));
        }
        watch(&piece);
        if sender.send(piece.to_vec()).await.is_err() {
            // The parser has failed.
            break;
        }
    }
    drop(sender);
    match parsed.await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(unreadable(status, bytes, &position(&error))),
        Err(_) => Err(unreadable(status, bytes, "the parser was stopped")),
    }
}

fn unreadable(status: StatusCode, bytes: usize, reason: &str) -> Error {
    Error::Unreadable {
        status: status.as_u16(),
        bytes,
        // The id is in the body, which was not kept.
        request_id: String::new(),
        reason: reason.to_owned(),
    }
}

/// The pieces of a body, as a reader.
struct Body {
    pieces: mpsc::Receiver<Vec<u8>>,
    piece: Cursor<Vec<u8>>,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.piece.read(buffer)? {
                0 => match self.pieces.blocking_recv() {
                    Some(piece) => self.piece = Cursor::new(piece),
                    None => return Ok(0),
                },
                read => return Ok(read),
            }
        }
    }
}
