//! What runs beside the requests: turns, deliveries, timers, sources, doors that listen, backups, the index of search,
//! customers who may be one person. Work is a row; a job only carries it out, and sleeps until a bell rings or something is due.

mod alerts;
mod attachments;
mod audit;
pub mod backups;
mod bus;
pub mod calls;
mod choices;
pub mod crawl;
pub mod crew;
pub mod due;
pub mod duplicates;
mod figures;
mod handing;
mod knowledge;
pub mod listening;
mod meanings;
mod search;
pub mod sla;
mod standing;
mod work;

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::app::App;

/// Starts them all; they end when the server stops.
pub fn start(app: &App) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    let changes = (app.storage.changes)();
    let hub = App::clone(app);
    jobs.spawn(async move {
        tokio::select! {
            () = hub.hub.run(changes) => {}
            () = hub.stopped() => {}
        }
    });
    jobs.spawn(work::turns(Arc::clone(app)));
    jobs.spawn(work::deliveries(Arc::clone(app)));
    jobs.spawn(work::timers(Arc::clone(app)));
    jobs.spawn(work::time(Arc::clone(app)));
    jobs.spawn(knowledge::run(Arc::clone(app)));
    jobs.spawn(listening::run(Arc::clone(app)));
    jobs.spawn(backups::run(Arc::clone(app)));
    jobs.spawn(bus::run(Arc::clone(app)));
    jobs.spawn(attachments::run(Arc::clone(app)));
    jobs.spawn(duplicates::run(Arc::clone(app)));
    jobs.spawn(alerts::run(Arc::clone(app)));
    jobs.spawn(figures::run(Arc::clone(app)));
    jobs.spawn(handing::run(Arc::clone(app)));
    jobs.spawn(calls::run(Arc::clone(app)));
    jobs.spawn(crate::voice::sip::run(Arc::clone(app)));
    jobs.spawn(standing::run(Arc::clone(app)));
    jobs.spawn(search::run(Arc::clone(app)));
    jobs.spawn(meanings::run(Arc::clone(app)));
    jobs.spawn(sla::run(Arc::clone(app)));
    jobs.spawn(due::run(Arc::clone(app)));
    jobs.spawn(audit::run(Arc::clone(app)));
    jobs.spawn(crawl::run(Arc::clone(app)));
    jobs.spawn(choices::run(Arc::clone(app)));
    jobs
}
