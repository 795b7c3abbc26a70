//! The real router on port 0 over SQLite in a throw-away folder.

mod access;
mod actions;
mod attachments;
mod batch;
mod description;
mod dialogues;
mod doctor;
mod doors;
mod duplicates;
mod imports;
mod later;
mod likeness;
mod links;
mod models;
mod own_rules;
mod phone;
mod privacy;
mod recall;
mod search;
mod server;
mod sip;
mod sound;
mod standing;
mod team;
mod vendors;
