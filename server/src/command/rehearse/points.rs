//! `rapport rehearse --faults --points`: which places a campaign visits, and which it cannot.

use rehearsal::bench::Server;
use rehearsal::faults::axe::{AxeError, Kills, Machine};
use rehearsal::faults::points;
use rehearsal::faults::vendors::Vendors;
use store::fail::{PLACES, VARIABLE};

/// On the way of messages, of their replies and of a start: the places that a campaign visits unless it is told others.
const ON_THE_WAY: [&str; 8] = [
    "intake.accept",
    "keys.write",
    "outbox.claim_delivery",
    "outbox.doubt_interrupted",
    "outbox.settle",
    "turns.claim",
    "turns.commit",
    "turns.void_leases",
];

/// The places of a campaign, each with both sides: those on the way of messages, or all whose name begins so.
pub(super) fn places(only: Option<&str>) -> Vec<String> {
    let is_meant = |place: &str| only.map_or_else(|| ON_THE_WAY.contains(&place), |only| place.starts_with(only));
    PLACES.iter().filter(|place| is_meant(place)).flat_map(|place| ["before", "after"].map(|side| format!("{place}/{side}"))).collect()
}

/// With one pass a first start dies at every so many statements of the migrations; with more passes at more of them.
const SPARSE: u64 = 20;

/// First starts on fresh folders that die at a statement of the migrations, until one passes them all.
pub(super) async fn births(vendors: &Vendors, passes: u64, folder: impl FnMut(u64) -> anyhow::Result<Machine>) -> anyhow::Result<u64> {
    points::births(VARIABLE, "schema.statement/before", SPARSE.div_ceil(passes), vendors, folder).await
}

/// Visits them all.
pub(super) async fn visit(
    machine: &Machine,
    vendors: &Vendors,
    places: &[String],
    passes: u64,
    struck: impl FnMut(&Kills),
) -> Result<(Server, Kills, Vec<String>), AxeError> {
    points::visit(machine, vendors, VARIABLE, places, passes, struck).await
}
