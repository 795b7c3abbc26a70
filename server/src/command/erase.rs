//! `rapport erase`: takes a person away for good, here and in every backup within reach.

use anyhow::Context;
use domain::ports::Holdings;
use serde_json::json;

use super::person::{Found, Who};
use super::{BadResult, runtime, say};

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    who: Who,
    /// Does it; without this, it is only said what there is to erase.
    #[arg(long)]
    yes: bool,
    /// Answers as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        let Found { app, workspace, customer } = options.who.find().await?;
        let Some(holdings) = app.store().holdings(&workspace, customer).await? else {
            let erasure = app.store().erasure_of(&workspace, customer).await?.context("nobody has this id")?;
            return tell(
                options,
                &format!("erased already, on {}", erasure.at.to_rfc3339()),
                &json!({ "customer": customer, "erased_at": erasure.at }),
            );
        };
        if !options.yes {
            tell(options, &format!("{customer}: {}", sentence(holdings)), &json!({ "customer": customer, "holds": holdings }))?;
            let _ = std::io::Write::write_all(&mut std::io::stderr(), b"rapport: nothing was erased; add --yes to erase for good\n");
            return Err(BadResult.into());
        }
        let erasure = app.engine().erase(&workspace, customer).await?.context("nobody has this id")?;
        let text = format!("{customer} was erased: {}", sentence(holdings));
        tell(options, &text, &json!({ "customer": erasure.customer, "erased_at": erasure.at, "holds": holdings }))
    })
}

fn tell(options: &Options, text: &str, object: &serde_json::Value) -> anyhow::Result<()> {
    if options.json { say(&object.to_string()) } else { say(text) }
}

fn sentence(holdings: Holdings) -> String {
    let Holdings { identifiers, strands, conversations, messages, memories, turns, escalations, tasks, links } = holdings;
    format!(
        "{messages} messages in {conversations} conversations, {memories} entries of memory, {identifiers} identifiers with \
         {strands} strands, {turns} explanations of turns, {escalations} escalations, {tasks} tasks, {links} links"
    )
}
