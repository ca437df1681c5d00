//! How fast the sandbox is, and whether it stays so as a world grows. `cargo bench --bench sandbox`.
//!
//! Criterion times one thing after the other; then a table tells what a single time cannot: logins per second with
//! both cores busy, the memory of a large world, and how much slower a world of 10 000 members is than one of 100.

mod lab;

use std::time::{Duration, Instant};

use criterion::Criterion;
use lab::{Lab, rss_kib};

const SMALL: usize = 100;
const LARGE: usize = 10_000;

fn main() {
    let mut criterion = Criterion::default()
        .configure_from_args()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    let lab = Lab::start();
    let world = lab.world(0);
    criterion.bench_function("reset of the built-in cast", |b| b.iter(|| world.reset()));
    criterion.bench_function("a full discovery login over HTTP", |b| {
        b.iter(|| lab.block_on(lab.login(&world)));
    });

    println!("\nWhat a single time cannot tell");
    let per_second = lab.logins_per_second(Duration::from_secs(3));
    println!("  logins per second, both cores busy      {per_second:>10.0}");

    let before = rss_kib();
    let large = lab.world(LARGE);
    let grown = rss_kib().saturating_sub(before);
    println!("  memory of a world of {LARGE} members      {grown:>10} KiB");
    let small = lab.world(SMALL);
    println!("\n                                           {SMALL:>6}      {LARGE}   ratio");
    for (what, ask) in lab::QUESTIONS {
        let [few, many] = [&small, &large].map(|world| median(|| lab.ask(world, ask)));
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        println!("  {what:<38}{few:>9.1?}{many:>11.1?}   {ratio:>5.2}");
    }
    let [few, many] = [&small, &large].map(|world| median(|| lab.block_on(lab.login(world))));
    let ratio = many.as_secs_f64() / few.as_secs_f64();
    println!(
        "  {:<38}{few:>9.1?}{many:>11.1?}   {ratio:>5.2}",
        "a full discovery login"
    );
    criterion.final_summary();
}

/// The middle of 200 times.
fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
