//! `rapport doctor`: looks for what would keep the server from working.

use crate::config::Place;
use crate::jobs::backups::standing;
use crate::library::Sources;
use crate::time::real_now;
use crate::wiring::{examine_storage, open_storage, vendor_client};
use domain::ports::Knowledge as _;

use super::{BadResult, ConfigFile, runtime, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    file: ConfigFile,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let configuration = options.file.load()?;
    say("ok    configuration")?;
    let mut faults = 0;
    let mut report = |what: &str, found: Result<String, String>| -> anyhow::Result<()> {
        match found {
            Ok(detail) => say(&format!("ok    {what}  {detail}")),
            Err(why) => {
                faults += 1;
                say(&format!("FAULT {what}  {why}"))
            }
        }
    };
    // Opening would end the leases of a server that runs on this data, so what is there is only looked at.
    let place = configuration.server.data_dir.display();
    match runtime()?.block_on(examine_storage(&configuration.server)) {
        Ok(Some(findings)) => {
            report("store", Ok(place.to_string()))?;
            for finding in &findings {
                report("invariant", invariant(finding))?;
            }
        }
        Ok(None) => {
            let opened = runtime()?.block_on(async { open_storage(&configuration.server).await.map(drop) });
            report("store", opened.map(|()| format!("{place}, nothing stored yet")).map_err(|error| format!("{error:#}")))?;
        }
        Err(error) => report("store", Err(format!("{error:#}")))?,
    }
    if configuration.server.database_url.is_none() {
        let standing = standing(&configuration.server, real_now(), std::time::Duration::ZERO);
        let newest = standing.newest.map_or_else(|| "none within reach".to_owned(), |at| format!("the newest is of {}", at.to_rfc3339()));
        report("backup", if standing.late { Err(format!("{newest}; it is late")) } else { Ok(newest) })?;
    }
    match std::net::TcpListener::bind(configuration.server.listen) {
        Ok(_) => report("listen", Ok(configuration.server.listen.to_string()))?,
        Err(error) => report("listen", Ok(format!("{} is in use ({error}); is the server running?", configuration.server.listen)))?,
    }
    let http = vendor_client()?;
    for workspace in &configuration.workspaces {
        for settings in &workspace.connections {
            let found = channels::open(settings, &http).map(|_| settings.channel.label().to_owned());
            report(&format!("connection {}", settings.id), found.map_err(|error| error.to_string()))?;
        }
        let sources = Sources::default();
        for source in &workspace.knowledge {
            let path = source.folder(&configuration.server.data_dir, &workspace.settings.id);
            let found = match &source.place {
                _ if path.exists() => {
                    sources.sync(&workspace.settings.id, &source.id, &path, real_now());
                    Ok(path.display().to_string())
                }
                Place::Site(site) => Ok(format!("{}, not read yet", site.sitemap)),
                Place::Folder(_) => Err(format!("{} does not exist", path.display())),
            };
            report(&format!("knowledge {}", source.id), found)?;
        }
        let states = sources.sources(&workspace.settings.id);
        let skipped = states.iter().filter(|state| state.skipped.is_some()).count();
        report(&format!("sources of {}", workspace.settings.id), Ok(format!("{} read, {skipped} skipped", states.len() - skipped)))?;
    }
    if faults == 0 { Ok(()) } else { Err(BadResult.into()) }
}

/// An invariant in one line.
pub(super) fn invariant(finding: &store::Finding) -> Result<String, String> {
    let store::Finding { name, promise, violations, examples, omitted } = finding;
    if finding.holds() {
        let omitted = omitted.map(|why| format!(" (not looked at: {why})")).unwrap_or_default();
        return Ok(format!("{name}  {promise}: 0 violations{omitted}"));
    }
    Err(format!("{name}  {promise}: {violations} violations, among them {}", examples.join(", ")))
}
