//! The real router on port 0 over SQLite in a throw-away folder.

mod access;
mod batch;
mod description;
mod doctor;
mod doors;
mod links;
mod own_rules;
mod server;
mod speaking;
mod vendors;
