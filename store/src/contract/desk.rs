//! What teammates see and do.

use std::sync::Arc;

use domain::conversation::StatusKind;
use domain::escalation::{Brief, Escalation, EscalationStatus, Evidence};
use domain::message::{Direction, TimelineEvent};
use domain::ports::{Access, ApiToken, ConversationFilter, Desk, DeskAct, Teammate, Turns};
use domain::turn::{EscalationChange, TimerKind};
use domain::{ConnectionId, ConversationId, TeammateId};

use super::stage::{MINUTE, Person, Stage, is_stale};
use crate::Storage;

pub async fn a_teammate_taking_over_makes_a_running_turn_stale(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let accepted = stage.says(&sarah, "Hello").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let by: TeammateId = stage.id();
    assert!(store.act(&stage.workspace, accepted.conversation, DeskAct::Take { by: Some(by) }, stage.now()).await.unwrap());
    is_stale(store.commit(stage.record(&claim, &context, "Too late")).await);
    let row = store.conversation(&stage.workspace, accepted.conversation).await.unwrap().unwrap();
    assert_eq!((row.conversation.status, row.conversation.assignee), (StatusKind::WithTeammate, Some(by)));
    assert!(row.conversation.ai_silent);
    let reply = stage.entry(&claim.messages[0].message, "Sarah, it's Ana");
    let act = DeskAct::Reply {
        by: Some(by),
        message: Box::new(reply),
        rendered: domain::message::Rendered {
            text: "Sarah, it's Ana".to_owned(),
            buttons: Vec::new(),
            cards: Vec::new(),
            request_contact: false,
            encloses: false,
            template: None,
        },
        address: sarah.address.clone(),
        delivery: stage.id(),
        send_at: None,
        files: Vec::new(),
        once: None,
    };
    store.act(&stage.workspace, accepted.conversation, act, stage.now()).await.unwrap();
    assert_eq!(stage.delivery().await.unwrap().rendered.text, "Sarah, it's Ana");
    let counts = store.view_counts(&stage.workspace, Some(by)).await.unwrap();
    assert_eq!((counts.ai, counts.mine), (0, 1));
    store.act(&stage.workspace, accepted.conversation, DeskAct::Return, stage.now()).await.unwrap();
    let counts = store.view_counts(&stage.workspace, Some(by)).await.unwrap();
    assert_eq!((counts.ai, counts.mine), (1, 0));
}

pub async fn a_reply_that_came_by_mail_twice_is_written_once(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let accepted = stage.says(&sarah, "Hello").await;
    let beside = store.message(&stage.workspace, accepted.message).await.unwrap().unwrap();
    let reply = |text: &str, once: &str| DeskAct::Reply {
        by: None,
        message: Box::new(stage.entry(&beside, text)),
        rendered: domain::message::Rendered {
            text: text.to_owned(),
            buttons: Vec::new(),
            cards: Vec::new(),
            request_contact: false,
            encloses: false,
            template: None,
        },
        address: sarah.address.clone(),
        delivery: stage.id(),
        send_at: None,
        files: Vec::new(),
        once: Some(once.to_owned()),
    };
    for (text, once, is_new) in [("Ana here", "m1/0", true), ("Ana here", "m1/0", false), ("And more", "m1/1", true)] {
        let done = store.act(&stage.workspace, accepted.conversation, reply(text, once), stage.now()).await.unwrap();
        assert_eq!(done, is_new, "{once}");
    }
    for is_new in [true, false] {
        let mut message = stage.entry(&beside, "");
        message.direction = Direction::Event;
        message.event = Some(TimelineEvent { kind: "reaction".to_owned(), data: serde_json::json!({ "emoji": "👍" }) });
        let noticed = DeskAct::Noticed { message: Box::new(message), once: "m9".to_owned() };
        assert_eq!(store.act(&stage.workspace, accepted.conversation, noticed, stage.now()).await.unwrap(), is_new);
    }
    let timeline = store.timeline(&stage.workspace, accepted.customer, None, 10).await.unwrap();
    let texts: Vec<_> = timeline.items.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["Hello", "Ana here", "And more", ""]);
}

pub async fn an_escalation_stays_on_top_until_it_ends(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let accepted = stage.says(&sarah, "I want a person").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "Ana takes over.");
    let evidence = |rule: &str, quote: &str| Evidence { rule: rule.to_owned(), message: accepted.message, quote: quote.to_owned() };
    let escalation = Escalation {
        id: stage.id(),
        customer: accepted.customer,
        conversation: accepted.conversation,
        rule: "human-asked-for".to_owned(),
        also: Vec::new(),
        status: EscalationStatus::Open,
        evidence: vec![evidence("human-asked-for", "a person")],
        brief: Brief { summary: "Wants a person".to_owned(), ..Brief::default() },
        at: record.at,
        due_at: record.at.after(MINUTE * 30),
        turn: Some(record.id),
        team: None,
        way: None,
    };
    record.escalation = Some(EscalationChange::Open(Box::new(escalation.clone())));
    record.conversation.ai_silent = true;
    store.commit(record).await.unwrap();

    stage.says(&sarah, "This is outrageous").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    assert_eq!(context.escalation.as_ref().unwrap(), &escalation);
    assert_eq!(context.fired[0].rule, "human-asked-for");
    let mut record = stage.record(&claim, &context, "");
    record.replies.clear();
    record.escalation = Some(EscalationChange::Add {
        id: escalation.id,
        also: vec!["negative-emotion".to_owned()],
        evidence: vec![evidence("negative-emotion", "outrageous")],
        brief: Brief { summary: "Wants a person, angry".to_owned(), ..Brief::default() },
    });
    record.conversation.ai_silent = true;
    store.commit(record).await.unwrap();
    let open = store.escalations(&stage.workspace, true, 10).await.unwrap();
    assert_eq!((open.len(), open[0].also.as_slice()), (1, ["negative-emotion".to_owned()].as_slice()));
    assert_eq!(open[0].brief.summary, "Wants a person, angry");
    let filter = ConversationFilter { escalated: Some(true), ..ConversationFilter::default() };
    let page = store.conversations(&stage.workspace, &filter, None, 10).await.unwrap();
    assert_eq!(page.items[0].escalation.as_ref().unwrap().id, escalation.id);
    let rules = store.rule_counts(&stage.workspace).await.unwrap();
    assert_eq!(rules.iter().map(|rule| rule.rule.as_str()).collect::<Vec<_>>(), ["human-asked-for", "negative-emotion"]);
    assert_eq!(store.view_counts(&stage.workspace, None).await.unwrap().escalated, 1);
    store.act(&stage.workspace, accepted.conversation, DeskAct::Resolve, stage.now()).await.unwrap();
    assert!(store.escalations(&stage.workspace, true, 10).await.unwrap().is_empty());
    let all = store.escalations_of(&stage.workspace, accepted.conversation).await.unwrap();
    assert_eq!(all[0].status, EscalationStatus::Resolved);
}

pub async fn what_is_snoozed_comes_back_by_itself(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let said = stage.says(&Person::on_telegram("1"), "Hello").await;
    let until = stage.now().after(MINUTE * 60);
    store.act(&stage.workspace, said.conversation, DeskAct::Snooze { until }, stage.now()).await.unwrap();
    assert_eq!(store.view_counts(&stage.workspace, None).await.unwrap().snoozed, 1);
    assert!(store.due_timers(stage.now(), 10).await.unwrap().is_empty(), "not before its time");
    let due = store.due_timers(until, 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].1.what, TimerKind::SnoozeEnd { conversation: said.conversation });
    for _ in 0..2 {
        store.act(&stage.workspace, said.conversation, DeskAct::Wake, until).await.unwrap();
        let row = store.conversation(&stage.workspace, said.conversation).await.unwrap().unwrap();
        assert_eq!((row.conversation.status, row.conversation.snoozed_until), (StatusKind::Open, None));
    }
}

pub async fn lists_page_without_gaps(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    for number in 0..7 {
        stage.says(&Person::on_telegram(&format!("{number}")), "Hello").await;
    }
    let one = stage.says(&Person::on_telegram("3"), "Again").await;
    let filter = ConversationFilter::default();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.conversations(&stage.workspace, &filter, cursor.as_deref(), 3).await.unwrap();
        seen.extend(page.items.into_iter().map(|row| row.conversation.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((seen.len(), seen[0]), (7, one.conversation));
    let mine = ConversationFilter { customer: Some(one.customer), ..ConversationFilter::default() };
    assert_eq!(store.conversations(&stage.workspace, &mine, None, 3).await.unwrap().items.len(), 1);
    let (mut texts, mut cursor) = (Vec::new(), None);
    for number in 0..4 {
        stage.says(&Person::on_telegram("3"), &format!("{number}")).await;
    }
    loop {
        let page = store.timeline(&stage.workspace, one.customer, cursor.as_deref(), 2).await.unwrap();
        texts.splice(0..0, page.items.into_iter().map(|message| message.text));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(texts, ["Hello", "Again", "0", "1", "2", "3"]);
    let strand = store.message(&stage.workspace, one.message).await.unwrap().unwrap();
    let after = store.strand_messages(&stage.workspace, strand.strand, strand.seq, 10).await.unwrap();
    assert_eq!(after.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["0", "1", "2", "3"]);
    assert_eq!(store.waiting_by_door(&stage.workspace).await.unwrap(), [], "nobody is owed anything");
    let health = store.door_health(&stage.workspace).await.unwrap();
    assert!(health.len() == 1 && health[0].1.is_some() && health[0].2.is_none());
}

async fn whoever_a_provider_names_is_one_teammate(stage: &Stage, ana: &Teammate) {
    let store = &stage.store;
    let ben = Teammate { id: stage.id(), email: "ben@example.com".to_owned(), ..ana.clone() };
    store.put_teammate(&ben, stage.now()).await.unwrap();
    let by = async |subject: &str| store.teammate_by_sso("https://id.example", subject).await.unwrap().map(|found| (found.id, found.sso));
    let link = async |teammate: &Teammate, subject: &str| {
        store.link_sso(&stage.workspace, teammate.id, "https://id.example", subject).await.unwrap()
    };
    assert_eq!(by("7").await, None);
    assert!(link(ana, "7").await);
    assert_eq!(by("7").await, Some((ana.id, true)));
    assert!(!link(&ben, "7").await, "a subject is one teammate");
    assert!(!link(ana, "8").await, "a teammate is one subject");
    store.put_teammate(ana, stage.now()).await.unwrap();
    assert_eq!(by("7").await, Some((ana.id, true)), "another change does not part them");
    assert_eq!(store.teammate_by_sso("https://other.example", "7").await.unwrap(), None, "each provider has its own subjects");
    store.unlink_sso(&stage.workspace, ana.id).await.unwrap();
    assert_eq!(by("7").await, None);
    assert!(domain::ports::Team::drop_teammate(&**store, &stage.workspace, ben.id, stage.now()).await.unwrap());
}

pub async fn sessions_tokens_and_marks_end(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    store.ensure_workspace(&stage.workspace, "Ergo Chairs", stage.now()).await.unwrap();
    let ana = Teammate {
        id: stage.id(),
        workspace: stage.workspace.clone(),
        name: "Ana".to_owned(),
        email: "Ana@Example.com".to_owned(),
        role: "owner".to_owned(),
        password_hash: "argon2id".to_owned(),
        second: None,
        sso: false,
    };
    store.put_teammate(&ana, stage.now()).await.unwrap();
    assert_eq!(store.teammate_by_email("ana@example.com").await.unwrap(), Some(ana.clone()));
    assert_eq!(store.teammates(&stage.workspace).await.unwrap(), vec![ana.clone()]);
    let now = stage.now();
    store.open_session("session", ana.id, "csrf", now, now.after(MINUTE)).await.unwrap();
    assert_eq!(store.session("session", now).await.unwrap(), Some((ana.clone(), "csrf".to_owned())));
    assert_eq!(store.session("session", now.after(MINUTE)).await.unwrap(), None);
    store.end_session("session").await.unwrap();
    assert_eq!(store.session("session", now).await.unwrap(), None);
    whoever_a_provider_names_is_one_teammate(&stage, &ana).await;
    let token = ApiToken {
        id: stage.id(),
        name: "CRM".to_owned(),
        workspace: stage.workspace.clone(),
        scopes: vec!["read".to_owned()],
        expires_at: Some(now.after(MINUTE)),
    };
    store.put_token(&token, "hash", now).await.unwrap();
    assert_eq!(store.token("hash", now).await.unwrap(), Some(token.clone()));
    assert_eq!(store.token("hash", now.after(MINUTE)).await.unwrap(), None);
    assert!(store.delete_token(&stage.workspace, token.id).await.unwrap());
    assert!(store.tokens(&stage.workspace).await.unwrap().is_empty());
    assert!(store.use_once("jti", "mark", now).await.unwrap());
    assert!(!store.use_once("jti", "mark", now).await.unwrap());
    store.put_note("setup", Some("hash")).await.unwrap();
    assert_eq!(store.note("setup").await.unwrap().as_deref(), Some("hash"));
    store.put_note("setup", None).await.unwrap();
    assert_eq!(store.note("setup").await.unwrap(), None);
    let door = ConnectionId::from("web");
    let accepted = stage.says(&Person::on_telegram("1"), "Hello").await;
    let customer = domain::ports::People::customer(&*store, &stage.workspace, accepted.customer).await.unwrap().unwrap();
    let identifier = customer.identifiers[0].clone();
    store.open_visitor(&stage.workspace, &door, "visit", identifier.id, now).await.unwrap();
    let visitor = store.visitor(&stage.workspace, &door, "visit").await.unwrap().unwrap();
    assert_eq!((visitor.customer, visitor.strand, visitor.value.as_str()), (accepted.customer, identifier.strand, "1"));
    assert!(store.visitor(&stage.workspace, &door, "other").await.unwrap().is_none());
}

pub async fn one_talk_becomes_two_matters_and_one_again(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let parcel = stage.says(&sarah, "Where is my parcel?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    store.commit(stage.record(&claim, &context, "On its way.")).await.unwrap();
    let lamp = stage.says(&sarah, "And do you sell lamps?").await;
    assert_eq!(lamp.conversation, parcel.conversation);
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let record = stage.record(&claim, &context, "We do.");
    let turn = record.id;
    store.commit(record).await.unwrap();

    let lamps: ConversationId = stage.id();
    let act = |id, act| store.act(&stage.workspace, id, act, stage.now());
    let split = |from| DeskAct::Split { from, into: lamps };
    assert!(!act(parcel.conversation, split(parcel.message)).await.unwrap(), "nothing would stay behind");
    assert!(!act(parcel.conversation, split(stage.id())).await.unwrap(), "a message from elsewhere");
    assert!(act(parcel.conversation, split(lamp.message)).await.unwrap());
    let said_in = async |id| -> Vec<String> {
        let all = store.conversation_messages(&stage.workspace, id, 10).await.unwrap();
        all.into_iter().map(|message| message.text).collect()
    };
    assert_eq!(said_in(parcel.conversation).await, ["On its way."]);
    assert_eq!(said_in(lamps).await, ["We do."]);
    assert!(store.turn(&stage.workspace, turn).await.unwrap().is_some());
    let row = store.conversation(&stage.workspace, lamps).await.unwrap().unwrap();
    assert_eq!((row.conversation.status, row.conversation.customer), (StatusKind::Open, parcel.customer));
    let all = store.conversations(&stage.workspace, &ConversationFilter::default(), None, 10).await.unwrap();
    assert_eq!(all.items.len(), 2);
    assert_eq!(stage.says(&sarah, "In green, please.").await.conversation, lamps, "the talk that was spoken last goes on");

    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    assert!(act(lamps, DeskAct::Tag { add: vec!["lamps".to_owned()], remove: Vec::new() }).await.unwrap());
    assert!(!act(lamps, DeskAct::Merge { absorb: lamps }).await.unwrap(), "with itself");
    assert!(act(parcel.conversation, DeskAct::Merge { absorb: lamps }).await.unwrap());
    is_stale(store.commit(stage.record(&claim, &context, "Too late")).await);
    assert!(!act(parcel.conversation, DeskAct::Merge { absorb: lamps }).await.unwrap(), "it is part of one already");
    assert_eq!(said_in(parcel.conversation).await, ["On its way.", "We do."]);
    let all = store.conversations(&stage.workspace, &ConversationFilter::default(), None, 10).await.unwrap();
    assert_eq!(all.items.iter().map(|row| row.conversation.id).collect::<Vec<_>>(), [parcel.conversation]);
    assert_eq!(all.items[0].tags, ["lamps"]);
    stage.wait(MINUTE * 2);
    let claim = stage.claim().await.unwrap();
    assert_eq!(claim.messages[0].message.conversation, parcel.conversation, "what waits is answered where it is now");

    let other = stage.says(&Person::on_telegram("1"), "Hello").await;
    assert!(!act(parcel.conversation, DeskAct::Merge { absorb: other.conversation }).await.unwrap(), "another customer's");
}

pub async fn two_escalations_of_one_matter_are_one(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let escalate = async |text: &str, rule: &str| {
        let accepted = stage.says(&sarah, text).await;
        let claim = stage.claim().await.unwrap();
        let context = stage.context(&claim).await;
        let mut record = stage.record(&claim, &context, "Ana takes over.");
        record.escalation = Some(EscalationChange::Open(Box::new(Escalation {
            id: stage.id(),
            customer: accepted.customer,
            conversation: accepted.conversation,
            rule: rule.to_owned(),
            also: Vec::new(),
            status: EscalationStatus::Open,
            evidence: vec![Evidence { rule: rule.to_owned(), message: accepted.message, quote: text.to_owned() }],
            brief: Brief { summary: text.to_owned(), ..Brief::default() },
            at: record.at,
            due_at: record.at.after(MINUTE * 30),
            turn: Some(record.id),
            team: None,
            way: None,
        })));
        record.conversation.ai_silent = true;
        store.commit(record).await.unwrap();
        accepted
    };
    let act = |id, act| store.act(&stage.workspace, id, act, stage.now());
    stage.says(&sarah, "Hello").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    store.commit(stage.record(&claim, &context, "Hello.")).await.unwrap();
    let dear = escalate("too dear", "budget-objection").await;
    let apart: ConversationId = stage.id();
    assert!(act(dear.conversation, DeskAct::Split { from: dear.message, into: apart }).await.unwrap());
    let open = store.escalations(&stage.workspace, true, 10).await.unwrap();
    assert_eq!(open[0].conversation, apart, "an escalation goes with the message it is about");
    let silent = async |id| store.conversation(&stage.workspace, id).await.unwrap().unwrap().conversation.ai_silent;
    assert_eq!((silent(apart).await, silent(dear.conversation).await), (true, false));

    let human = escalate("a person", "human-asked-for").await;
    assert_eq!(human.conversation, apart, "the talk that was spoken last goes on");
    let third: ConversationId = stage.id();
    assert!(act(apart, DeskAct::Split { from: human.message, into: third }).await.unwrap());
    assert_eq!(store.escalations(&stage.workspace, true, 10).await.unwrap().len(), 2);
    assert!(act(third, DeskAct::Merge { absorb: apart }).await.unwrap());
    let open = store.escalations(&stage.workspace, true, 10).await.unwrap();
    assert_eq!((open.len(), open[0].rule.as_str(), open[0].conversation), (1, "budget-objection", third), "the first stays");
    assert_eq!(open[0].also, ["human-asked-for"]);
    assert_eq!(open[0].evidence.len(), 2);
    assert!(silent(third).await);
}

pub async fn conversations_are_found_by_their_tags(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let one = stage.says(&Person::on_telegram("1"), "Hello").await;
    let two = stage.says(&Person::on_telegram("2"), "Hello").await;
    let tag = |id, add: &[&str], remove: &[&str]| {
        let words = |all: &[&str]| all.iter().map(|tag| (*tag).to_owned()).collect();
        store.act(&stage.workspace, id, DeskAct::Tag { add: words(add), remove: words(remove) }, stage.now())
    };
    tag(one.conversation, &["vip", "50% off", "vip"], &[]).await.unwrap();
    tag(two.conversation, &["vip_only", "500 off"], &[]).await.unwrap();
    let found = async |tag: &str| {
        let filter = ConversationFilter { tag: Some(tag.to_owned()), ..ConversationFilter::default() };
        let page = store.conversations(&stage.workspace, &filter, None, 10).await.unwrap();
        page.items.iter().map(|row| row.conversation.id).collect::<Vec<_>>()
    };
    assert_eq!(found("vip").await, [one.conversation]);
    assert_eq!(found("50% off").await, [one.conversation], "signs of a pattern are plain signs");
    tag(one.conversation, &["paid"], &["vip", "unknown"]).await.unwrap();
    assert!(found("vip").await.is_empty());
    let row = store.conversation(&stage.workspace, one.conversation).await.unwrap().unwrap();
    assert_eq!(row.tags, ["50% off", "paid"]);
}
