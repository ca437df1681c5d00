//! Random sequences of steps for [`super::properties`].

use proptest::prelude::*;
use proptest::sample::select;

use super::random_sso::{self, SsoStep};
use super::reference::Login;

const ORGANIZATIONS: [&str; 5] = ["acme", "globex", "initech", "hooli", "oneil"];

/// The cast's accounts.
const LOGINS: [Login; 11] = [
    login("ada@acme.example", "google", true, None),
    login("ada@acme.example", "microsoft", true, None),
    login("grace@acme.example", "google", true, None),
    login("grace@acme.example", "github", false, None),
    login("hal@hooli.example", "google", true, None),
    login("dave@hooli.example", "github", false, Some("9001")),
    login("dave@hooli.example", "slack", false, Some("T-HOOLI")),
    login("dave@hooli.example", "hubspot", false, Some("7007")),
    login("erin@freemail.example", "google", false, None),
    login("bob@globex.example", "google", true, None),
    login("mallory@evil.example", "google", true, None),
];

const fn login(
    email: &'static str,
    provider: &'static str,
    proves: bool,
    tenant: Option<&'static str>,
) -> Login {
    Login {
        email,
        provider,
        proves,
        tenant,
        only_in: None,
    }
}

/// Memberships of the cast. Most steps use these, so that sequences are realistic.
const AT_HOME: [(&str, &str); 6] = [
    ("acme", "ada@acme.example"),
    ("acme", "grace@acme.example"),
    ("oneil", "ada@acme.example"),
    ("globex", "bob@globex.example"),
    ("hooli", "hal@hooli.example"),
    ("hooli", "dave@hooli.example"),
];

/// One step. Numbers count back from the newest, which is 0.
#[derive(Clone, Debug)]
pub enum Step {
    /// A consent, for discovery or for an organization.
    Approve(Login, Option<&'static str>),
    Discover {
        token: usize,
    },
    Exchange {
        ist: usize,
        organization: &'static str,
    },
    Create {
        ist: usize,
    },
    Authenticate {
        token: usize,
        ist: Option<usize>,
    },
    UseSession(usize),
    /// Exchanges a session for one in the organization with the slug, if that is another one.
    Switch(usize, &'static str),
    Revoke(usize),
    Minutes(u64),
    Policy(&'static str, Policy),
    Member(&'static str, &'static str, Change),
    /// Sets this member's password by email, to one of a few.
    SetPassword(&'static str, &'static str, usize),
    UsePassword {
        organization: &'static str,
        email: &'static str,
        password: usize,
        ist: Option<usize>,
    },
    /// A call about this member's second factor, in the organization with the slug.
    Second(&'static str, &'static str, Factor, Argument),
    Sso(SsoStep),
}

/// A call about a second factor.
#[derive(Clone, Copy, Debug)]
pub enum Factor {
    /// A text message to a number that no member has.
    NewPhone,
    /// A text message to the member's number, and its code.
    UsePhone,
    NewTotp,
    UseTotp,
}

/// The session argument, counted back from the newest as in [`Step`].
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    Nothing,
    Session(usize),
    Ist(usize),
}

#[derive(Clone, Copy, Debug)]
pub enum Policy {
    /// Joining by the domain of this address.
    JoinByDomainOf(&'static str),
    JoinByInvitationOnly,
    JoinByGithub9001,
    OnlyGoogle,
    OnlyGithub,
    OnlyPassword,
    AllMethods,
    Mfa(bool),
    ClaimDomainOf(&'static str),
    ClaimNothing,
}

#[derive(Clone, Copy, Debug)]
pub enum Change {
    Lock(bool),
    Breakglass(bool),
    Unproven,
    Delete,
}

fn number() -> impl Strategy<Value = usize> {
    prop_oneof![6 => Just(0usize), 2 => Just(1), 1 => 2..5usize]
}

/// An organization and an account, mostly of one of its members.
fn pair() -> impl Strategy<Value = (&'static str, Login)> {
    let of = |email: &str| {
        let accounts = LOGINS.into_iter().filter(|it| it.email == email);
        accounts.collect::<Vec<_>>()
    };
    prop_oneof![
        3 => select(&AT_HOME[..]).prop_flat_map(move |(at, who)| (Just(at), select(of(who)))),
        1 => (select(&ORGANIZATIONS[..]), select(&LOGINS[..])),
    ]
}

fn policy() -> impl Strategy<Value = Policy> {
    let person = || select(&LOGINS[..]).prop_map(|it| it.email);
    prop_oneof![
        person().prop_map(Policy::JoinByDomainOf),
        Just(Policy::JoinByInvitationOnly),
        Just(Policy::JoinByGithub9001),
        Just(Policy::OnlyGoogle),
        Just(Policy::OnlyGithub),
        Just(Policy::OnlyPassword),
        Just(Policy::AllMethods),
        any::<bool>().prop_map(Policy::Mfa),
        person().prop_map(Policy::ClaimDomainOf),
        Just(Policy::ClaimNothing),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<bool>().prop_map(Change::Lock),
        any::<bool>().prop_map(Change::Breakglass),
        Just(Change::Unproven),
        Just(Change::Delete),
    ]
}

const FACTORS: [Factor; 4] = [
    Factor::NewPhone,
    Factor::UsePhone,
    Factor::NewTotp,
    Factor::UseTotp,
];

fn factor() -> impl Strategy<Value = Factor> {
    select(&FACTORS[..])
}

fn argument() -> impl Strategy<Value = Argument> {
    prop_oneof![
        1 => Just(Argument::Nothing),
        3 => number().prop_map(Argument::Session),
        3 => number().prop_map(Argument::Ist),
    ]
}

/// Two sign-ins of a person to their organization, where MFA may be required, and all calls about the person's second
/// factors in any order, and some more.
fn second_factors() -> impl Strategy<Value = Vec<Step>> {
    let at_home = select(&AT_HOME[..]).prop_flat_map(|(at, who)| {
        let accounts = LOGINS.into_iter().filter(move |it| it.email == who);
        (Just(at), select(accounts.collect::<Vec<_>>()))
    });
    let each = Just(FACTORS.to_vec()).prop_shuffle();
    let more = prop::collection::vec(factor(), 0..4);
    let arguments = prop::collection::vec(argument(), 8);
    let parts = (at_home, any::<bool>(), each, more, arguments);
    parts.prop_map(|((at, login), required, each, more, arguments)| {
        let sign_in = [
            Step::Approve(login, Some(at)),
            Step::Authenticate {
                token: 0,
                ist: None,
            },
        ];
        let mut steps = vec![Step::Policy(at, Policy::Mfa(required))];
        steps.extend([sign_in.clone(), sign_in].concat());
        let calls = each.into_iter().chain(more).zip(arguments);
        let call = |(factor, argument)| Step::Second(at, login.email, factor, argument);
        steps.extend(calls.map(call));
        steps
    })
}

/// The number of one of the two passwords.
fn password() -> impl Strategy<Value = usize> {
    0..2usize
}

/// A member sets a password and uses it.
fn passwords() -> impl Strategy<Value = Vec<Step>> {
    let uses = prop::collection::vec((password(), prop::option::of(number())), 1..4);
    (select(&AT_HOME[..]), any::<bool>(), password(), uses).prop_map(
        |((at, email), required, set, uses)| {
            let mut steps = vec![
                Step::Policy(at, Policy::Mfa(required)),
                Step::SetPassword(at, email, set),
            ];
            let call = |(password, ist)| Step::UsePassword {
                organization: at,
                email,
                password,
                ist,
            };
            steps.extend(uses.into_iter().map(call));
            steps
        },
    )
}

/// Several steps together: complete logins, or sometimes a single step.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let discovery = pair().prop_map(|(organization, login)| {
        vec![
            Step::Approve(login, None),
            Step::Discover { token: 0 },
            Step::Exchange {
                ist: 0,
                organization,
            },
        ]
    });
    let sign_in = (pair(), prop::option::of(number())).prop_map(|((organization, login), ist)| {
        vec![
            Step::Approve(login, Some(organization)),
            Step::Authenticate { token: 0, ist },
        ]
    });
    let alone = prop_oneof![
        2 => (pair(), any::<bool>()).prop_map(|((at, login), here)| Step::Approve(login, here.then_some(at))),
        2 => number().prop_map(|token| Step::Discover { token }),
        3 => (number(), pair()).prop_map(|(ist, (organization, _))| Step::Exchange { ist, organization }),
        1 => number().prop_map(|ist| Step::Create { ist }),
        2 => (number(), prop::option::of(number())).prop_map(|(token, ist)| Step::Authenticate { token, ist }),
        3 => number().prop_map(Step::UseSession),
        3 => (number(), pair()).prop_map(|(session, (at, _))| Step::Switch(session, at)),
        1 => number().prop_map(Step::Revoke),
        2 => select(&[1, 4, 6, 10, 50][..]).prop_map(Step::Minutes),
        3 => (pair(), policy()).prop_map(|((at, _), policy)| Step::Policy(at, policy)),
        3 => (pair(), change()).prop_map(|((at, who), it)| Step::Member(at, who.email, it)),
        1 => (pair(), password()).prop_map(|((at, who), password)| Step::SetPassword(at, who.email, password)),
        2 => (pair(), password(), prop::option::of(number())).prop_map(|((organization, who), password, ist)| Step::UsePassword { organization, email: who.email, password, ist }),
        3 => (pair(), factor(), argument()).prop_map(|((at, who), it, with)| Step::Second(at, who.email, it, with)),
    ];
    let sso = random_sso::steps().prop_map(|steps| steps.into_iter().map(Step::Sso).collect());
    prop_oneof![2 => discovery, 2 => sign_in, 2 => second_factors(), 2 => passwords(), 3 => sso, 6 => alone.prop_map(|it| vec![it])]
}
