//! `rapport bench recall`: how long it takes to find what matters in one customer's long history, with no model.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use domain::event::InboundMessage;
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust};
use domain::message::WaitingKind;
use domain::ports::{Accept, Placement, Random, Store};
use domain::{ChannelKind, ConnectionId, ConversationId, CustomerId, MessageId, MonotonicTime, Secret, Timestamp, WorkspaceId};
use engine::{Engine, Parts};
use futures::future::try_join_all;
use serde_json::json;

use super::stage::Scratch;
use crate::command::{BadResult, runtime, say};
use crate::library::Sources;
use crate::time::{BusinessClock, SteadyTime, SystemRandomness};

/// Goals at 10 000 messages, milliseconds at the 95th of a hundred: what was read is at hand, and nothing is.
const WARM: f64 = 5.0;
const COLD: f64 = 60.0;
/// Messages accepted at a time.
const CROWD: usize = 256;
/// Between two messages; longer ones lie between the talks of two days.
const STEP: Duration = Duration::from_mins(3);

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Messages of the one customer.
    #[arg(long, default_value_t = 10_000)]
    messages: usize,
    /// Questions put while everything is at hand.
    #[arg(long, default_value_t = 200)]
    questions: usize,
    /// Questions put right after the store was opened.
    #[arg(long, default_value_t = 20)]
    starts: usize,
    /// Folder for throw-away data (default: the system's).
    #[arg(long, value_name = "FOLDER")]
    dir: Option<std::path::PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let (warm, cold) = runtime()?.block_on(measure(options))?;
    let (warm, cold) = (Spread::of(warm), Spread::of(cold));
    if options.json {
        say(&json!({"messages": options.messages, "warm_ms": warm.json(), "cold_ms": cold.json()}).to_string())?;
    } else {
        say(&format!("recall over {} messages of one customer, milliseconds", options.messages))?;
        say(&format!("{:<8}{:>10}{:>10}{:>10}{:>10}{:>10}", "", "questions", "p50", "p95", "max", "goal p95"))?;
        say(&warm.row("warm", WARM))?;
        say(&cold.row("cold", COLD))?;
    }
    if warm.p95 <= WARM && cold.p95 <= COLD { Ok(()) } else { Err(BadResult.into()) }
}

struct Spread {
    count: usize,
    p50: f64,
    p95: f64,
    max: f64,
}

impl Spread {
    fn of(mut taken: Vec<Duration>) -> Self {
        taken.sort();
        let ms = |share: f64| {
            let at = ((taken.len() as f64 * share) as usize).min(taken.len().saturating_sub(1));
            taken.get(at).map_or(0.0, |taken| taken.as_secs_f64() * 1e3)
        };
        Self { count: taken.len(), p50: ms(0.5), p95: ms(0.95), max: ms(1.0) }
    }

    fn row(&self, name: &str, goal: f64) -> String {
        format!("{name:<8}{:>10}{:>10.2}{:>10.2}{:>10.2}{goal:>10.1}", self.count, self.p50, self.p95, self.max)
    }

    fn json(&self) -> serde_json::Value {
        json!({"count": self.count, "p50": self.p50, "p95": self.p95, "max": self.max})
    }
}

async fn measure(options: &Options) -> anyhow::Result<(Vec<Duration>, Vec<Duration>)> {
    let scratch = Scratch::make(options.dir.as_deref())?;
    let workspace = WorkspaceId::from("bench");
    let randomness = SystemRandomness::default();
    let customer = {
        let store = opened(&scratch.0).await?;
        let customer = fill(&*store, &workspace, options.messages, &randomness).await?;
        let engine = engine_over(store);
        // What a customer's turns do on the way: old messages become blocks.
        for _ in 0..=options.messages / 4_096 {
            engine.recollect(&workspace, customer, "hello").await?;
        }
        customer
    };
    let mut cold = Vec::new();
    for at in 0..options.starts {
        let engine = engine_over(opened(&scratch.0).await?);
        cold.push(ask(&engine, &workspace, customer, at).await?);
    }
    let engine = engine_over(opened(&scratch.0).await?);
    ask(&engine, &workspace, customer, 0).await?;
    let mut warm = Vec::new();
    for at in 0..options.questions {
        warm.push(ask(&engine, &workspace, customer, at).await?);
    }
    Ok((warm, cold))
}

async fn ask(engine: &Engine, workspace: &WorkspaceId, customer: CustomerId, at: usize) -> anyhow::Result<Duration> {
    let question = text(at * 7 + 3);
    let start = Instant::now();
    let found = engine.recollect(workspace, customer, &question).await?;
    let taken = start.elapsed();
    anyhow::ensure!(!found.is_empty(), "nothing was found for {question:?}");
    Ok(taken)
}

async fn opened(folder: &Path) -> anyhow::Result<Arc<dyn Store>> {
    let location = store::Location::Sqlite { folder: folder.join("recall") };
    let opened = store::open(store::Settings::new(location, Secret::new([0; 32]))).await?;
    Ok(crate::wiring::with_bells(opened).store)
}

fn engine_over(store: Arc<dyn Store>) -> Arc<Engine> {
    Engine::new(Parts {
        store,
        knowledge: Arc::new(Sources::default()),
        clock: Arc::new(BusinessClock::default()),
        monotonic: Arc::new(SteadyTime::starting_from(None)),
        random: Arc::new(SystemRandomness::default()),
        doors: Vec::new(),
        workspaces: Vec::new(),
        models: std::collections::HashMap::new(),
        tools: std::collections::HashMap::new(),
        embedder: None,
    })
}

/// One customer says all of it.
async fn fill(store: &dyn Store, workspace: &WorkspaceId, messages: usize, random: &dyn Random) -> anyhow::Result<CustomerId> {
    let start = Timestamp::from_secs(1_700_000_000);
    store.ensure_workspace(workspace, "Bench", start).await?;
    let letter = |number: usize, placement: Placement| {
        let at = start.after(STEP * number as u32);
        Accept {
            workspace: workspace.clone(),
            connection: ConnectionId::from("wa"),
            channel: ChannelKind::Whatsapp,
            fetched_by: ConnectionId::from("wa"),
            dedupe: number.to_string(),
            message: MessageId::new(at, random.bits()),
            conversation: ConversationId::new(at, random.bits()),
            matter: domain::ports::Matter::GoesOn,
            sender: vec![SeenIdentifier {
                kind: IdentifierKind::Phone,
                scope: String::new(),
                value: "+33612345678".to_owned(),
                raw: "33612345678".to_owned(),
                trust: Trust::ChannelAsserted,
                origin: Origin::Message,
            }],
            placement,
            text: text(number),
            kind: WaitingKind::Message,
            inbound: InboundMessage::default(),
            address: "33612345678".to_owned(),
            link_code: None,
            typed_code: None,
            at,
            received_at: at,
            ready_at: MonotonicTime::default(),
            longest_wait: Duration::ZERO,
            turn: false,
            attachments: Vec::new(),
        }
    };
    let ids = vec![(domain::IdentifierId::new(start, random.bits()), domain::StrandId::new(start, random.bits()))];
    let strand = ids[0].1;
    let first = store.accept(letter(0, Placement::New { customer: CustomerId::new(start, random.bits()), ids })).await?;
    let customer = first.customer;
    let numbers: Vec<usize> = (1..messages).collect();
    for crowd in numbers.chunks(CROWD) {
        let known = |number: &usize| store.accept(letter(*number, Placement::Known { customer, strand }));
        try_join_all(crowd.iter().map(known)).await.context("cannot write the history")?;
    }
    Ok(customer)
}

/// The same number says the same; a few hundred words, some of them rare, as people write.
fn text(number: usize) -> String {
    const WHO: [&str; 8] =
        ["my daughter", "our office", "the neighbour", "a colleague", "my back", "the team", "our landlord", "the courier"];
    const DOES: [&str; 8] =
        ["needs", "would like", "asked about", "is waiting for", "returned", "complained about", "measured", "paid for"];
    const WHAT: [&str; 12] = [
        "a standing desk",
        "two chairs",
        "the grey armrests",
        "an oak shelf",
        "the invoice",
        "a longer warranty",
        "the delivery to Lyon",
        "a lamp",
        "the broken wheel",
        "a quote",
        "the cushion",
        "a second monitor arm",
    ];
    const WHEN: [&str; 10] = [
        "since Monday",
        "for the summer",
        "before the move",
        "in the morning",
        "after the holidays",
        "by the end of March",
        "at lunch",
        "for the new room",
        "with the old cover",
        "without the box",
    ];
    const ENDS: [&str; 6] = [".", ", could you check?", " and I am not sure which size.", ", thank you.", "; the blue one.", "?"];
    let pick = |list: &'static [&'static str], step: usize| list[(number / step + number * step) % list.len()];
    let rare = (number * 2_654_435_761) % 9_973;
    format!("{} {} {} {}, number {rare}{}", pick(&WHO, 1), pick(&DOES, 3), pick(&WHAT, 5), pick(&WHEN, 7), pick(&ENDS, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_history_is_filled_and_found_again() {
        let options = Options { messages: 700, questions: 3, starts: 1, dir: None, json: false };
        let (warm, cold) = runtime().unwrap().block_on(measure(&options)).unwrap();
        assert_eq!((warm.len(), cold.len()), (3, 1));
        let spread = Spread::of(vec![Duration::from_millis(3), Duration::from_millis(1)]);
        assert!(spread.p50 <= spread.p95 && spread.p95 <= spread.max);
    }
}
