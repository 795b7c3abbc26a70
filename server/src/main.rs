//! The binary `rapport`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::command::run()
}
