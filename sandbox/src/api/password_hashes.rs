//! The hashes that `passwords.migrate` accepts. The error types are from the vendor's mobile SDKs.

use std::num::NonZeroU32;

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use data_encoding::HEXLOWER_PERMISSIVE;
use serde_json::{Map, Value};

use crate::{
    http::ApiRequest,
    model::{
        ApiError, DigestAlgorithm, PasswordHash,
        password::{
            MOST_ARGON2_ITERATIONS, MOST_ARGON2_KIB, MOST_BCRYPT_COST, MOST_PBKDF2_ITERATIONS,
            MOST_SCRYPT_LOG_N, MOST_SCRYPT_R, MOST_THREADS,
        },
    },
};

/// Base64 with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Maximum length of a key, salt or digest, in bytes.
const MOST_BYTES: u32 = 512;

/// Reads the hash in the request, and checks that passwords can be compared with it.
pub fn read(request: &ApiRequest) -> Result<PasswordHash, ApiError> {
    let hash = request.need_text("hash")?;
    match request.need_text("hash_type")? {
        "bcrypt" => bcrypt(hash),
        "md_5" => digest(request, hash, DigestAlgorithm::Md5, "md_5"),
        "sha_1" => digest(request, hash, DigestAlgorithm::Sha1, "sha_1"),
        "sha_512" => digest(request, hash, DigestAlgorithm::Sha512, "sha_512"),
        "argon_2i" => argon2(request, hash, false),
        "argon_2id" => argon2(request, hash, true),
        "scrypt" => scrypt(request, hash),
        "pbkdf_2" => pbkdf2(request, hash),
        "phpass" => Err(ApiError::new(
            501,
            "sandbox_not_implemented",
            "The sandbox has no phpass. Migrate this member with another hash_type, or set the password by email.",
        )),
        _ => Err(ApiError::of("invalid_hash_type")),
    }
}

fn bcrypt(hash: &str) -> Result<PasswordHash, ApiError> {
    let wrong = |message: &'static str| ApiError::new(400, "invalid_bcrypt_hash", message);
    let parts = hash.parse::<bcrypt::HashParts>();
    let parts = parts.map_err(|_| wrong("hash is not a bcrypt hash."))?;
    if !(4..=MOST_BCRYPT_COST).contains(&parts.get_cost()) {
        let message = format!("The cost of a bcrypt hash must be 4 to {MOST_BCRYPT_COST} here.");
        return Err(ApiError::new(400, "invalid_bcrypt_cost", message));
    }
    Ok(PasswordHash::Bcrypt(hash.to_owned()))
}

fn digest(
    request: &ApiRequest,
    hash: &str,
    algorithm: DigestAlgorithm,
    word: &str,
) -> Result<PasswordHash, ApiError> {
    let config = format!("{word}_config");
    let digest = HEXLOWER_PERMISSIVE.decode(hash.as_bytes()).ok();
    let digest = digest.filter(|it| it.len() == algorithm.length());
    let digest = digest.ok_or_else(|| {
        let message = format!(
            "hash must be {} hexadecimal digits.",
            algorithm.length() * 2
        );
        ApiError::new(400, format!("invalid_{word}_hash"), message)
    })?;
    let config = Config::of(request, &config)?;
    Ok(PasswordHash::Digest {
        algorithm,
        prefix: config.optional_text("prepend_salt")?.to_owned(),
        suffix: config.optional_text("append_salt")?.to_owned(),
        digest,
    })
}

/// The encoded form, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, or hexadecimal digits with their parameters in
/// `argon_2_config`.
fn argon2(request: &ApiRequest, hash: &str, is_2id: bool) -> Result<PasswordHash, ApiError> {
    let wrong = |message: &str| ApiError::new(400, "invalid_hash", message.to_owned());
    let (memory_kib, iterations, threads, salt, key) = if hash.starts_with('$') {
        let name = if is_2id { "argon2id" } else { "argon2i" };
        let encoded = || {
            let mut parts = hash.split('$').skip(1);
            let known = parts.next()? == name && parts.next()? == "v=19";
            let numbers = numbers(parts.next()?, ["m", "t", "p"])?;
            let (salt, key) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
            let [m, t, p] = numbers;
            (known && parts.next().is_none()).then_some((m, t, p, salt, key))
        };
        encoded().ok_or_else(|| wrong("hash is not in the encoded form of its hash_type."))?
    } else {
        let config = Config::of(request, "argon_2_config")?;
        let key = HEXLOWER_PERMISSIVE.decode(hash.as_bytes()).ok();
        let length = config.number("key_length", 4..=MOST_BYTES)? as usize;
        let key = key.filter(|it| it.len() == length);
        (
            config.number("memory", 8..=MOST_ARGON2_KIB)?,
            config.number("iteration_amount", 1..=MOST_ARGON2_ITERATIONS)?,
            config.number("threads", 1..=MOST_THREADS)?,
            config.text("salt")?.as_bytes().to_vec(),
            key.ok_or_else(|| wrong("hash must be key_length bytes as hexadecimal digits."))?,
        )
    };
    if memory_kib > MOST_ARGON2_KIB || iterations > MOST_ARGON2_ITERATIONS || threads > MOST_THREADS
    {
        return Err(wrong("The hash takes too long to make for a sandbox."));
    }
    // A trial run refuses parameters that do not fit together.
    let mut scratch = vec![0; key.len()];
    let parameters = argon2::Params::new(memory_kib, iterations, threads, Some(key.len()));
    let algorithm = argon2::Algorithm::Argon2id;
    parameters
        .and_then(|it| {
            argon2::Argon2::new(algorithm, argon2::Version::V0x13, it).hash_password_into(
                b"",
                &salt,
                &mut scratch,
            )
        })
        .map_err(|_| wrong("The parameters of the argon2 hash do not fit together."))?;
    Ok(PasswordHash::Argon2 {
        is_2id,
        memory_kib,
        iterations,
        threads,
        salt,
        key,
    })
}

/// The PHC form, `$scrypt$ln=…,r=…,p=…$salt$hash`, or base64 with its parameters in `scrypt_config`.
fn scrypt(request: &ApiRequest, hash: &str) -> Result<PasswordHash, ApiError> {
    let wrong = |message: &'static str| ApiError::new(400, "invalid_hash", message);
    let (log_n, r, p, salt, key) = if hash.starts_with('$') {
        let encoded = || {
            let mut parts = hash.split('$').skip(1);
            let known = parts.next()? == "scrypt";
            let [log_n, r, p] = numbers(parts.next()?, ["ln", "r", "p"])?;
            let (salt, key) = (bytes(parts.next()?)?, bytes(parts.next()?)?);
            (known && parts.next().is_none()).then_some((log_n, r, p, salt, key))
        };
        encoded().ok_or_else(|| wrong("hash is not in the PHC form of scrypt."))?
    } else {
        let config = Config::of(request, "scrypt_config")?;
        let n = config.number("n_parameter", 2..=262_144)?;
        if !n.is_power_of_two() {
            let message = "scrypt_config.n_parameter must be a power of two.";
            return Err(ApiError::new(400, "invalid_scrypt_n_parameter", message));
        }
        let key = bytes(hash).ok_or_else(|| {
            ApiError::new(400, "invalid_base64_scrypt_hash", "hash must be base64.")
        })?;
        if config.number("key_length", 10..=64)? as usize != key.len() {
            let message = "hash is not of scrypt_config.key_length bytes.";
            return Err(ApiError::new(400, "scrypt_key_length_mismatch", message));
        }
        let salt = bytes(config.text("salt")?).ok_or_else(|| {
            let message = "scrypt_config.salt must be base64.";
            ApiError::new(400, "invalid_base64_scrypt_salt", message)
        })?;
        (
            n.ilog2(),
            config.number("r_parameter", 1..=MOST_SCRYPT_R)?,
            config.number("p_parameter", 1..=MOST_THREADS)?,
            salt,
            key,
        )
    };
    let log_n = u8::try_from(log_n)
        .ok()
        .filter(|it| (1..=MOST_SCRYPT_LOG_N).contains(it));
    let log_n = log_n.filter(|it| {
        r <= MOST_SCRYPT_R && p <= MOST_THREADS && scrypt::Params::new(*it, r, p).is_ok()
    });
    Ok(PasswordHash::Scrypt {
        log_n: log_n.ok_or_else(|| {
            let message = "The parameters of the scrypt hash do not fit together.";
            ApiError::new(400, "invalid_scrypt_parameters", message)
        })?,
        r,
        p,
        salt,
        key,
    })
}

fn pbkdf2(request: &ApiRequest, hash: &str) -> Result<PasswordHash, ApiError> {
    let config = Config::of(request, "pbkdf_2_config")?;
    let wrong = |name: &str, message: &'static str| {
        ApiError::new(400, format!("invalid_pbkdf_2_{name}"), message)
    };
    let key = bytes(hash).ok_or_else(|| wrong("hash", "hash must be base64."))?;
    let salt = bytes(config.text("salt")?);
    let salt = salt.ok_or_else(|| wrong("salt", "pbkdf_2_config.salt must be base64."))?;
    if config.number("key_length", 1..=MOST_BYTES)? as usize != key.len() {
        let message = "hash is not of pbkdf_2_config.key_length bytes.";
        return Err(ApiError::new(400, "pbkdf_2_key_length_mismatch", message));
    }
    let uses_sha512 = match config.optional_text("algorithm")? {
        "" | "sha256" => false,
        "sha512" => true,
        _ => {
            let message = "pbkdf_2_config.algorithm must be sha256 or sha512.";
            return Err(wrong("algorithm", message));
        }
    };
    let iterations = config.number("iteration_amount", 1..=MOST_PBKDF2_ITERATIONS)?;
    Ok(PasswordHash::Pbkdf2 {
        uses_sha512,
        iterations: NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN),
        salt,
        key,
    })
}

/// The numbers in a text such as `m=65536,t=3,p=4`, which must have exactly these names in this order.
fn numbers(text: &str, names: [&str; 3]) -> Option<[u32; 3]> {
    let mut parts = text.split(',');
    let mut next = |name: &str| {
        parts
            .next()?
            .strip_prefix(name)?
            .strip_prefix('=')?
            .parse()
            .ok()
    };
    let found = [next(names[0])?, next(names[1])?, next(names[2])?];
    parts.next().is_none().then_some(found)
}

fn bytes(base64: &str) -> Option<Vec<u8>> {
    let bytes = BASE64.decode(base64).ok()?;
    (1..=MOST_BYTES as usize)
        .contains(&bytes.len())
        .then_some(bytes)
}

/// The parameters of a hash, in an object of the request.
struct Config<'a> {
    name: &'a str,
    fields: Option<&'a Map<String, Value>>,
}

impl<'a> Config<'a> {
    fn of(request: &'a ApiRequest, name: &'a str) -> Result<Self, ApiError> {
        let fields = request.object(name)?;
        Ok(Self { name, fields })
    }

    fn field(&self, name: &str) -> Option<&'a Value> {
        let value = self.fields.and_then(|fields| fields.get(name));
        value.filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, expected: &str) -> ApiError {
        ApiError::bad_request(format!("{}.{name} must be {expected}.", self.name))
    }

    fn optional_text(&self, name: &str) -> Result<&'a str, ApiError> {
        match self.field(name) {
            None => Ok(""),
            Some(value) => value.as_str().ok_or_else(|| self.wrong(name, "a string")),
        }
    }

    fn text(&self, name: &str) -> Result<&'a str, ApiError> {
        let text = self.optional_text(name)?;
        if text.is_empty() {
            return Err(self.wrong(name, "a string that is not empty"));
        }
        Ok(text)
    }

    fn number(&self, name: &str, range: std::ops::RangeInclusive<u32>) -> Result<u32, ApiError> {
        let number = self.field(name).and_then(Value::as_u64);
        let number = number.and_then(|number| u32::try_from(number).ok());
        number
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (from, to) = (range.start(), range.end());
                self.wrong(name, &format!("a whole number from {from} to {to}"))
            })
    }
}
