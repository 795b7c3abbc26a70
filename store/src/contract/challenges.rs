//! One-time codes are counted once a message, open nothing for others, and go with their people.

use std::sync::Arc;
use std::time::Duration;

use domain::challenge::{Answered, AskedLately, CodeAnswer, Contact, NewChallenge, OneTimeCode, OpenChallenge, Sending, TypedCode};
use domain::identifier::IdentifierKind;
use domain::message::{Author, Direction};
use domain::ports::{Challenges, Intake, Outbox, Placement, Privacy, Settled, Turns};
use domain::turn::Claim;
use domain::{ChallengeId, StrandId};

use super::stage::{DAY, MINUTE, Person, Stage};
use crate::Storage;

const PHONE: &str = "+33612345678";

fn contact(value: &str) -> Contact {
    Contact { kind: IdentifierKind::Phone, value: value.to_owned() }
}

/// Asks for a code on a new turn of `asks`, sent to `holder` where there is one.
async fn asked(stage: &Stage, asks: &Person, holder: Option<&Person>, code: u128) -> (ChallengeId, StrandId) {
    let sent_to = match holder {
        Some(holder) => {
            let accepted = stage.says(holder, "Hello").await;
            let claim = stage.claim().await.unwrap();
            let context = stage.context(&claim).await;
            let strand = claim.messages[0].message.strand;
            stage.store.commit(stage.record(&claim, &context, "Hello")).await.unwrap();
            Some((accepted, strand))
        }
        None => None,
    };
    stage.says(asks, "Where is my order?").await;
    let claim = stage.claim().await.unwrap();
    let context = stage.context(&claim).await;
    let strand = claim.messages[0].message.strand;
    let mut record = stage.record(&claim, &context, "A code is on its way.");
    let code = OneTimeCode::from_bits(code);
    let sends = sent_to.map(|(accepted, strand)| {
        let mut reply = record.replies[0].clone();
        (reply.delivery, reply.message.id) = (stage.id(), stage.id());
        (reply.message.direction, reply.message.author) = (Direction::Out, Author::System);
        (reply.message.strand, reply.message.conversation) = (strand, accepted.conversation);
        reply.message.text = "Your code is ••••••".to_owned();
        reply.rendered.text = format!("Your code is {}", code.expose());
        Sending { customer: accepted.customer, conversation: accepted.conversation, is_new: false, reply }
    });
    let id = stage.id();
    let expires_at = stage.now().after(MINUTE * 10);
    record.challenge =
        Some(Box::new(NewChallenge { id, strand, contact: contact(PHONE), code, salt: "salt".to_owned(), sends, expires_at }));
    stage.store.commit(record).await.unwrap();
    (id, strand)
}

/// The person types digits; the claim of the turn that they wait for.
async fn types(stage: &Stage, person: &Person, challenge: ChallengeId, digits: u128) -> (Claim, CodeAnswer) {
    let placement = stage.placement(person).await;
    let mut letter = stage.letter(person, "••••••", placement);
    let open = OpenChallenge { id: challenge, salt: "salt".to_owned() };
    letter.typed_code = Some(TypedCode { challenge: open, code: OneTimeCode::from_bits(digits) });
    stage.store.accept(letter).await.unwrap();
    let claim = stage.claim().await.unwrap();
    let answer = claim.messages[0].code_answer.clone().unwrap();
    (claim, answer)
}

async fn answered(stage: &Stage, person: &Person, challenge: ChallengeId, digits: u128) -> Answered {
    let (claim, answer) = types(stage, person, challenge, digits).await;
    let message = &claim.messages[0].message;
    let first = stage.store.answer_challenge(&stage.workspace, &answer, message.id, message.strand, message.at).await.unwrap();
    let again = stage.store.answer_challenge(&stage.workspace, &answer, message.id, message.strand, message.at).await.unwrap();
    assert_eq!(first, again, "the same message gets the same answer");
    let context = stage.context(&claim).await;
    stage.store.commit(stage.record(&claim, &context, "")).await.unwrap();
    first
}

pub async fn a_code_opens_once_and_for_whom_it_was_asked(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (asks, holder) = (Person::on_telegram("70001"), Person::on_whatsapp(PHONE));
    let (challenge, strand) = asked(&stage, &asks, Some(&holder), 482_913).await;
    let open = store.challenge_of(&stage.workspace, strand, stage.now()).await.unwrap().unwrap();
    assert_eq!((open.id, open.salt.as_str()), (challenge, "salt"));
    let Placement::Known { customer, strand: sent_to } = stage.placement(&holder).await else { panic!("the holder is known") };
    assert_eq!(store.challenge_of(&stage.workspace, sent_to, stage.now()).await.unwrap().map(|open| open.id), Some(challenge));
    assert_eq!(answered(&stage, &holder, challenge, 482_913).await, Answered::Over, "it was not asked for there");
    assert_eq!(answered(&stage, &asks, challenge, 111_111).await, Answered::Wrong { left: 4 });
    assert_eq!(answered(&stage, &asks, challenge, 482_913).await, Answered::Right { customer, strand: sent_to });
    assert_eq!(answered(&stage, &asks, challenge, 482_913).await, Answered::Over);
}

pub async fn guessing_a_code_ends_after_five_tries(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (asks, holder) = (Person::on_telegram("70002"), Person::on_whatsapp(PHONE));
    let (challenge, _) = asked(&stage, &asks, Some(&holder), 482_913).await;
    for left in (0..5).rev() {
        assert_eq!(answered(&stage, &asks, challenge, 100_000 + left).await, Answered::Wrong { left: u32::try_from(left).unwrap() });
    }
    assert_eq!(answered(&stage, &asks, challenge, 482_913).await, Answered::Over);
}

pub async fn a_code_that_went_to_nobody_opens_nothing(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let asks = Person::on_telegram("70003");
    let (challenge, _) = asked(&stage, &asks, None, 482_913).await;
    assert_eq!(answered(&stage, &asks, challenge, 482_913).await, Answered::Wrong { left: 4 });
}

pub async fn a_code_is_good_for_its_time_and_a_newer_one_ends_it(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (asks, holder) = (Person::on_telegram("70004"), Person::on_whatsapp(PHONE));
    let (first, strand) = asked(&stage, &asks, Some(&holder), 482_913).await;
    let (second, _) = asked(&stage, &asks, Some(&holder), 555_555).await;
    assert_eq!(answered(&stage, &asks, first, 482_913).await, Answered::Over);
    let lately = store.asked_lately(&stage.workspace, &contact(PHONE), strand, stage.now()).await.unwrap();
    assert_eq!(lately, AskedLately { contact_hour: 2, contact_day: 2, strand_hour: 2, workspace_hour: 2 });
    let other = store.asked_lately(&stage.workspace, &contact("+33600000000"), stage.id(), stage.now()).await.unwrap();
    assert_eq!(other, AskedLately { workspace_hour: 2, ..AskedLately::default() });
    stage.wait(MINUTE * 11);
    assert_eq!(answered(&stage, &asks, second, 555_555).await, Answered::Over);
    assert_eq!(store.challenge_of(&stage.workspace, strand, stage.now()).await.unwrap(), None);
    stage.wait(Duration::from_hours(2));
    let later = store.asked_lately(&stage.workspace, &contact(PHONE), strand, stage.now()).await.unwrap();
    assert_eq!(later, AskedLately { contact_day: 2, ..AskedLately::default() });
}

pub async fn a_code_is_on_no_timeline_and_goes_with_its_people(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (asks, holder) = (Person::on_telegram("70005"), Person::on_whatsapp(PHONE));
    let (challenge, strand) = asked(&stage, &asks, Some(&holder), 482_913).await;
    let Placement::Known { customer, .. } = stage.placement(&holder).await else { panic!("the holder is known") };
    let mut sent = Vec::new();
    while let Some((workspace, delivery)) = store.claim_delivery(stage.mono(), MINUTE, &[]).await.unwrap() {
        sent.push(delivery.rendered.text.clone());
        let settled = Settled::Sent { provider_message_id: None };
        store.settle(&workspace, &delivery, settled, stage.now()).await.unwrap();
    }
    assert!(sent.iter().any(|text| text.contains("482913")), "{sent:?}");
    let dossier = store.dossier(&stage.workspace, customer).await.unwrap().unwrap();
    assert!(!format!("{dossier:?}").contains("482913"), "the code stands in what is kept of its holder");
    assert!(matches!(answered(&stage, &asks, challenge, 482_913).await, Answered::Right { .. }));
    store.erase(&stage.workspace, customer, stage.now()).await.unwrap();
    let lately = store.asked_lately(&stage.workspace, &contact(PHONE), strand, stage.now()).await.unwrap();
    assert_eq!(lately, AskedLately::default(), "what was asked about an erased contact is kept");
    stage.wait(DAY);
}
