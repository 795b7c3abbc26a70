//! The contract on both engines, and what only one of them can show.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod cost;
mod erasing;
mod examine;
mod postgres;
mod sealed;
mod sqlite;
