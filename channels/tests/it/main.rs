//! Every door against recorded payloads, published signature vectors and its vendor's own specification.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod continuing;
mod decoding;
mod discord;
mod discord_events;
mod enclosing;
mod fetching;
mod fuzz;
mod held_out;
mod mail_words;
mod mails;
mod meta;
mod name_server;
mod opening;
mod pacing;
mod post;
mod postoffice;
mod properties;
mod rcs;
mod refusing;
mod sending;
mod signing;
mod standings;
mod stub;
mod table;
mod tokens;
mod toy;
mod unseen;
mod voice;
mod world;
