//! Work that may block for long (files, `getaddrinfo`), on threads beside the one that asks: neither
//! the signaling thread nor the engine's end waits for it. So many run at once; who comes then waits
//! for one to end, and whoever waited long enough is told so.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, oneshot},
    time::{Instant, timeout_at},
};

/// So many threads at most, made when there is work and gone when it is done. Copies share them.
#[derive(Clone, Debug)]
pub struct Aside(Arc<Semaphore>);

impl Aside {
    /// At most `threads` at once.
    pub fn new(threads: usize) -> Self {
        Self(Arc::new(Semaphore::new(threads)))
    }

    /// Does the work on a thread and gives its result, within `patience`. A thread whose result nobody
    /// waits for any more keeps its place until it is done.
    ///
    /// Errors: `TimedOut` with the reason; others when there can be no thread.
    pub async fn run<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let end = Instant::now() + patience;
        let late = |text| io::Error::new(io::ErrorKind::TimedOut, text);
        let place = timeout_at(end, Arc::clone(&self.0).acquire_owned()).await;
        let place = place.map_err(|_| late("too many others wait for the system's answer"))?;
        let place = place.map_err(io::Error::other)?;
        let (result, answer) = oneshot::channel();
        let thread = std::thread::Builder::new().name("sidetone-lookup".to_owned());
        thread.stack_size(512 * 1024).spawn(move || {
            // Whoever asked may have given up.
            let _ = result.send(work());
            drop(place);
        })?;
        match timeout_at(end, answer).await {
            Ok(answer) => answer.map_err(|_| io::Error::other("the look-up failed")),
            Err(_) => Err(late("the system does not answer")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn one_that_hangs_holds_its_place_and_who_comes_then_waits_and_is_told() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let aside = Aside::new(1);
            let (release, held) = mpsc::channel::<()>();
            let hung = aside.run(Duration::ZERO, move || held.recv()).await;
            assert_eq!(hung.unwrap_err().to_string(), "the system does not answer");
            let excess = aside.run(Duration::ZERO, || panic!("there is no room")).await;
            let excess: io::Result<()> = excess;
            assert_eq!(
                excess.unwrap_err().to_string(),
                "too many others wait for the system's answer"
            );
            let (waits, _) = tokio::join!(aside.run(Duration::from_secs(20), || 7), async {
                release.send(()).unwrap();
            });
            assert_eq!(waits.unwrap(), 7, "the place is free again");
        });
    }
}
