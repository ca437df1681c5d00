//! What the sandbox costs, in processor time of its process: `cargo bench -p stytch-sandbox --bench sandbox`. Linux only.
//!
//! Each figure stands next to its limit. The program ends with status 1 if one is missed. Other work on the machine makes
//! figures larger, by the caches that it shares, so close other programs first.

mod calls;
mod program;
mod report;

use std::{process::ExitCode, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use calls::{CALLS, scan, seed};
use program::{PATH, Program, World};
use report::{Report, micros};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::json;

/// How many times the cost a call may have in a large setting. More than 1 for the caches of the processor: the search
/// trees of a large world do not fit into them.
const FLAT: f64 = 1.25;

/// The processor time for which each setting of a comparison is run at least.
const ENOUGH: Duration = Duration::from_millis(400);

/// Number of turns for a login and its signatures, of which the median counts.
const TURNS: usize = 7;

fn main() -> ExitCode {
    let mut report = Report::default();
    size_and_start(&mut report);
    login(&mut report);
    worlds(&mut report);
    members(&mut report);
    if report.missed == 0 {
        ExitCode::SUCCESS
    } else {
        println!("\n{} missed", report.missed);
        ExitCode::FAILURE
    }
}

fn size_and_start(report: &mut Report) {
    println!("\nThe program");
    let bytes = std::fs::metadata(PATH).expect("the program").len();
    let bytes = u32::try_from(bytes).expect("less than 4 GB");
    report.at_most("size", f64::from(bytes) / 1e6, 8.0, "MB");
    let mut starts: Vec<Duration> = (0..21).map(|_| Program::start().started_in).collect();
    starts.sort();
    let middle = micros(starts[starts.len() / 2]) / 1e3;
    report.at_most("from the start to the first response", middle, 30.0, "ms");
}

fn login(report: &mut Report) {
    println!("\nA full login: consent by the control API, authenticate, exchange; processor time");
    let mut program = Program::start();
    let world = program.first.clone();
    let programs = std::slice::from_mut(&mut program);
    // In turns, because a machine changes its speed meanwhile.
    let mut turns = [(); TURNS].map(|()| {
        let [whole] = cost(programs, [(0, &world)], CALLS[0].1);
        let signature = signature();
        (whole.saturating_sub(signature * 2), whole, signature)
    });
    turns.sort();
    let (rest, whole, signature) = turns[TURNS / 2];
    println!("  whole login {:>33.0} µs", micros(whole));
    println!(
        "  each of its two signatures {:>18.0} µs",
        micros(signature)
    );
    report.at_most("without signatures", micros(rest), 500.0, "µs");
}

fn worlds(report: &mut Report) {
    println!("\nCalls with 1 world and with 2,000");
    let seed = seed(100);
    let mut programs = [Program::start(), Program::start()];
    let [few, many] = programs.each_mut().map(|program| program.create(&seed));
    for _ in 2..2_000 {
        programs[1].create(&json!("default"));
    }
    for (what, call) in CALLS {
        let costs = cost(&mut programs, [(0, &few), (1, &many)], call);
        report.flat(what, costs, FLAT);
    }
}

fn members(report: &mut Report) {
    println!("\nCalls in a world of 100 members and in one of 50,000");
    let mut programs = [Program::start()];
    let [few, many] = [100, 50_000].map(|members| programs[0].create(&seed(members)));
    for (what, call) in CALLS {
        let costs = cost(&mut programs, [(0, &few), (0, &many)], call);
        report.flat(what, costs, FLAT);
    }
    let world = programs[0].create(&seed(10_000));
    let [time] = cost(&mut programs, [(0, &world)], scan);
    report.at_most(
        "search by part of an address, 10,000 members",
        micros(time) / 1e3,
        3.0,
        "ms",
    );
}

/// The processor time of one call in each of the worlds, in turns, so that a busy machine slows all of them. A world comes
/// with the number of its program.
fn cost<const N: usize>(
    programs: &mut [Program],
    worlds: [(usize, &World); N],
    call: fn(&mut Program, &World),
) -> [Duration; N] {
    let mut took = [(Duration::ZERO, 0); N];
    for (program, world) in worlds {
        (0..20).for_each(|_| call(&mut programs[program], world)); // warms up
    }
    while took.iter().any(|(time, _)| *time < ENOUGH) {
        for ((program, world), (time, calls)) in worlds.iter().zip(&mut took) {
            let program = &mut programs[*program];
            let before = program.processor_time();
            (0..200).for_each(|_| call(program, world));
            *time += program.processor_time().saturating_sub(before);
            *calls += 200;
        }
    }
    took.map(|(time, calls)| time / calls)
}

/// The key with which the sandbox signs.
fn key() -> RsaKeyPair {
    let pem = include_str!("../../src/model/keys/NOT-A-SECRET-sandbox-signing-key.pem");
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(base64).expect("base64");
    RsaKeyPair::from_pkcs8(&der).expect("an RSA key")
}

/// The processor time of one RS256 signature with a key of 2048 bits.
fn signature() -> Duration {
    const SIGNATURES: u32 = 500;
    let key = key();
    let (random, text) = (SystemRandom::new(), [b'a'; 1_000]);
    let mut signature = vec![0; key.public().modulus_len()];
    let mut sign = || key.sign(&RSA_PKCS1_SHA256, &random, &text, &mut signature);
    (0..50).for_each(|_| sign().expect("a signature"));
    let before = own_time();
    (0..SIGNATURES).for_each(|_| sign().expect("a signature"));
    own_time().saturating_sub(before) / SIGNATURES
}

/// The processor time of this process, which has one thread.
fn own_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux's /proc");
    let nanoseconds = text.split(' ').next().and_then(|it| it.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a number"))
}
