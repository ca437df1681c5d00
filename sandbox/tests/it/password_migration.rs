//! `passwords.migrate`: hashes from other systems.

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};
use super::passwords::{ADA, BETTER, GOOD};
use stytch_sandbox::PasswordSettings;

const NEW: &str = "newcomer@acme.example";
/// The SHA-1 hash of [`GOOD`].
const SHA_1: &str = "fa806d5a4c7b70a93be4df6d445c000bd2d7025a";

impl Lab {
    pub async fn migrate(&self, organization: &str, email: &str, mut more: Value) -> Reply {
        more["organization_id"] = json!(organization);
        more["email_address"] = json!(email);
        self.post("/v1/b2b/passwords/migrate", more).await
    }
}

fn sha_1() -> Value {
    json!({ "hash_type": "sha_1", "hash": SHA_1 })
}

/// Hashes of the same password of each kind, created with Python's hashlib, bcrypt and argon2-cffi.
pub fn kinds() -> [Value; 10] {
    [
        json!({ "hash_type": "bcrypt", "hash": "$2b$04$shrQ9S6BYnMXH4cfvx4WWeI8ZmYEaF3VHN/UHWaxX9lH5K8eSmZDS" }),
        json!({ "hash_type": "argon_2id", "hash": "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$OR4qzB+5G76oC13Lw4aJLg" }),
        json!({ "hash_type": "argon_2i", "hash": "73e3e9d21e1026be8821c9c2b72886ee", "argon_2_config": { "salt": "saltsaltsalt", "iteration_amount": 1, "memory": 64, "threads": 1, "key_length": 16 } }),
        json!({ "hash_type": "md_5", "hash": "651f76fdc767c5a25b28a621eb56dede", "md_5_config": { "prepend_salt": "a-", "append_salt": "-z" } }),
        sha_1(),
        json!({ "hash_type": "sha_512", "hash": "d053bb4303aaaa40cb02323be8af0f2d8612bec0de83204b6ca89c63c794ed97c5730b8aa7283adac0cc888690c44aa0ae55c4d9fe7be61cf333386190185c69", "sha_512_config": { "prepend_salt": "", "append_salt": "pepper" } }),
        json!({ "hash_type": "scrypt", "hash": "2cmlsEaI9sLYx/nsh+AsbqoK0Phf2zRxYduYOe2Ggb8=", "scrypt_config": { "salt": "c2FsdHNhbHQ=", "n_parameter": 16, "r_parameter": 8, "p_parameter": 1, "key_length": 32 } }),
        json!({ "hash_type": "scrypt", "hash": "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$2cmlsEaI9sLYx/nsh+AsbqoK0Phf2zRxYduYOe2Ggb8" }),
        json!({ "hash_type": "pbkdf_2", "hash": "qGSaAODAHysVhXvBmXAgRdITTmjbsoLChNSuqhGMnGw=", "pbkdf_2_config": { "salt": "c2FsdHNhbHQ=", "iteration_amount": 1000, "key_length": 32 } }),
        json!({ "hash_type": "pbkdf_2", "hash": "51uDJ7Hn00JSeWYl8PX6JShFP4IZIpbSqKvWAeovL2qhaAVm+4rPU87oj/FvCFsqjgmM5xdAns5KLWnSQhuaDw==", "pbkdf_2_config": { "salt": "c2FsdHNhbHQ=", "iteration_amount": 1000, "key_length": 64, "algorithm": "sha512" } }),
    ]
}

#[tokio::test]
async fn every_kind_of_hash_is_accepted() {
    let lab = Lab::start().await;
    for (number, hash) in kinds().into_iter().enumerate() {
        let email = format!("member{number}@acme.example");
        let answer = lab.migrate("acme", &email, hash.clone()).await.ok();
        assert_eq!(
            (
                &answer["member_created"],
                &answer["member"]["email_address_verified"]
            ),
            (&json!(true), &json!(true))
        );
        lab.use_password("acme", &email, BETTER, json!({}))
            .await
            .is_error(401, "unauthorized_credentials");
        let done = lab.use_password("acme", &email, GOOD, json!({})).await.ok();
        assert_eq!(done["member_authenticated"], true, "{hash}");
    }
}

#[tokio::test]
async fn invalid_hashes_are_refused() {
    let lab = Lab::start().await;
    let pbkdf_2 = |config: Value| json!({ "hash_type": "pbkdf_2", "hash": "qGSaAODAHysVhXvBmXAgRdITTmjbsoLChNSuqhGMnGw=", "pbkdf_2_config": config });
    let scrypt = |n: u32| json!({ "hash_type": "scrypt", "hash": "2cmlsEaI9sLYx/nsh+AsbqoK0Phf2zRxYduYOe2Ggb8=", "scrypt_config": { "salt": "c2FsdHNhbHQ=", "n_parameter": n, "r_parameter": 8, "p_parameter": 1, "key_length": 32 } });
    for (hash, status, error) in [
        (json!({ "hash_type": "sha_1" }), 400, "bad_request"),
        (json!({ "hash": SHA_1 }), 400, "bad_request"),
        (
            json!({ "hash_type": "rot_13", "hash": SHA_1 }),
            400,
            "invalid_hash_type",
        ),
        (
            json!({ "hash_type": "phpass", "hash": "$P$B" }),
            501,
            "sandbox_not_implemented",
        ),
        (
            json!({ "hash_type": "sha_1", "hash": "abc" }),
            400,
            "invalid_sha_1_hash",
        ),
        (
            json!({ "hash_type": "md_5", "hash": SHA_1 }),
            400,
            "invalid_md_5_hash",
        ),
        (
            json!({ "hash_type": "bcrypt", "hash": "$2b$04$short" }),
            400,
            "invalid_bcrypt_hash",
        ),
        (
            json!({ "hash_type": "bcrypt", "hash": "$2b$31$shrQ9S6BYnMXH4cfvx4WWeI8ZmYEaF3VHN/UHWaxX9lH5K8eSmZDS" }),
            400,
            "invalid_bcrypt_cost",
        ),
        (
            json!({ "hash_type": "argon_2i", "hash": "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$OR4qzB+5G76oC13Lw4aJLg" }),
            400,
            "invalid_hash",
        ),
        (
            json!({ "hash_type": "argon_2id", "hash": "$argon2id$v=19$m=99999999,t=1,p=1$c2FsdHNhbHRzYWx0$OR4qzB+5G76oC13Lw4aJLg" }),
            400,
            "invalid_hash",
        ),
        (
            json!({ "hash_type": "argon_2id", "hash": "$argon2id$v=19$m=64,t=1,p=1$c2E$OR4qzB+5G76oC13Lw4aJLg" }),
            400,
            "invalid_hash",
        ),
        (
            json!({ "hash_type": "argon_2id", "hash": "73e3e9d21e1026be8821c9c2b72886ee" }),
            400,
            "bad_request",
        ),
        (scrypt(15), 400, "invalid_scrypt_n_parameter"),
        (scrypt(524_288), 400, "bad_request"),
        (
            pbkdf_2(json!({ "salt": "c2FsdHNhbHQ=", "iteration_amount": 0, "key_length": 32 })),
            400,
            "bad_request",
        ),
        (
            pbkdf_2(json!({ "salt": "c2FsdHNhbHQ=", "iteration_amount": 9, "key_length": 31 })),
            400,
            "pbkdf_2_key_length_mismatch",
        ),
        (
            pbkdf_2(
                json!({ "salt": "c2FsdHNhbHQ=", "iteration_amount": 9, "key_length": 32, "algorithm": "md5" }),
            ),
            400,
            "invalid_pbkdf_2_algorithm",
        ),
    ] {
        lab.migrate("acme", NEW, hash).await.is_error(status, error);
    }
    assert_eq!(lab.member("acme", NEW), Value::Null);
}

#[tokio::test]
async fn a_member_is_created_or_changed() {
    let lab = Lab::start().await;
    let mut more = sha_1();
    for (key, value) in [
        ("name", json!("N. Comer")),
        ("trusted_metadata", json!({ "plan": "gold" })),
        ("roles", json!(["stytch_admin"])),
        ("mfa_phone_number", json!("+15555550188")),
        ("set_phone_number_verified", json!(true)),
        ("external_id", json!("new-1")),
    ] {
        more[key] = value;
    }
    let made = lab.migrate("acme", NEW, more.clone()).await.ok();
    let member = &made["member"];
    assert_eq!(
        (
            &member["status"],
            &member["name"],
            &member["is_admin"],
            &member["mfa_phone_number_verified"],
            &member["external_id"]
        ),
        (
            &json!("active"),
            &json!("N. Comer"),
            &json!(true),
            &json!(true),
            &json!("new-1")
        )
    );
    assert_eq!(*member, lab.member("acme", NEW));
    lab.migrate("acme", NEW, more)
        .await
        .is_error(400, "password_already_exists");
    // An existing member gets the password but keeps the external id.
    lab.world
        .patch_member("acme", ADA, json!({ "email_address_verified": false }));
    let mut more = sha_1();
    more["external_id"] = json!("ada-1");
    more["roles"] = json!([]);
    let changed = lab.migrate("acme", ADA, more).await.ok();
    assert_eq!(
        (
            &changed["member_created"],
            &changed["member"]["external_id"]
        ),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        (
            &changed["member"]["email_address_verified"],
            &changed["member"]["is_admin"]
        ),
        (&json!(true), &json!(false))
    );
    for (field, value, error) in [
        ("roles", json!(["nobody"]), "invalid_role"),
        ("mfa_phone_number", json!("12"), "invalid_phone_number"),
        (
            "external_id",
            json!("new-1"),
            "duplicate_member_external_id",
        ),
    ] {
        let mut more = sha_1();
        more[field] = value;
        lab.migrate("acme", "third@acme.example", more)
            .await
            .is_error(400, error);
    }
    lab.migrate("acme", "nobody", sha_1())
        .await
        .is_error(400, "invalid_email");
    lab.migrate("nowhere", NEW, sha_1())
        .await
        .is_error(404, "organization_not_found");
}

/// A weak migrated password counts as breached, and must be reset at the first sign-in.
#[tokio::test]
async fn a_breached_password_must_be_reset() {
    let lab = Lab::start().await;
    let password =
        json!({ "hash_type": "sha_1", "hash": "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8" });
    lab.migrate("acme", NEW, password).await.ok();
    lab.use_password("acme", NEW, "password", json!({}))
        .await
        .is_error(400, "member_reset_password");
    lab.set_password("acme", NEW, GOOD).await;
    lab.use_password("acme", NEW, GOOD, json!({})).await.ok();
}

/// Each organization is migrated separately.
#[tokio::test]
async fn with_shared_passwords_each_organization_is_migrated_with_the_same_hash() {
    let settings = PasswordSettings {
        cross_org_passwords_enabled: true,
        ..PasswordSettings::default()
    };
    let lab = Lab::start().await.with_passwords(settings);
    let first = lab.migrate("acme", ADA, sha_1()).await.ok();
    lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
    lab.use_password("oneil", ADA, GOOD, json!({}))
        .await
        .is_error(404, "member_password_not_found");
    let other = json!({ "hash_type": "sha_1", "hash": "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8" });
    lab.migrate("oneil", ADA, other)
        .await
        .is_error(400, "password_already_exists");
    let second = lab.migrate("oneil", ADA, sha_1()).await.ok();
    assert_eq!(
        text(&first["member"]["member_password_id"]),
        text(&second["member"]["member_password_id"])
    );
    lab.use_password("oneil", ADA, GOOD, json!({})).await.ok();
}
