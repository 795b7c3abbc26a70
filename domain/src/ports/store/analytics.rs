//! Figures: who is to be counted anew, and what the marks add up to.

use async_trait::async_trait;

use super::{Page, Stored};
use crate::analytics::{Marked, Recount, Story, Tally};
use crate::id::{CustomerId, WorkspaceId};
use crate::time::Timestamp;

/// A customer to be counted anew, with the right to say what it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recounting {
    /// Who.
    pub customer: CustomerId,
    /// Changes when the customer changes meanwhile; what was counted then still stands, and they are counted again.
    pub ticket: i64,
}

/// Days of the business, both within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: i64,
    /// The last.
    pub to: i64,
}

/// Counted marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted<'a> {
    /// Of what.
    pub measure: &'a str,
    /// Of this kind only.
    pub a: Option<&'a str>,
    /// Of this other kind only.
    pub b: Option<&'a str>,
    /// On these days.
    pub days: Days,
}

/// Figures. Whatever changes a customer puts them among those to be counted anew, in the transaction that changes them;
/// reports read sums by day, so that their cost grows with days and kinds and not with conversations.
#[async_trait]
pub trait Analytics {
    /// Customers to be counted anew at this business time, those that wait longest first.
    async fn recounts(&self, workspace: &WorkspaceId, now: Timestamp, limit: usize) -> Stored<Vec<Recounting>>;

    /// The story of a customer from a moment on: from the beginning when they have never been counted. `None`: there is no such
    /// record of its own any more.
    async fn story(&self, workspace: &WorkspaceId, customer: CustomerId, since: Timestamp) -> Stored<Option<Story>>;

    /// Puts new marks of these customers in the place of the old ones and brings the sums up to date, in one transaction.
    /// Safe to repeat.
    async fn recounted(&self, workspace: &WorkspaceId, counted: Vec<(Recounting, Recount)>) -> Stored<()>;

    /// The sums of some measures over days, day by day or all in one.
    async fn tallies(&self, workspace: &WorkspaceId, measures: &[&str], days: Days, by_day: bool) -> Stored<Vec<Tally>>;

    /// How many customers are behind a figure.
    async fn customers_behind(&self, workspace: &WorkspaceId, which: Counted<'_>) -> Stored<i64>;

    /// The marks behind a figure, the latest day first.
    async fn behind(&self, workspace: &WorkspaceId, which: Counted<'_>, cursor: Option<&str>, limit: usize) -> Stored<Page<Marked>>;
}
