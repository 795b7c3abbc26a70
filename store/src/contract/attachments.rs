//! Files go the way of their message.

use std::sync::Arc;

use domain::AttachmentId;
use domain::attachment::{About, AttachmentState};
use domain::event::{Content, Media};
use domain::message::{Author, Doubt, Rendered};
use domain::ports::{Accepted, Attachments, Desk, DeskAct, Intake, Later, NewAttachment, People, Placement, Privacy};
use domain::turn::IdentityChange;

use super::amends::amend;
use super::identity::change;
use super::stage::{MINUTE, Person, Stage};
use crate::Storage;

/// More than two parts, and not a whole number of them.
fn bytes() -> Vec<u8> {
    (0..600_000_u32).map(|at| (at % 251) as u8).collect()
}

fn about(name: &str) -> About {
    About { media: Media { kind: "image".to_owned(), filename: Some(name.to_owned()), ..Media::default() }, ..About::default() }
}

async fn sends(stage: &Stage, person: &Person, placement: Placement, content: Option<Vec<u8>>) -> (Accepted, AttachmentId) {
    let id = stage.id();
    let mut letter = stage.letter(person, "look", placement);
    letter.dedupe = "message:m1".to_owned();
    letter.attachments =
        vec![NewAttachment { id, about: about("a.png"), content: content.map(|content| Content(content.into())), link_until: None }];
    (stage.store.accept(letter).await.unwrap(), id)
}

pub async fn a_file_is_sealed_and_goes_with_its_person(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (workspace, sarah) = (&stage.workspace, Person::on_whatsapp("+33612345678"));
    let placement = stage.placement(&sarah).await;
    let (accepted, id) = sends(&stage, &sarah, placement, Some(bytes())).await;
    let (found, customer, conversation) = store.attachment(workspace, id).await.unwrap().unwrap();
    assert_eq!((customer, conversation), (accepted.customer, accepted.conversation));
    assert_eq!((found.state, found.size, found.message), (AttachmentState::Kept, Some(600_000), accepted.message));
    assert_eq!(found.about, about("a.png"));
    assert_eq!(store.attachment_content(workspace, id).await.unwrap().unwrap(), bytes());
    assert_eq!(store.attachments_of(workspace, customer, 0, i64::MAX).await.unwrap().len(), 1);
    let other = Stage::in_workspace(store.clone(), "other");
    assert_eq!(store.attachment(&other.workspace, id).await.unwrap(), None);
    assert_eq!(store.attachment_content(&other.workspace, id).await.unwrap(), None);
    store.erase(workspace, customer, stage.now()).await.unwrap();
    assert_eq!(store.attachment(workspace, id).await.unwrap(), None);
    assert_eq!(store.attachment_content(workspace, id).await.unwrap(), None);
}

pub async fn a_file_with_the_vendor_waits_until_it_is_here(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (workspace, sarah) = (&stage.workspace, Person::on_whatsapp("+33612345678"));
    let placement = stage.placement(&sarah).await;
    let (accepted, id) = sends(&stage, &sarah, placement, None).await;
    let due = store.attachments_due(stage.now(), 10).await.unwrap();
    assert_eq!((due.len(), due[0].attachment.id, due[0].attempts), (1, id, 0));
    assert_eq!(store.attachment_content(workspace, id).await.unwrap(), None);
    let later = stage.now().after(std::time::Duration::from_secs(60));
    let missed = About { why: Some("no answer".to_owned()), ..about("a.png") };
    store.miss_attachment(workspace, id, missed, Some(later), stage.now()).await.unwrap();
    assert_eq!(store.attachments_due(stage.now(), 10).await.unwrap(), []);
    assert_eq!(store.next_attachment().await.unwrap(), Some(later));
    assert_eq!(store.attachments_due(later, 10).await.unwrap()[0].attempts, 1);
    assert!(store.keep_attachment(workspace, id, about("a.png"), Content(bytes().into()), stage.now()).await.unwrap());
    assert!(!store.keep_attachment(workspace, id, about("b.png"), Content(bytes().into()), stage.now()).await.unwrap(), "kept once");
    assert_eq!(store.next_attachment().await.unwrap(), None);
    assert_eq!(store.attachment_content(workspace, id).await.unwrap().unwrap(), bytes());

    assert_eq!(amend(&stage, &sarah, "m1", Later::Deleted).await.unwrap().message, accepted.message);
    assert_eq!(store.attachment(workspace, id).await.unwrap(), None, "its author took it away");
}

pub async fn what_never_comes_is_no_longer_asked_for(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let sarah = Person::on_whatsapp("+33612345678");
    let placement = stage.placement(&sarah).await;
    let (_, id) = sends(&stage, &sarah, placement, None).await;
    let why = About { why: Some("the vendor no longer has it".to_owned()), ..about("a.png") };
    store.miss_attachment(&stage.workspace, id, why.clone(), None, stage.now()).await.unwrap();
    let (found, ..) = store.attachment(&stage.workspace, id).await.unwrap().unwrap();
    assert_eq!((found.state, found.about), (AttachmentState::Lost, why));
    assert_eq!(store.next_attachment().await.unwrap(), None);
}

pub async fn a_file_follows_its_message_to_another_person(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let workspace = &stage.workspace;
    let phone = Person::on_whatsapp("+33612345678");
    let first = stage.says(&phone, "Sarah here").await;
    stage.turn("Hello").await;
    let identifier = store.evidence(workspace, &phone.sender).await.unwrap().held[0].clone().unwrap().identifier;
    let (tom, provisional) = (stage.id(), stage.id());
    let doubt = Doubt::SharedIdentifier { candidates: vec![first.customer] };
    let placement = Placement::Provisional { customer: tom, identifier: identifier.id, strand: provisional, doubt, point: false };
    let (said, id) = sends(&stage, &phone, placement, Some(bytes())).await;
    stage.turn("Who am I speaking with?").await;
    let strand = stage.id();
    let changes = vec![
        IdentityChange::MarkShared { identifier: identifier.id },
        IdentityChange::OpenStrand { identifier: identifier.id, strand, customer: tom, moves: vec![said.message], conversation: None },
    ];
    change(&stage, changes).await;
    store.erase(workspace, first.customer, stage.now()).await.unwrap();
    assert_eq!(store.attachment_content(workspace, id).await.unwrap().unwrap(), bytes(), "it is under his key now");
    assert_eq!(store.customer(workspace, tom).await.unwrap().unwrap().strands.len(), 2);
    assert_eq!(store.attachments_of(workspace, tom, 0, i64::MAX).await.unwrap().len(), 1);
}

pub async fn a_file_that_is_sent_goes_with_its_message_and_opens_by_its_link(store: Arc<Storage>) {
    let stage = Stage::new(store.clone());
    let (workspace, sarah) = (&stage.workspace, Person::on_whatsapp("+33612345678"));
    let said = stage.says(&sarah, "Hello").await;
    stage.turn("Good morning").await;
    let page = store.timeline(workspace, said.customer, None, 1).await.unwrap();
    let rendered = |encloses| Rendered {
        text: "The offer".to_owned(),
        buttons: Vec::new(),
        cards: Vec::new(),
        request_contact: false,
        encloses,
        template: None,
    };
    let reply = |id: AttachmentId, link: &str| {
        let mut message = stage.entry(&page.items[0], "The offer");
        message.author = Author::Teammate;
        let about = About { link: Some(link.to_owned()), ..about("offer.pdf") };
        let until = stage.now().after(MINUTE);
        let file = NewAttachment { id, about, content: Some(Content(bytes().into())), link_until: Some(until) };
        let send_at = Some(stage.now().after(MINUTE));
        let (message, address, delivery) = (Box::new(message), sarah.address.clone(), stage.id());
        DeskAct::Reply { by: None, message, rendered: rendered(true), address, delivery, send_at, files: vec![file], once: None }
    };
    let (kept, dropped): (AttachmentId, AttachmentId) = (stage.id(), stage.id());
    let (first, second) = (reply(kept, "link-a"), reply(dropped, "link-b"));
    let of = |act: &DeskAct| if let DeskAct::Reply { message, .. } = act { message.id } else { unreachable!("it is a reply") };
    let (first_id, second_id) = (of(&first), of(&second));
    for act in [first, second] {
        assert!(store.act(workspace, said.conversation, act, stage.now()).await.unwrap());
    }
    assert_eq!(store.attachments_with(workspace, first_id).await.unwrap().len(), 1);
    assert_eq!(store.attachment_by_link("link-a", stage.now()).await.unwrap(), Some((workspace.clone(), kept)));
    assert_eq!(store.attachment_by_link("link-c", stage.now()).await.unwrap(), None);

    let back = DeskAct::DiscardDrafts { drafts: vec![second_id] };
    assert!(store.act(workspace, said.conversation, back, stage.now()).await.unwrap());
    assert_eq!(store.attachment_content(workspace, dropped).await.unwrap(), None, "taken back with its message");
    assert_eq!(store.attachment_by_link("link-b", stage.now()).await.unwrap(), None);

    let message = stage.entry(&page.items[0], "The offer");
    let sent = message.id;
    let (message, address, delivery) = (Box::new(message), sarah.address.clone(), stage.id());
    let leave = DeskAct::AmendDrafts { drafts: vec![first_id], message, rendered: rendered(true), address, delivery };
    assert!(store.act(workspace, said.conversation, leave, stage.now()).await.unwrap());
    let with = store.attachments_with(workspace, sent).await.unwrap();
    assert_eq!(with.iter().map(|file| (file.id, file.about.link.as_deref())).collect::<Vec<_>>(), [(kept, Some("link-a"))]);
    assert_eq!(store.attachment_content(workspace, kept).await.unwrap().unwrap(), bytes());
    stage.wait(MINUTE);
    assert_eq!(store.attachment_by_link("link-a", stage.now()).await.unwrap(), None, "its time is over");
    store.erase(workspace, said.customer, stage.now()).await.unwrap();
    assert_eq!(store.attachment_content(workspace, kept).await.unwrap(), None);
}
