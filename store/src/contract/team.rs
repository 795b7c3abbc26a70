//! What the team shares: whose hands a conversation is in, mentions, canned replies, messages that wait for their time.

use std::sync::Arc;

use domain::escalation::{Brief, Escalation, EscalationStatus};
use domain::message::{Author, Rendered};
use domain::ports::{
    Access, Canned, Choice, Choices, ConversationFilter, Desk, DeskAct, Document, Documents, Hands, Outbox, SavedView, Settled, Step, Team,
    Teammate, Turns, WorkTeam,
};
use domain::settings::{BusinessHours, Way};
use domain::turn::{EscalationChange, TimerKind};
use domain::{ChannelKind, ConversationId, TeammateId};

use super::stage::{MINUTE, Person, Stage};
use crate::Storage;

async fn found(stage: &Stage, filter: ConversationFilter) -> Vec<ConversationId> {
    let page = stage.store.conversations(&stage.workspace, &filter, None, 10).await.unwrap();
    page.items.into_iter().map(|row| row.conversation.id).collect()
}

async fn in_hands(stage: &Stage, hands: Hands) -> Vec<ConversationId> {
    found(stage, ConversationFilter { hands: Some(hands), ..ConversationFilter::default() }).await
}

async fn teammate(stage: &Stage, name: &str) -> TeammateId {
    let email = format!("{name}@example.com");
    let teammate = Teammate {
        id: stage.id(),
        workspace: stage.workspace.clone(),
        name: name.to_owned(),
        email,
        role: "teammate".to_owned(),
        password_hash: String::new(),
        second: None,
        sso: false,
    };
    stage.store.put_teammate(&teammate, stage.now()).await.unwrap();
    teammate.id
}

pub async fn every_talk_that_goes_on_is_in_somebodys_hands(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let ana = teammate(&stage, "ana").await;
    let one = stage.says(&Person::on_telegram("1"), "Hello").await.conversation;
    let two = stage.says(&Person::on_telegram("2"), "Hello").await.conversation;
    assert_eq!((in_hands(&stage, Hands::Ai).await.len(), in_hands(&stage, Hands::Nobody).await.len()), (2, 0));
    store.act(&stage.workspace, one, DeskAct::Take { by: None }, stage.now()).await.unwrap();
    store.act(&stage.workspace, two, DeskAct::Take { by: Some(ana) }, stage.now()).await.unwrap();
    assert_eq!(in_hands(&stage, Hands::Nobody).await, [one]);
    assert_eq!(in_hands(&stage, Hands::Teammate).await, [two]);
    let counts = store.view_counts(&stage.workspace, Some(ana)).await.unwrap();
    assert_eq!((counts.ai, counts.unassigned, counts.team, counts.mine), (0, 1, 1, 1));
    // Who leaves the team leaves nothing that nobody looks at.
    assert!(store.drop_teammate(&stage.workspace, ana, stage.now()).await.unwrap());
    assert!(!store.drop_teammate(&stage.workspace, ana, stage.now()).await.unwrap());
    assert_eq!(in_hands(&stage, Hands::Nobody).await.len(), 2);
    assert!(store.teammate_by_email("ana@example.com").await.unwrap().is_none());
}

pub async fn who_is_named_in_a_note_finds_it_until_they_have_looked(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (ana, ben) = (teammate(&stage, "ana").await, teammate(&stage, "ben").await);
    let said = stage.says(&Person::on_telegram("1"), "Hello").await;
    let beside = store.message(&stage.workspace, said.message).await.unwrap().unwrap();
    let note = DeskAct::Note { message: Box::new(stage.entry(&beside, "@ana please look")), mentions: vec![ana] };
    store.act(&stage.workspace, said.conversation, note, stage.now()).await.unwrap();
    let unseen = async |who| store.view_counts(&stage.workspace, Some(who)).await.unwrap().mentions;
    assert_eq!((unseen(ana).await, unseen(ben).await), (1, 0));
    store.see_mentions(&stage.workspace, ana, said.conversation).await.unwrap();
    assert_eq!(unseen(ana).await, 0);
    let mine = |who| ConversationFilter { mentioned: Some(who), ..ConversationFilter::default() };
    assert_eq!(found(&stage, mine(ana)).await, [said.conversation]);
    assert!(found(&stage, mine(ben)).await.is_empty());
}

pub async fn a_teammates_message_waits_for_its_time_and_can_be_taken_back(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let ana = teammate(&stage, "ana").await;
    let sarah = Person::on_whatsapp("+33612345678");
    let said = stage.says(&sarah, "Hello").await;
    let (customer, conversation) = (said.customer, said.conversation);
    stage.turn("Good morning").await;
    let first = stage.delivery().await.unwrap();
    store.settle(&stage.workspace, &first, Settled::Sent { provider_message_id: None }, stage.now()).await.unwrap();
    let later = stage.now().after(MINUTE * 60);
    let mut waiting = Vec::new();
    for text in ["Tomorrow then", "Never mind"] {
        let page = store.timeline(&stage.workspace, customer, None, 1).await.unwrap();
        let mut message = stage.entry(&page.items[0], text);
        message.author = Author::Teammate;
        waiting.push(message.id);
        let act = DeskAct::Reply {
            by: Some(ana),
            message: Box::new(message),
            rendered: Rendered {
                text: text.to_owned(),
                buttons: Vec::new(),
                cards: Vec::new(),
                request_contact: false,
                encloses: false,
                template: None,
            },
            address: sarah.address.clone(),
            delivery: stage.id(),
            send_at: Some(later),
            files: Vec::new(),
            once: None,
        };
        store.act(&stage.workspace, conversation, act, stage.now()).await.unwrap();
    }
    assert!(stage.delivery().await.is_none(), "nothing leaves before its time");
    let known = store.waiting_for_their_time(&stage.workspace, customer).await.unwrap();
    assert_eq!(known.len(), 2);
    assert!(waiting.iter().all(|id| known.contains(&(*id, later))));
    assert_eq!(store.view_counts(&stage.workspace, None).await.unwrap().approval, 0, "it needs nobody's word");
    let back = DeskAct::DiscardDrafts { drafts: vec![waiting[1]] };
    assert!(store.act(&stage.workspace, conversation, back, stage.now()).await.unwrap());
    store.act(&stage.workspace, conversation, DeskAct::Resolve, stage.now()).await.unwrap();
    let due = store.due_timers(later, 10).await.unwrap();
    assert!(due.iter().any(|(_, timer)| timer.what == TimerKind::SendLater { message: waiting[0] }));
    assert!(store.resend(&stage.workspace, waiting[0]).await.unwrap(), "the end of the talk takes nothing back");
    assert!(!store.resend(&stage.workspace, waiting[1]).await.unwrap());
    assert_eq!(stage.delivery().await.unwrap().rendered.text, "Tomorrow then");
}

pub async fn canned_replies_are_kept_by_name(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let canned = |id, name: &str, text: &str| Canned {
        id,
        name: name.to_owned(),
        text: text.to_owned(),
        steps: vec![Step::Tag { tag: name.to_owned() }, Step::Resolve],
    };
    let (one, two) = (stage.id(), stage.id());
    store.put_canned(&stage.workspace, &canned(one, "warranty", "Five years."), stage.now()).await.unwrap();
    store.put_canned(&stage.workspace, &canned(two, "Hours", "9 to 5."), stage.now()).await.unwrap();
    store.put_canned(&stage.workspace, &canned(one, "warranty", "Ten years."), stage.now()).await.unwrap();
    let all = store.canned(&stage.workspace).await.unwrap();
    assert_eq!(all.iter().map(|canned| canned.text.as_str()).collect::<Vec<_>>(), ["9 to 5.", "Ten years."]);
    assert_eq!(all[1].steps, [Step::Tag { tag: "warranty".to_owned() }, Step::Resolve]);
    assert!(store.drop_canned(&stage.workspace, two).await.unwrap());
    assert!(!store.drop_canned(&stage.workspace, two).await.unwrap());
    assert!(store.canned(&"another".into()).await.unwrap().is_empty());
}

pub async fn a_saved_view_is_its_owners_or_the_teams_and_counts_by_itself(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (ana, ben) = (teammate(&stage, "ana").await, teammate(&stage, "ben").await);
    let one = stage.says(&Person::on_telegram("1"), "Hello").await.conversation;
    stage.says(&Person::on_whatsapp("+33612345678"), "Hello").await;
    let tag = DeskAct::Tag { add: vec!["delivery".to_owned()], remove: Vec::new() };
    store.act(&stage.workspace, one, tag, stage.now()).await.unwrap();
    let saved = |id, teammate, name: &str| SavedView {
        id,
        teammate,
        name: name.to_owned(),
        view: "ai".to_owned(),
        tag: Some("delivery".to_owned()),
        channel: Some(ChannelKind::Telegram),
        team: Some(stage.id()),
    };
    let (mine, ours) = (saved(stage.id(), Some(ana), "mine"), saved(stage.id(), None, "ours"));
    for view in [&mine, &ours] {
        store.save_view(&stage.workspace, view, stage.now()).await.unwrap();
    }
    assert_eq!(store.saved_views(&stage.workspace, Some(ana)).await.unwrap(), [mine.clone(), ours.clone()]);
    assert_eq!(store.saved_views(&stage.workspace, Some(ben)).await.unwrap(), [ours.clone()]);
    assert!(store.saved_views(&"another".into(), Some(ana)).await.unwrap().is_empty());
    let count = async |filter: ConversationFilter| store.count_conversations(&stage.workspace, &filter).await.unwrap();
    let on = |channel| ConversationFilter { channel: Some(channel), ..ConversationFilter::default() };
    assert_eq!((count(on(ChannelKind::Telegram)).await, count(on(ChannelKind::Sms)).await), (1, 0));
    assert_eq!(count(ConversationFilter { tag: Some("delivery".to_owned()), ..on(ChannelKind::Whatsapp) }).await, 0);
    let all = [
        ConversationFilter::default(),
        ConversationFilter { escalated: Some(true), ..ConversationFilter::default() },
        ConversationFilter { escalated: Some(false), hands: Some(Hands::Ai), ..ConversationFilter::default() },
        ConversationFilter { assignee: Some(ana), hands: Some(Hands::Teammate), ..ConversationFilter::default() },
        ConversationFilter { mentioned: Some(ana), ..ConversationFilter::default() },
        ConversationFilter { drafted: Some(true), ..ConversationFilter::default() },
        ConversationFilter { hands: Some(Hands::Nobody), ..ConversationFilter::default() },
        ConversationFilter { team: Some(stage.id()), ..ConversationFilter::default() },
        ConversationFilter { team: Some(stage.id()), escalated: Some(true), ..ConversationFilter::default() },
        ConversationFilter { status: Some(domain::conversation::StatusKind::Snoozed), ..ConversationFilter::default() },
    ];
    for filter in all {
        let listed = found(&stage, filter.clone()).await.len() as i64;
        assert_eq!(count(filter.clone()).await, listed, "{filter:?}");
    }
    assert!(!store.drop_view(&stage.workspace, mine.id, Some(ben)).await.unwrap(), "another's own view");
    assert!(store.drop_view(&stage.workspace, ours.id, Some(ben)).await.unwrap());
    assert!(store.drop_teammate(&stage.workspace, ana, stage.now()).await.unwrap());
    assert!(store.saved_views(&stage.workspace, Some(ana)).await.unwrap().is_empty());
}

pub async fn a_team_has_its_conversations_until_they_are_given_on(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (ana, ben) = (teammate(&stage, "ana").await, teammate(&stage, "ben").await);
    let hours = BusinessHours { days: [(0, vec![(540, 1_080)])].into(), holidays: Vec::new() };
    let billing = WorkTeam { id: stage.id(), name: "Billing".to_owned(), lead: Some(ana), members: vec![ana], hours: Some(hours) };
    store.put_team(&stage.workspace, &billing, stage.now()).await.unwrap();
    assert_eq!(store.teams(&stage.workspace).await.unwrap(), [billing.clone()]);
    assert!(store.teams(&"another".into()).await.unwrap().is_empty());

    let accepted = stage.says(&Person::on_whatsapp("+33612345678"), "Too dear").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "Ana takes over.");
    record.escalation = Some(EscalationChange::Open(Box::new(Escalation {
        id: stage.id(),
        customer: accepted.customer,
        conversation: accepted.conversation,
        rule: "budget-objection".to_owned(),
        also: Vec::new(),
        status: EscalationStatus::Open,
        evidence: Vec::new(),
        brief: Brief::default(),
        at: record.at,
        due_at: record.at.after(MINUTE * 30),
        turn: Some(record.id),
        team: Some(billing.id),
        way: Some(Way::Email),
    })));
    record.conversation.ai_silent = true;
    store.commit(record).await.unwrap();
    let id = accepted.conversation;
    let row = async || store.conversation(&stage.workspace, id).await.unwrap().unwrap();
    let escalation = row().await.escalation.unwrap();
    assert_eq!((escalation.team, escalation.way, row().await.team), (Some(billing.id), Some(Way::Email), Some(billing.id)));
    let theirs = || ConversationFilter { team: Some(billing.id), ..ConversationFilter::default() };
    assert_eq!(found(&stage, theirs()).await, [id]);
    assert_eq!(found(&stage, ConversationFilter { escalated: Some(true), ..theirs() }).await, [id]);
    assert!(found(&stage, ConversationFilter { team: Some(stage.id()), ..ConversationFilter::default() }).await.is_empty());

    let act = async |act| store.act(&stage.workspace, id, act, stage.now()).await.unwrap();
    act(DeskAct::Take { by: Some(ben) }).await;
    act(DeskAct::AssignTeam { to: Some(billing.id) }).await;
    assert_eq!(row().await.conversation.assignee, None, "ben is not of that team");
    act(DeskAct::Assign { to: Some(ana), by: None }).await;
    act(DeskAct::AssignTeam { to: Some(billing.id) }).await;
    assert_eq!(row().await.conversation.assignee, Some(ana));
    act(DeskAct::AssignTeam { to: None }).await;
    assert_eq!((row().await.conversation.assignee, row().await.team), (Some(ana), None));
    act(DeskAct::AssignTeam { to: Some(billing.id) }).await;
    act(DeskAct::Return).await;
    assert_eq!(row().await.team, None, "the AI's again");

    act(DeskAct::AssignTeam { to: Some(billing.id) }).await;
    let grown = WorkTeam { name: "Accounts".to_owned(), members: vec![ana, ben], hours: None, ..billing.clone() };
    store.put_team(&stage.workspace, &grown, stage.now()).await.unwrap();
    assert!(store.drop_teammate(&stage.workspace, ana, stage.now()).await.unwrap());
    let left = WorkTeam { lead: None, members: vec![ben], ..grown };
    assert_eq!(store.teams(&stage.workspace).await.unwrap(), [left]);
    assert!(store.drop_team(&stage.workspace, billing.id, stage.now()).await.unwrap());
    assert!(!store.drop_team(&stage.workspace, billing.id, stage.now()).await.unwrap());
    assert_eq!((store.teams(&stage.workspace).await.unwrap(), row().await.team), (Vec::new(), None));
}

pub async fn of_two_choices_made_at_once_one_stands(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let ana = teammate(&stage, "ana").await;
    let choice = |kind: &str, version, value: &str| Choice {
        kind: kind.to_owned(),
        version,
        value: serde_json::json!({ "value": value }),
        by: Some(ana),
        at: stage.now(),
    };
    let (first, second, other) = (choice("rules", 1, "first"), choice("rules", 2, "second"), choice("targets", 1, "other"));
    for one in [&first, &second, &other] {
        assert!(store.choose(&stage.workspace, one).await.unwrap());
    }
    assert!(!store.choose(&stage.workspace, &choice("rules", 2, "too late")).await.unwrap());
    assert_eq!(store.choices(&stage.workspace).await.unwrap(), [second.clone(), other]);
    assert_eq!(store.versions(&stage.workspace, "rules", 10).await.unwrap(), [second, first]);
    assert!(store.choices(&"another".into()).await.unwrap().is_empty());
}

pub async fn a_document_is_kept_replaced_and_taken_away(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let workspace = &stage.workspace;
    let ana = teammate(&stage, "ana").await;
    let given = |name: &str, size| Document { id: stage.id(), name: name.to_owned(), size, by: Some(ana), at: stage.now() };
    let long: Vec<u8> = (0..600_000_u32).map(|at| (at % 251) as u8).collect();
    let (prices, returns) = (given("prices.pdf", 600_000), given("returns.md", 7));
    store.put_document(workspace, &prices, long.clone()).await.unwrap();
    store.put_document(workspace, &returns, b"Returns".to_vec()).await.unwrap();
    assert_eq!(store.document_content(workspace, prices.id).await.unwrap(), Some(long));
    let newer = Document { size: 6, at: stage.now().after(std::time::Duration::from_secs(1)), by: None, ..prices.clone() };
    store.put_document(workspace, &newer, b"Prices".to_vec()).await.unwrap();
    assert_eq!(store.document_content(workspace, prices.id).await.unwrap(), Some(b"Prices".to_vec()), "nothing is left of the longer one");
    assert_eq!(store.documents(workspace).await.unwrap(), [returns.clone(), newer.clone()]);
    assert!(store.documents(&"another".into()).await.unwrap().is_empty());
    assert!(!store.drop_document(&"another".into(), prices.id).await.unwrap());
    assert!(store.drop_document(workspace, prices.id).await.unwrap());
    assert!(!store.drop_document(workspace, prices.id).await.unwrap());
    assert_eq!(store.document_content(workspace, prices.id).await.unwrap(), None);
    assert!(store.drop_teammate(workspace, ana, stage.now()).await.unwrap());
    assert_eq!(store.documents(workspace).await.unwrap(), [Document { by: None, ..returns }]);
}
