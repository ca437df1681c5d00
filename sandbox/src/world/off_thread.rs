//! Moves work off the threads of connections if it could delay others: long calls, and calls that would wait for a
//! world's lock.

use tokio::task::spawn_blocking;

use crate::world::World;

/// Runs the work on a thread for blocking work, and returns its result. A panic is resumed in the caller.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down, and the caller ends with it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Runs quick work of a world. It stays on this thread if nothing else uses the world, because changing threads twice
/// costs more than most calls.
pub async fn run_quick<T: Send + 'static>(
    world: &World,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    if world.is_idle() {
        work()
    } else {
        run(work).await
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::world::sandbox::Sandbox;

    #[test]
    fn quick_work_changes_the_thread_only_if_its_world_is_in_use() {
        let sandbox = Sandbox::new("http://localhost:3000");
        let world = sandbox.world();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime");
        let runs_here = || {
            let here = thread::current().id();
            let there = run_quick(&world, || thread::current().id());
            runtime.block_on(there) == here
        };
        assert!(runs_here());
        let in_use = world.lock();
        assert!(!runs_here());
        drop(in_use);
        assert!(runs_here());
    }
}
