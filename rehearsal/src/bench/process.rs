//! The server under test as a process of its own, and what the system says it used.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The kernel counts processor time for user space in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// When it was spawned.
    pub spawned: Instant,
}

impl Server {
    /// Spawns `binary serve --config …` with these variables.
    pub fn spawn(binary: &Path, config: &Path, variables: &[(&str, String)], log: &Path) -> std::io::Result<Self> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log)?;
        let mut command = Command::new(binary);
        command.arg("serve").arg("--config").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        // Only what is named here: a database in the environment is somebody else's.
        command
            .env_remove("RAPPORT_SERVER__DATABASE_URL")
            .env("RAPPORT_LOG", "warn")
            .envs(variables.iter().map(|(name, value)| (*name, value)));
        let spawned = Instant::now();
        Ok(Self { child: command.spawn()?, spawned })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has it ended by itself?
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// What it used so far.
    pub fn usage(&self) -> Usage {
        usage(&self.id().to_string())
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a process used.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// User and system time, children that ended included.
    pub cpu: Duration,
    /// Memory now, bytes.
    pub rss: u64,
    /// Most memory so far, bytes.
    pub peak: u64,
    /// Bytes written to storage.
    pub written: u64,
}

/// What this process used.
pub fn own_usage() -> Usage {
    usage("self")
}

fn usage(process: &str) -> Usage {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{process}/{name}")).unwrap_or_default();
    let (status, io) = (read("status"), read("io"));
    let number = |text: &str, key: &str| -> u64 {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    };
    Usage {
        cpu: cpu(&read("stat")),
        rss: number(&status, "VmRSS:") * 1_024,
        peak: number(&status, "VmHWM:") * 1_024,
        written: number(&io, "write_bytes:"),
    }
}

/// Fields 14 to 17 of `/proc/<pid>/stat`; the second one, the name, may hold blanks.
fn cpu(stat: &str) -> Duration {
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u32 = rest.split_whitespace().skip(11).take(4).filter_map(|field| field.parse::<u32>().ok()).sum();
    TICK * ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_behind_a_name_with_blanks() {
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194560 1 0 0 0 30 20 4 1 20 0 9 0 1 1 1";
        assert_eq!(cpu(stat), Duration::from_millis(550));
    }

    #[test]
    fn this_process_has_memory() {
        assert!(own_usage().rss > 0);
    }
}
