//! `rapport erase`: takes a person away for good, here and in every backup within reach.

use anyhow::Context;
use domain::CustomerId;
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
        let alike = app.store().alike(&workspace, customer).await?;
        if !options.yes {
            let text = format!("{customer}: {}{}", sentence(holdings), others(&alike));
            tell(options, &text, &json!({ "customer": customer, "holds": holdings, "alike": alike }))?;
            let _ = std::io::Write::write_all(&mut std::io::stderr(), b"rapport: nothing was erased; add --yes to erase for good\n");
            return Err(BadResult.into());
        }
        let erasure = app.engine().erase(&workspace, customer).await?.context("nobody has this id")?;
        let text = format!("{customer} was erased: {}{}", sentence(holdings), others(&alike));
        tell(options, &text, &json!({ "customer": erasure.customer, "erased_at": erasure.at, "holds": holdings, "alike": alike }))
    })
}

fn tell(options: &Options, text: &str, object: &serde_json::Value) -> anyhow::Result<()> {
    if options.json { say(&object.to_string()) } else { say(text) }
}

/// Who else names one of the identifiers, and is not erased with them.
fn others(alike: &[CustomerId]) -> String {
    if alike.is_empty() {
        return String::new();
    }
    let ids: Vec<String> = alike.iter().map(ToString::to_string).collect();
    format!("\nNot erased with them, look whether they are the same person: {}, who also gave one of these identifiers", ids.join(", "))
}

fn sentence(holdings: Holdings) -> String {
    let Holdings { identifiers, strands, conversations, messages, memories, turns, escalations, tasks, links } = holdings;
    format!(
        "{messages} messages in {conversations} conversations, {memories} entries of memory, {identifiers} identifiers with \
         {strands} strands, {turns} explanations of turns, {escalations} escalations, {tasks} tasks, {links} links"
    )
}
