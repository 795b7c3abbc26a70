//! The command line. Exit codes: 0 it worked, 1 the result is bad, 2 wrong use or configuration.

mod apply;
mod backup;
mod bench;
mod classify;
mod configuration;
mod customers;
mod decode;
mod demo;
mod doctor;
mod erase;
mod evaluate;
mod export;
mod knowledge;
mod link;
mod person;
mod recall;
mod rehearse;
mod resolve;
mod restore;
mod serve;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Configuration, Given, Problems};
use crate::wiring::available_doors;

/// One brain with many doors: customers are met as people we know, whichever channel they write on.
#[derive(Debug, Parser)]
#[command(name = "rapport", version, about, propagate_version = true, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server.
    Serve(serve::Options),
    /// Runs the server with a demo business, simulated vendors and the playground.
    Demo(demo::Options),
    /// Adds or updates a workspace.
    Apply(apply::Options),
    /// Puts documents in, lists them, answers a question from them.
    Knowledge(knowledge::Options),
    /// Imports customers from a file, lists imports, undoes one.
    Customers(customers::Options),
    /// Plays journeys against the real server over HTTP and prints a continuity score.
    Rehearse(rehearse::Options),
    /// Says which messages of a history answer a question: JSON lines in, JSON lines out.
    Recall(recall::Options),
    /// Learns labels from examples, then labels texts: JSON lines in, JSON lines out.
    Classify,
    /// Proposes records that may be one person's: JSON lines in, JSON lines out.
    Link(link::Options),
    /// Says who is who from what came through each identifier: JSON lines in, JSON lines out.
    Resolve,
    /// Measures the built-in engine on labelled dialogues; exit code 1 below the bar.
    Evaluate(evaluate::Options),
    /// Measures load and latency of the server, beside the limits of the machine.
    Bench(bench::Options),
    /// Says what a door makes of vendors' events: JSON lines in, JSON lines out.
    Decode,
    /// Looks for what would keep the server from working.
    Doctor(doctor::Options),
    /// Copies the data folder while the server goes on.
    Backup(backup::Options),
    /// Makes a backup a data folder again, without anybody who was erased since.
    Restore(restore::Options),
    /// Writes everything about a person as one JSON document.
    Export(export::Options),
    /// Takes a person away for good, here and in every backup within reach.
    Erase(erase::Options),
    /// About the configuration file.
    Config(configuration::Options),
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
struct ConfigFile {
    /// Configuration file.
    #[arg(long, value_name = "FILE", default_value = "rapport.toml")]
    config: PathBuf,
}

impl ConfigFile {
    fn load(&self) -> anyhow::Result<Configuration> {
        load(&self.config)
    }
}

/// Reads a configuration with the process's environment.
fn load(path: &Path) -> anyhow::Result<Configuration> {
    let variables: Vec<(String, String)> =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
    let given = Given { variables: &variables, available: &available_doors() };
    Ok(config::load(path, &given)?)
}

/// The result is bad, and has been told already: exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("the result is below the bar")]
struct BadResult;

/// Runs the program.
pub fn run() -> ExitCode {
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nobody is left to tell when the terminal is gone.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    // reqwest and the servers share one TLS provider; a second installation changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    start_logs(&line.command);
    let outcome = match line.command {
        Command::Serve(options) => serve::run(&options),
        Command::Demo(options) => demo::run(&options),
        Command::Apply(options) => apply::run(&options),
        Command::Knowledge(options) => knowledge::run(&options),
        Command::Customers(options) => customers::run(&options),
        Command::Rehearse(options) => rehearse::run(&options),
        Command::Recall(options) => recall::run(&options),
        Command::Classify => classify::run(),
        Command::Link(options) => link::run(&options),
        Command::Resolve => resolve::run(),
        Command::Evaluate(options) => evaluate::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Decode => decode::run(),
        Command::Doctor(options) => doctor::run(&options),
        Command::Backup(options) => backup::run(&options),
        Command::Restore(options) => restore::run(&options),
        Command::Export(options) => export::run(&options),
        Command::Erase(options) => erase::run(&options),
        Command::Config(options) => configuration::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<BadResult>() => ExitCode::from(1),
        Err(error) => {
            let code = if error.is::<Problems>() { 2 } else { 1 };
            let _ = writeln!(std::io::stderr(), "rapport: {}", escaped(&format!("{error:#}")));
            ExitCode::from(code)
        }
    }
}

/// Text for a terminal: control characters besides the line break are shown, not obeyed.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|letter| {
            let is_safe = letter == '\n' || !letter.is_control();
            let plain = is_safe.then_some(letter);
            plain.into_iter().chain((!is_safe).then(|| letter.escape_default()).into_iter().flatten())
        })
        .collect()
}

/// Says something to whoever runs the command.
fn say(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

fn start_logs(command: &Command) {
    use std::io::IsTerminal;
    // In a simulation everything that can go wrong does; what must not is told by its report.
    let usual = match command {
        Command::Rehearse(options) if options.simulates() => "off",
        _ => "info,sqlx=warn,hyper=warn,reqwest=warn,rsipstack=error",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("RAPPORT_LOG").unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(usual));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second start within one process keeps the first.
    let _ = if std::io::stderr().is_terminal() { logs.try_init() } else { logs.with_ansi(false).json().try_init() };
}

/// A thread for what blocks ends after so long without work.
const IDLE_THREAD: std::time::Duration = std::time::Duration::from_secs(2);

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    // Threads for what blocks come and go: one that waits for work keeps its stack.
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().thread_keep_alive(IDLE_THREAD).build()?)
}
