//! Crews: workers of one kind, as many as the work wants. Who waits for somebody else's machine leaves the place to the next,
//! so that a slow model or vendor holds up nobody but those who wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::app::App;

/// Counts those who wait for somebody else's machine.
#[derive(Debug, Default)]
pub struct Waits {
    count: AtomicUsize,
    changed: Notify,
}

impl Waits {
    /// Counts as waiting until the value is dropped.
    pub fn enter(self: &Arc<Self>) -> Waiting {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_one();
        Waiting(Arc::clone(self))
    }

    /// How many wait now.
    pub fn now(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

/// Somebody waits.
#[derive(Debug)]
pub struct Waiting(Arc<Waits>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Workers of one kind.
#[derive(Debug)]
pub struct Crew {
    /// So many do not wait.
    places: usize,
    /// So many there are at most.
    most: usize,
    waits: Arc<Waits>,
    workers: AtomicUsize,
}

/// A worker's membership; a worker that is gone, also by a panic, leaves it.
#[derive(Debug)]
pub struct Place(Arc<Crew>);

impl Place {
    /// Those who waited have come back, and there are twice as many workers as places: fewer are kept, who would be wanted again
    /// in a moment.
    pub fn is_surplus(&self) -> bool {
        self.0.workers.load(Ordering::Relaxed) > 2 * self.0.places + self.0.waits.now()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.workers.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Crew {
    /// So many who do not wait, so many in all, and who counts the waiting.
    pub fn new(places: usize, most: usize, waits: Arc<Waits>) -> Arc<Self> {
        Arc::new(Self { places, most, waits, workers: AtomicUsize::new(0) })
    }

    fn place(self: &Arc<Self>) -> Option<Place> {
        let workers = self.workers.load(Ordering::Relaxed);
        let wanted = (self.places + self.waits.now()).min(self.most);
        (workers < wanted).then(|| {
            self.workers.fetch_add(1, Ordering::Relaxed);
            Place(Arc::clone(self))
        })
    }

    /// Keeps the crew complete until the server stops; then all have ended.
    pub async fn keep<F>(self: Arc<Self>, app: App, worker: impl Fn(App, Place) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut workers = JoinSet::new();
        while !*app.stopping.borrow() {
            while let Some(place) = self.place() {
                workers.spawn(worker(App::clone(&app), place));
            }
            tokio::select! {
                () = self.waits.changed.notified() => {}
                ended = workers.join_next() => {
                    if let Some(Err(error)) = ended {
                        tracing::error!(%error, "a worker broke off, another one takes its place");
                    }
                }
                () = app.stopped() => {}
            }
        }
        while workers.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_leaves_the_place_to_another_and_there_is_a_most() {
        let waits = Arc::new(Waits::default());
        let crew = Crew::new(2, 6, Arc::clone(&waits));
        let mut places: Vec<Place> = std::iter::from_fn(|| crew.place()).collect();
        assert_eq!(places.len(), 2);
        let waiting: Vec<Waiting> = (0..5).map(|_| waits.enter()).collect();
        places.extend(std::iter::from_fn(|| crew.place()));
        assert_eq!(places.len(), 6, "five wait, and six is the most");
        assert!(!places[0].is_surplus());
        drop(waiting);
        assert!(places[0].is_surplus());
        places.truncate(4);
        assert!(!places[0].is_surplus() && crew.place().is_none());
    }
}
