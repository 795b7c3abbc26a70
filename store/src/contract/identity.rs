//! Who is who: lossless both ways.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::channel::ChannelKind;
use domain::customer::Customer;
use domain::fact::Predicate;
use domain::identifier::{IdentifierKind, Trust};
use domain::ports::{Desk, Directory, Intake, Link, People, Placement, Privacy, Turns};
use domain::turn::IdentityChange;
use domain::{CustomerId, MergeId};

use super::stage::{MINUTE, Person, Stage, is_lost, is_stale, seen};
use crate::Storage;

pub(super) async fn change(stage: &Stage, changes: Vec<IdentityChange>) {
    stage.store.change_identity(&stage.workspace, None, changes, stage.now()).await.unwrap();
}

async fn merge(stage: &Stage, kept: CustomerId, absorbed: CustomerId) -> MergeId {
    let id = stage.id();
    let reasons = vec!["same number".to_owned()];
    change(stage, vec![IdentityChange::Merge { id, kept, absorbed, reasons, by: "code".to_owned() }]).await;
    id
}

async fn unmerge(stage: &Stage, merge: MergeId) {
    change(stage, vec![IdentityChange::Unmerge { merge, by: "teammate".to_owned() }]).await;
}

async fn record(stage: &Stage, id: CustomerId) -> Customer {
    stage.store.customer(&stage.workspace, id).await.unwrap().unwrap()
}

/// Records and strands that the log of identity gives to somebody else.
async fn mistaken(stage: &Stage) -> Vec<String> {
    crate::who::disagreements(&mut stage.store.inner.reader().await.unwrap()).await.unwrap()
}

/// Everything of a record that a person would miss.
async fn possessions(stage: &Stage, id: CustomerId) -> Vec<String> {
    let customer = record(stage, id).await;
    let mut all: Vec<String> = Vec::new();
    all.extend(customer.identifiers.iter().map(|identifier| format!("identifier {} {}", identifier.kind, identifier.value)));
    all.extend(customer.strands.iter().map(|strand| format!("strand {}", strand.id)));
    all.extend(customer.facts.iter().map(|fact| format!("fact {} {}", fact.predicate, fact.value)));
    let timeline = stage.store.timeline(&stage.workspace, id, None, 1_000).await.unwrap();
    all.extend(timeline.items.iter().map(|message| format!("message {} {} {}", message.seq, message.conversation, message.text)));
    let doors = stage.store.doors(&stage.workspace, id).await.unwrap();
    all.extend(doors.iter().map(|door| format!("door {} {}", door.connection, door.address)));
    all.sort();
    all
}

pub async fn a_merge_shows_one_record_and_unmerge_gives_everything_back(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (phone, bot) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("7"));
    let (on_phone, _) = stage.teaches(&phone, Predicate::Name, "Sarah Miller").await;
    let (on_bot, _) = stage.teaches(&bot, Predicate::Need, "A chair for a bad back").await;
    let (kept, absorbed) = (on_phone.customer, on_bot.customer);
    let before = (possessions(&stage, kept).await, possessions(&stage, absorbed).await);

    let id = merge(&stage, kept, absorbed).await;
    let one = record(&stage, absorbed).await;
    assert_eq!(one.id, kept, "the absorbed id answers with the survivor");
    assert_eq!(one.facts.len(), 2);
    assert_eq!(one.merges.len(), 1);
    assert_eq!((one.merges[0].absorbed, one.merges[0].strands.len(), one.merges[0].undone), (absorbed, 1, false));
    let mut both: Vec<String> = before.0.iter().chain(&before.1).cloned().collect();
    both.sort();
    assert_eq!(possessions(&stage, kept).await, both);
    assert_eq!(store.merge_of(&stage.workspace, id).await.unwrap(), Some((absorbed, kept)));
    assert_eq!(stage.says(&bot, "Me again").await.customer, kept);
    stage.turn("Welcome back, Sarah.").await;
    assert_eq!(merge(&stage, kept, absorbed).await.to_string().len(), 30, "joining what is one changes nothing");
    assert_eq!(record(&stage, kept).await.merges.len(), 1);

    unmerge(&stage, id).await;
    let mut later = possessions(&stage, absorbed).await;
    later.retain(|item| !item.ends_with("Me again") && !item.ends_with("Welcome back, Sarah."));
    assert_eq!(possessions(&stage, kept).await, before.0);
    assert_eq!(later, before.1, "with what was said on its strands since");
    assert_eq!(record(&stage, absorbed).await.id, absorbed);
    assert!(store.is_blocked(&stage.workspace, absorbed, kept).await.unwrap());
    assert!(record(&stage, kept).await.merges[0].undone);
    assert_eq!(stage.says(&bot, "Still me").await.customer, absorbed);
}

/// A small generator, so that a failing seed can be run again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % most
    }
}

pub async fn random_merges_and_unmerges_lose_nothing(store: Arc<Storage>) {
    for seed in 1..=12 {
        let stage = Stage::in_workspace(store.clone(), &format!("seed-{seed}"));
        let mut dice = Dice(seed);
        let people: Vec<Person> = (0..6).map(|number| Person::on_telegram(&format!("{seed}-{number}"))).collect();
        let mut customers = Vec::new();
        for (number, person) in people.iter().enumerate() {
            customers.push(stage.teaches(person, Predicate::Name, &format!("Person {number}")).await.0.customer);
        }
        let mut before = BTreeMap::new();
        for customer in &customers {
            before.insert(*customer, possessions(&stage, *customer).await);
        }
        let mut open: Vec<MergeId> = Vec::new();
        for _ in 0..20 {
            if open.is_empty() || dice.below(3) > 0 {
                let (a, b) = (customers[dice.below(6)], customers[dice.below(6)]);
                let (a, b) = (record(&stage, a).await.id, record(&stage, b).await.id);
                if a != b {
                    open.push(merge(&stage, a, b).await);
                }
            } else {
                let at = dice.below(open.len());
                unmerge(&stage, open.remove(at)).await;
            }
            let mut strands = 0;
            let mut roots = Vec::new();
            for customer in &customers {
                let found = record(&stage, *customer).await;
                if !roots.contains(&found.id) {
                    strands += found.strands.len();
                    roots.push(found.id);
                }
            }
            assert_eq!(strands, customers.len(), "seed {seed}: each strand has one owner");
            assert_eq!(mistaken(&stage).await, [] as [String; 0], "seed {seed}: the log alone says the same");
        }
        while !open.is_empty() {
            let at = dice.below(open.len());
            unmerge(&stage, open.remove(at)).await;
        }
        for customer in &customers {
            assert_eq!(possessions(&stage, *customer).await, before[customer], "seed {seed}");
        }
    }
}

pub async fn who_is_who_can_be_told_from_the_log_alone(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let mut all = Vec::new();
    for number in 0..4 {
        all.push(stage.says(&Person::on_telegram(&format!("{number}")), "Hello").await.customer);
    }
    let first = merge(&stage, all[0], all[1]).await;
    merge(&stage, all[2], all[1]).await;
    let strand = record(&stage, all[3]).await.strands[0].id;
    change(&stage, vec![IdentityChange::MoveStrand { strand, to: all[1] }]).await;
    assert_eq!(record(&stage, all[0]).await.strands.len(), 4, "by whatever name");
    assert_eq!(mistaken(&stage).await, [] as [String; 0]);
    unmerge(&stage, first).await;
    assert_eq!(mistaken(&stage).await, [] as [String; 0]);
    stage.store.erase(&stage.workspace, all[2], stage.now()).await.unwrap();
    assert_eq!(mistaken(&stage).await, [] as [String; 0], "and of those who are gone nothing is missed");
}

pub async fn a_merge_ends_running_turns_of_both(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (phone, bot) = (Person::on_whatsapp("+33612345678"), Person::on_telegram("7"));
    let kept = stage.says(&phone, "From my phone").await.customer;
    let absorbed = stage.says(&bot, "From the bot").await.customer;
    let first = stage.claim().await.unwrap();
    let second = stage.claim().await.unwrap();
    let (one, other) = (stage.context(&first).await, stage.context(&second).await);
    merge(&stage, kept, absorbed).await;
    is_lost(store.commit(stage.record(&first, &one, "Old")).await);
    is_lost(store.commit(stage.record(&second, &other, "Old")).await);
    let mut texts = Vec::new();
    for _ in 0..2 {
        let claim = stage.claim().await.unwrap();
        assert_eq!(claim.lease.customer, kept);
        texts.extend(claim.messages.iter().map(|waiting| waiting.message.text.clone()));
        let context = stage.context(&claim).await;
        store.commit(stage.record(&claim, &context, "New")).await.unwrap();
    }
    assert_eq!(texts, ["From my phone", "From the bot"]);

    stage.says(&phone, "Whose turn?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "Two again");
    let merge = context.customer.merges[0].id;
    record.identity = vec![IdentityChange::Unmerge { merge, by: "customer".to_owned() }];
    store.commit(record).await.unwrap();
    assert_eq!(store.customer(&stage.workspace, absorbed).await.unwrap().unwrap().id, absorbed);
}

pub async fn a_strand_opened_for_another_person_takes_its_messages_along(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let phone = Person::on_whatsapp("+33612345678");
    let (first, _) = stage.teaches(&phone, Predicate::Name, "Sarah").await;
    let identifier = store.evidence(&stage.workspace, &phone.sender).await.unwrap().held[0].clone().unwrap().identifier;

    // Somebody else on the same number: a provisional stranger until it is settled.
    let (tom, provisional) = (stage.id(), stage.id());
    let doubt = domain::message::Doubt::SharedIdentifier { candidates: vec![first.customer] };
    let placement = Placement::Provisional { customer: tom, identifier: identifier.id, strand: provisional, doubt, point: false };
    let strange = store.accept(stage.letter(&phone, "Tom here, where is my order?", placement)).await.unwrap();
    assert_eq!(strange.customer, tom);
    assert_ne!(strange.conversation, first.conversation);
    let claim = stage.claim().await.unwrap();
    assert!(claim.messages[0].doubt.is_some());
    let context = stage.context(&claim).await;
    assert!(context.history.is_empty(), "a stranger sees nothing of hers");
    store.commit(stage.record(&claim, &context, "Who am I speaking with?")).await.unwrap();

    let said = stage.says(&phone, "It's Tom again").await;
    assert_eq!(said.customer, first.customer, "not pointed: placed with the holder again");
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let mut record = stage.record(&claim, &context, "Hello Tom");
    let strand = stage.id();
    let learned = stage.fact(Some(claim.messages[0].message.strand), Predicate::Order, "A-1001");
    record.facts = vec![domain::turn::FactChange::Add(domain::fact::Fact { source_message: Some(said.message), ..learned })];
    store.commit(record).await.unwrap();
    let changes = vec![
        IdentityChange::MarkShared { identifier: identifier.id },
        IdentityChange::OpenStrand { identifier: identifier.id, strand, customer: tom, moves: vec![said.message], conversation: None },
    ];
    change(&stage, changes).await;
    let tom_now = store.customer(&stage.workspace, tom).await.unwrap().unwrap();
    assert_eq!(tom_now.fact(Predicate::Order).unwrap().value, "A-1001");
    assert_eq!(tom_now.strands.len(), 2);
    let texts: Vec<String> =
        store.timeline(&stage.workspace, tom, None, 10).await.unwrap().items.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["Tom here, where is my order?", "Who am I speaking with?", "It's Tom again"]);
    let sarah = store.customer(&stage.workspace, first.customer).await.unwrap().unwrap();
    assert!(sarah.fact(Predicate::Order).is_none());
    let held = store.evidence(&stage.workspace, &phone.sender).await.unwrap().held[0].clone().unwrap();
    assert_eq!((held.customer, held.identifier.strand, held.identifier.shared), (tom, strand, true));
    assert_eq!(held.others, vec![first.customer]);
    assert_eq!(store.doors(&stage.workspace, tom).await.unwrap()[0].address, phone.address);
    change(&stage, vec![IdentityChange::MoveStrand { strand: provisional, to: first.customer }]).await;
    assert_eq!(store.customer(&stage.workspace, tom).await.unwrap().unwrap().strands.len(), 1);
}

pub async fn a_claim_never_takes_an_identifier(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let phone = Person::on_whatsapp("+33612345678");
    let holder = stage.says(&phone, "Hello").await.customer;
    let visitor = seen(IdentifierKind::Visitor, "web", "v-1", Trust::Claimed);
    let stranger = stage.id();
    let made = vec![(visitor.clone(), stage.id(), stage.id())];
    let guest = store.ensure_customer(&stage.workspace, stranger, made, stage.now()).await.unwrap();
    let again = vec![(visitor, stage.id(), stage.id())];
    let same = store.ensure_customer(&stage.workspace, stage.id(), again, stage.now()).await.unwrap();
    assert_eq!(guest, same, "a visitor is found again");
    for trust in [Trust::Claimed, Trust::ChannelAsserted] {
        let identifier = seen(IdentifierKind::Phone, "", "+33612345678", trust);
        change(&stage, vec![IdentityChange::Attach { customer: guest, identifier, id: stage.id(), strand: stage.id() }]).await;
    }
    let found = store.customers_by_identifier(&stage.workspace, IdentifierKind::Phone, None, "+33612345678").await.unwrap();
    assert_eq!(found, [(holder, Trust::ChannelAsserted), (guest, Trust::Claimed)]);
    let held = store.evidence(&stage.workspace, &phone.sender).await.unwrap().held[0].clone().unwrap();
    assert_eq!(held.customer, holder);
    let mail = seen(IdentifierKind::Email, "", "sarah@example.com", Trust::Claimed);
    change(&stage, vec![IdentityChange::Attach { customer: guest, identifier: mail.clone(), id: stage.id(), strand: stage.id() }]).await;
    let proven = domain::identifier::SeenIdentifier { trust: Trust::Verified, ..mail };
    change(&stage, vec![IdentityChange::Attach { customer: guest, identifier: proven, id: stage.id(), strand: stage.id() }]).await;
    let guest = store.customer(&stage.workspace, guest).await.unwrap().unwrap();
    let mails: Vec<_> = guest.identifiers.iter().filter(|known| known.kind == IdentifierKind::Email).collect();
    assert_eq!((mails.len(), mails[0].trust), (1, Trust::Verified), "a stronger sighting raises its trust");
    let unknown = IdentityChange::Unmerge { merge: stage.id(), by: "code".to_owned() };
    is_stale(store.change_identity(&stage.workspace, None, vec![unknown], stage.now()).await);
}

pub async fn links_are_single_use_and_guessing_stops(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let visitor = stage.says(&Person::on_telegram("visitor"), "Hello").await.customer;
    let sender = stage.says(&Person::on_whatsapp("+33612345678"), "RAP").await.customer;
    let identifier = store.customer(&stage.workspace, visitor).await.unwrap().unwrap().identifiers[0].id;
    let link = Link {
        id: stage.id(),
        code_hash: "hash".to_owned(),
        customer: visitor,
        identifier,
        channel: ChannelKind::Whatsapp,
        expires_at: stage.now().after(MINUTE * 30),
        redeemed_by: None,
        shown_as: None,
        waits_for: None,
        merge: None,
        redeemed_at: None,
    };
    store.create_link(&stage.workspace, link.clone()).await.unwrap();
    let find = |code: &'static str| {
        let (store, workspace, now) = (store.clone(), stage.workspace.clone(), stage.now());
        async move { store.link_by_code(&workspace, code, sender, now).await.unwrap() }
    };
    assert_eq!(find("hash").await, Some(link.clone()));
    for _ in 0..5 {
        assert_eq!(find("wrong").await, None);
    }
    assert_eq!(find("hash").await, None, "five wrong tries an hour");
    stage.wait(MINUTE * 61);
    assert_eq!(find("hash").await, None, "and half an hour is over");
    let redeemed = IdentityChange::RedeemLink { link: link.id, by: sender, shown_as: "+33 … 78".to_owned(), merge: None };
    change(&stage, vec![redeemed]).await;
    let links = store.links_of(&stage.workspace, visitor).await.unwrap();
    assert_eq!((links.len(), links[0].shown_as.as_deref(), links[0].redeemed_by), (1, Some("+33 … 78"), Some(sender)));
    assert!(store.link(&stage.workspace, link.id).await.unwrap().unwrap().redeemed_at.is_some());
}

pub async fn a_name_or_number_finds_its_customer(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let customer = stage.teaches(&sarah, Predicate::Name, "Sarah Miller").await.0.customer;
    let tom = stage.says(&Person::on_telegram("7712").named("Tom Sarafian"), "Hi").await.customer;
    let found = |words: &'static str| {
        let (store, workspace) = (store.clone(), stage.workspace.clone());
        async move {
            let page = store.search_customers(&workspace, words, None, 10).await.unwrap();
            page.items.into_iter().map(|customer| customer.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(found("miller").await, [customer]);
    assert_eq!(found("Sarah mill").await, [customer]);
    assert_eq!(found("sar").await, [tom, customer], "newest first");
    assert_eq!(found("33612345").await, [customer]);
    assert_eq!(found("+33612345678").await, [customer]);
    assert_eq!(found("sarahx").await, []);
    for signs in ["%", "_", "\\", "(+)$", "😀"] {
        assert_eq!(found(signs).await, [], "{signs}");
    }
    let first = store.search_customers(&stage.workspace, "sar", None, 1).await.unwrap();
    let second = store.search_customers(&stage.workspace, "sar", first.next.as_deref(), 1).await.unwrap();
    assert_eq!((first.items[0].id, second.items[0].id, second.next), (tom, customer, None));
}

pub async fn a_pair_is_suggested_once_and_never_again(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (one, _) = stage.teaches(&Person::on_whatsapp("+33612345678"), Predicate::Name, "Sarah Miller").await;
    let (two, _) = stage.teaches(&Person::on_telegram("7"), Predicate::Name, "Sarah Miller").await;
    let (three, _) = stage.teaches(&Person::on_telegram("8"), Predicate::Name, "S. Miller").await;
    let suggest = async |a: CustomerId, b: CustomerId| {
        let reasons = vec![("same surname".to_owned(), 9.5)];
        change(&stage, vec![IdentityChange::Suggest { id: stage.id(), a, b, probability: 0.97, reasons }]).await;
    };
    let open = async || stage.store.suggestions(&stage.workspace).await.unwrap();

    suggest(one.customer, two.customer).await;
    suggest(two.customer, one.customer).await;
    let found = open().await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].a, found[0].b, found[0].status.as_str()), (one.customer, two.customer, "open"));
    assert_eq!(found[0].reasons, [("same surname".to_owned(), 9.5)]);

    store.settle_suggestion(&stage.workspace, found[0].id, false, stage.now()).await.unwrap();
    suggest(one.customer, two.customer).await;
    assert_eq!(open().await, [], "a rejected one does not return");

    suggest(one.customer, three.customer).await;
    assert_eq!(open().await.len(), 1);
    merge(&stage, one.customer, three.customer).await;
    assert_eq!(open().await, [], "who is one already is not asked about");
}

pub async fn everybody_is_listed_page_by_page_newest_first(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let mut all = Vec::new();
    for number in 0..5 {
        all.push(stage.teaches(&Person::on_telegram(&format!("70{number}")), Predicate::Name, "Sarah Miller").await.0.customer);
    }
    merge(&stage, all[0], all[3]).await;
    let (mut listed, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.search_customers(&stage.workspace, "", cursor.as_deref(), 2).await.unwrap();
        assert!(page.items.len() <= 2);
        listed.extend(page.items.iter().map(|customer| customer.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let mut expected = vec![all[0], all[1], all[2], all[4]];
    let newest_first = listed.windows(2).all(|pair| pair[0] > pair[1]);
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
    assert!(newest_first);
    // The highest score first, over the end of a page as well; and narrowed by door, proof and score.
    let list = async |wanted: Directory<'_>| {
        let (mut listed, mut cursor) = (Vec::new(), None);
        loop {
            let page = store.directory(&stage.workspace, &wanted, cursor.as_deref(), 2).await.unwrap();
            listed.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return listed;
            }
        }
    };
    let whatsapp = stage.says(&Person::on_whatsapp("+33612345678"), "Hello").await.customer;
    let by_score = list(Directory { by_score: true, ..Directory::default() }).await;
    let scores: Vec<i32> = by_score.iter().map(|customer| customer.lead.score).collect();
    assert!(by_score.len() == 5 && scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
    for words in ["", "33612345678"] {
        let found = list(Directory { words, channel: Some(ChannelKind::Whatsapp), ..Directory::default() }).await;
        assert_eq!(found.iter().map(|customer| customer.id).collect::<Vec<_>>(), [whatsapp], "{words:?}");
    }
    assert_eq!(list(Directory { words: "33612345678", channel: Some(ChannelKind::Sms), ..Directory::default() }).await.len(), 0);
    assert_eq!(list(Directory { proof: Some(Trust::ChannelAsserted), ..Directory::default() }).await.len(), 5);
    assert_eq!(list(Directory { proof: Some(Trust::Verified), ..Directory::default() }).await.len(), 0);
    assert_eq!(list(Directory { least_score: 101, ..Directory::default() }).await.len(), 0);
    assert_eq!(store.message_count(&stage.workspace, whatsapp).await.unwrap(), 1);
}

pub async fn who_speaks_up_on_anothers_number_begins_a_talk_of_their_own(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let phone = Person::on_whatsapp("+33612345678");
    let (john, _) = stage.teaches(&phone, Predicate::Name, "John").await;
    let identifier = store.evidence(&stage.workspace, &phone.sender).await.unwrap().held[0].clone().unwrap().identifier;
    let said = stage.says(&phone, "This is Sarah on the same number").await;
    assert_eq!(said.conversation, john.conversation);
    let (strand, sarah, talk) = (stage.id(), stage.id(), stage.id());
    let open = IdentityChange::OpenStrand {
        identifier: identifier.id,
        strand,
        customer: sarah,
        moves: vec![said.message],
        conversation: Some(talk),
    };
    change(&stage, vec![IdentityChange::MarkShared { identifier: identifier.id }, open]).await;
    let claim = stage.claim().await.unwrap();
    assert_eq!((claim.lease.customer, claim.messages[0].message.conversation), (sarah, talk));
    let context = stage.context(&claim).await;
    assert_eq!((context.conversation.customer, context.history.len()), (sarah, 0), "nothing of his is in it");
    store.commit(stage.record(&claim, &context, "Hello Sarah")).await.unwrap();
    let his = store.conversation_messages(&stage.workspace, john.conversation, 10).await.unwrap();
    assert!(his.iter().all(|message| !message.text.contains("Sarah")), "{his:?}");
}
