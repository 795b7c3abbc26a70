//! Counters in the text format of Prometheus; no names or ids in labels.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ports::LedgerCounts;

use crate::app::{App, Shared};
use crate::auth::caller::identify;
use crate::auth::peer::Peer;
use crate::auth::scope::Scope;
use crate::jobs::backups::{self, Standing};
use crate::problem::Problem;
use crate::time::real_now;

/// What the server counts.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, u16), u64>>,
    /// Events accepted from doors.
    pub accepted: AtomicU64,
    /// Requests of vendors refused.
    pub refused: AtomicU64,
    /// Events of kinds that change nothing.
    pub ignored: AtomicU64,
    /// Turns run.
    pub turns: AtomicU64,
    /// Deliveries attempted.
    pub deliveries: AtomicU64,
    /// Timers run.
    pub timers: AtomicU64,
    /// Open widget connections.
    pub sockets: AtomicU64,
    /// What other servers on the same database told over the bus.
    pub rings_heard: AtomicU64,
}

impl Metrics {
    /// One more.
    pub fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn request(&self, route: String, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *requests.entry((route, status)).or_insert(0) += 1;
    }

    /// The exposition.
    pub fn render(&self, ledger: &LedgerCounts, uptime: std::time::Duration) -> String {
        let mut out = String::with_capacity(2_048);
        let mut single = |name: &str, kind: &str, about: &str, value: u64| {
            // Writing to a string cannot fail.
            let _ = write!(out, "# HELP {name} {about}\n# TYPE {name} {kind}\n{name} {value}\n");
        };
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        single("rapport_uptime_seconds", "gauge", "Time since start.", uptime.as_secs());
        single("rapport_inbound_events_total", "counter", "Events accepted from doors.", read(&self.accepted));
        single("rapport_hook_refusals_total", "counter", "Vendor requests refused.", read(&self.refused));
        single("rapport_inbound_ignored_total", "counter", "Vendor events that change nothing.", read(&self.ignored));
        single("rapport_turns_total", "counter", "Turns run.", read(&self.turns));
        single("rapport_deliveries_total", "counter", "Deliveries attempted.", read(&self.deliveries));
        single("rapport_timers_total", "counter", "Timers run.", read(&self.timers));
        single("rapport_widget_connections", "gauge", "Open widget connections.", read(&self.sockets));
        single("rapport_bus_heard_total", "counter", "Rings of other servers on the same database.", read(&self.rings_heard));
        out.push_str("# HELP rapport_ledger_messages Messages by state.\n# TYPE rapport_ledger_messages gauge\n");
        for (state, count) in [
            ("open", ledger.open),
            ("answered", ledger.answered),
            ("handed_over", ledger.handed_over),
            ("ignored_by_rule", ledger.ignored_by_rule),
            ("quarantined", ledger.quarantined),
        ] {
            let _ = writeln!(out, "rapport_ledger_messages{{state=\"{state}\"}} {count}");
        }
        out.push_str("# HELP rapport_http_requests_total Requests by route and status.\n# TYPE rapport_http_requests_total counter\n");
        let requests = self.requests.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for ((route, status), count) in requests.iter() {
            let _ = writeln!(out, "rapport_http_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}");
        }
        out
    }
}

/// Counts each request under its route, never under its address.
pub async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let route =
        request.extensions().get::<axum::extract::MatchedPath>().map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    app.metrics.request(route, response.status().as_u16());
    response
}

/// `GET /metrics`: on loopback, or with a token that has the scope.
pub async fn show(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let headers = request.headers();
    let peer = request.extensions().get::<Peer>();
    // Behind a proxy every request comes from loopback.
    let is_local = !app.settings.behind_proxy && peer.is_some_and(|peer| peer.0.ip().is_loopback());
    if !is_local && !identify(&app, headers).await?.is_some_and(|caller| caller.has(Scope::Metrics)) {
        return Err(Problem::unauthorized());
    }
    exposition(&app).await
}

/// The exposition over all workspaces.
pub async fn exposition(app: &Shared) -> Result<Response, Problem> {
    let mut all = LedgerCounts::default();
    let workspaces = app.wired.load().workspaces.clone();
    for workspace in &workspaces {
        let (counts, _) = app.store().ledger(workspace, None, None, 1).await?;
        all.open += counts.open;
        all.answered += counts.answered;
        all.handed_over += counts.handed_over;
        all.ignored_by_rule += counts.ignored_by_rule;
        all.quarantined += counts.quarantined;
        all.accepted += counts.accepted;
    }
    let mut text = app.metrics.render(&all, app.started.elapsed());
    let (settings, up) = (app.settings.clone(), app.started.elapsed());
    let standing = tokio::task::spawn_blocking(move || backups::standing(&settings, real_now(), up)).await;
    if let Ok(Standing { newest, late, .. }) = standing {
        let late = u8::from(late);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "# HELP rapport_backup_late A backup that was due is missing.\n# TYPE rapport_backup_late gauge\nrapport_backup_late {late}\n"
        );
        if let Some(taken) = newest {
            let age = real_now().since(taken).as_secs();
            let _ = write!(
                text,
                "# HELP rapport_backup_age_seconds Age of the newest backup.\n# TYPE rapport_backup_age_seconds gauge\nrapport_backup_age_seconds {age}\n"
            );
        }
    }
    let calls = app.switchboard.connected();
    // Writing to a string cannot fail.
    let _ = write!(text, "# HELP rapport_calls Phone calls under way.\n# TYPE rapport_calls gauge\nrapport_calls {calls}\n");
    let refusals = app.trunks.refusals();
    if !refusals.is_empty() {
        text.push_str(
            "# HELP rapport_sip_refusals_total Requests over SIP refused, or not answered.\n# TYPE rapport_sip_refusals_total counter\n",
        );
        for (why, count) in refusals {
            let _ = writeln!(text, "rapport_sip_refusals_total{{why=\"{why}\"}} {count}");
        }
    }
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
