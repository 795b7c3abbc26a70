//! `rapport doctor`: looks for what would keep the server from working.

use crate::library::Sources;
use crate::time::real_now;
use crate::wiring::{open_storage, vendor_client};
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
    let opened = runtime()?.block_on(async { open_storage(&configuration.server).await.map(drop) });
    report("store", opened.map(|()| configuration.server.data_dir.display().to_string()).map_err(|error| format!("{error:#}")))?;
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
            let found = if source.path.exists() {
                sources.sync(&workspace.settings.id, &source.id, &source.path, real_now());
                Ok(source.path.display().to_string())
            } else {
                Err(format!("{} does not exist", source.path.display()))
            };
            report(&format!("knowledge {}", source.id), found)?;
        }
        let states = sources.sources(&workspace.settings.id);
        let skipped = states.iter().filter(|state| state.skipped.is_some()).count();
        report(&format!("sources of {}", workspace.settings.id), Ok(format!("{} read, {skipped} skipped", states.len() - skipped)))?;
    }
    if faults == 0 { Ok(()) } else { Err(BadResult.into()) }
}
