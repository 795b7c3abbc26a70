//! The person that a command is about, in the store of a server that may be running.

use anyhow::{Context, bail};
use domain::{CustomerId, WorkspaceId};

use crate::app::App;
use crate::wiring::{assemble, open_storage_beside};

use super::ConfigFile;

/// Who.
#[derive(Debug, clap::Args)]
pub struct Who {
    #[command(flatten)]
    file: ConfigFile,
    /// Id of the customer, or an identifier such as phone:+33612345678 or email:sarah@example.com.
    #[arg(long, value_name = "ID|IDENTIFIER")]
    customer: String,
    /// Workspace, when it is not the first one.
    #[arg(long)]
    workspace: Option<String>,
}

/// A person found, or an id that nobody has now.
pub struct Found {
    /// The store and the words to ask it; nothing of it is running.
    pub app: App,
    /// Where.
    pub workspace: WorkspaceId,
    /// Who.
    pub customer: CustomerId,
}

impl Who {
    /// Finds the person.
    pub async fn find(&self) -> anyhow::Result<Found> {
        let configuration = self.file.load()?;
        let storage = open_storage_beside(&configuration.server).await?;
        let app = assemble(configuration, storage, None).await?;
        let workspace = match &self.workspace {
            Some(named) => {
                let named = WorkspaceId::from(named.as_str());
                app.workspace(&named).map(|_| named).context("there is no such workspace")?
            }
            None => app.first_workspace(),
        };
        let customer = self.customer_of(&app, &workspace).await?;
        Ok(Found { app, workspace, customer })
    }

    async fn customer_of(&self, app: &App, workspace: &WorkspaceId) -> anyhow::Result<CustomerId> {
        if let Ok(id) = self.customer.parse() {
            return Ok(id);
        }
        let Some(seen) = app.engine().identifier(workspace, &self.customer) else {
            bail!("--customer is an id, or kind:value with phone, email, whatsapp, telegram, discord, external_id or visitor as kind");
        };
        let mut holders = app.store().customers_by_identifier(workspace, seen.kind, None, &seen.value).await?;
        holders.sort_by_key(|(_, trust)| std::cmp::Reverse(*trust));
        // Whoever has proven it, not those who only said so.
        let best = holders.first().map(|(_, trust)| *trust);
        holders.retain(|(_, trust)| Some(*trust) == best);
        match holders.as_slice() {
            [] => bail!("nobody has this identifier"),
            [(customer, _)] => Ok(*customer),
            several => {
                let ids: Vec<String> = several.iter().map(|(customer, _)| customer.to_string()).collect();
                bail!("several people have this identifier, name one by id: {}", ids.join(", "))
            }
        }
    }
}
