//! The server: configuration, API, access, jobs, pages and commands; introduces the other crates to each other.
//!
//! No product decisions are made here.

pub mod alerting;
pub mod api;
pub mod app;
pub mod auth;
pub mod batch;
pub mod choices;
pub mod command;
pub mod config;
pub mod demo;
pub mod documents;
pub mod embedder;
mod health;
pub mod hooks;
pub mod jobs;
pub mod library;
pub mod live;
pub mod mcp;
pub mod metrics;
pub mod models;
pub mod playground;
pub mod presence;
pub mod problem;
pub mod serving;
pub mod sheet;
pub mod silent;
pub mod simulated;
pub mod speech;
pub mod storage;
pub mod time;
pub mod tls;
pub mod voice;
pub mod web;
pub mod widget;
pub mod wiring;
