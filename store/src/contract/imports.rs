//! Imports: a row and its way back are one transaction.

use std::sync::Arc;

use domain::customer::Customer;
use domain::fact::{FactStatus, Predicate};
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust};
use domain::ports::{Import, ImportUndone, ImportedRow, Imports, People};
use domain::turn::FactChange;
use domain::{CustomerId, ImportId};

use super::stage::{Person, Stage, seen};
use crate::Storage;

fn claim(kind: IdentifierKind, value: &str) -> SeenIdentifier {
    SeenIdentifier { origin: Origin::Import, ..seen(kind, "", value, Trust::Claimed) }
}

async fn begun(stage: &Stage) -> ImportId {
    let id = stage.id();
    let import = Import { id, name: "crm.csv".into(), by: "a test".into(), at: stage.now(), created: 0, updated: 0, undone_at: None };
    stage.store.begin_import(&stage.workspace, import).await.unwrap();
    id
}

fn row(stage: &Stage, line: u64, customer: CustomerId, phone: &str, company: &str) -> ImportedRow {
    let mut fact = stage.fact(None, Predicate::Company, company);
    fact.origin = Origin::Import;
    ImportedRow {
        line,
        customer,
        identifiers: vec![(claim(IdentifierKind::Phone, phone), stage.id(), stage.id())],
        facts: vec![FactChange::Add(fact)],
        attributes: serde_json::Map::from_iter([("tier".to_owned(), serde_json::json!("gold"))]),
    }
}

async fn customer(stage: &Stage, id: CustomerId) -> Option<Customer> {
    stage.store.customer(&stage.workspace, id).await.unwrap()
}

pub async fn an_import_is_taken_back_and_leaves_what_was_there(store: Arc<Storage>) {
    let stage = Stage::new(store);
    let met = stage.says(&Person::on_whatsapp("+33612345678"), "Hello").await.customer;
    let import = begun(&stage).await;
    let fresh: CustomerId = stage.id();
    for (line, id, phone) in [(2, met, "+33612340099"), (3, fresh, "+33612340100")] {
        let made = stage.store.import_row(&stage.workspace, import, row(&stage, line, id, phone, "Maple"), stage.now()).await.unwrap();
        assert_eq!(made, id == fresh);
    }
    let known = customer(&stage, met).await.unwrap();
    assert_eq!((known.identifiers.len(), known.attributes["tier"].as_str()), (2, Some("gold")));
    assert!(known.identifiers.iter().filter(|known| known.value == "+33612340099").all(|known| known.trust == Trust::Claimed));
    let listed = stage.store.imports(&stage.workspace).await.unwrap();
    assert_eq!((listed[0].created, listed[0].updated), (1, 1));

    let done = stage.store.undo_import(&stage.workspace, import, stage.now()).await.unwrap();
    assert_eq!(done, Some(ImportUndone { removed: 1, restored: 1, kept: 0 }));
    assert_eq!(customer(&stage, fresh).await, None);
    let after = customer(&stage, met).await.unwrap();
    assert_eq!((after.identifiers.len(), after.attributes.len()), (1, 0));
    assert!(after.facts.iter().all(|fact| fact.predicate != Predicate::Company));
    let again = stage.store.undo_import(&stage.workspace, import, stage.now()).await.unwrap();
    assert_eq!(again, Some(ImportUndone::default()));
}

pub async fn a_fact_that_an_import_replaced_is_in_force_again(store: Arc<Storage>) {
    let stage = Stage::new(store);
    let met = stage.says(&Person::on_whatsapp("+33612345678"), "Hello").await.customer;
    let old = stage.fact(None, Predicate::Company, "Alder");
    let told = vec![FactChange::Add(old.clone())];
    stage.store.write_facts(&stage.workspace, met, told, None, stage.now()).await.unwrap();
    let import = begun(&stage).await;
    let mut replacing = row(&stage, 2, met, "+33612340099", "Maple");
    replacing
        .facts
        .insert(0, FactChange::End { fact: old.id, status: FactStatus::Superseded, valid_to: Some(stage.now()), at: stage.now() });
    stage.store.import_row(&stage.workspace, import, replacing, stage.now()).await.unwrap();
    let company = |record: &Customer| record.fact(Predicate::Company).map(|fact| fact.value.clone());
    assert_eq!(company(&customer(&stage, met).await.unwrap()).as_deref(), Some("Maple"));
    stage.store.undo_import(&stage.workspace, import, stage.now()).await.unwrap();
    assert_eq!(company(&customer(&stage, met).await.unwrap()).as_deref(), Some("Alder"));
}

pub async fn whoever_writes_after_an_import_outlives_it(store: Arc<Storage>) {
    let stage = Stage::new(store);
    let import = begun(&stage).await;
    let fresh: CustomerId = stage.id();
    stage.store.import_row(&stage.workspace, import, row(&stage, 2, fresh, "+33612340100", "Maple"), stage.now()).await.unwrap();
    let proven = domain::turn::IdentityChange::Attach {
        customer: fresh,
        identifier: seen(IdentifierKind::Email, "", "mia@house.example", Trust::Verified),
        id: stage.id(),
        strand: stage.id(),
    };
    stage.store.change_identity(&stage.workspace, None, vec![proven], stage.now()).await.unwrap();
    let done = stage.store.undo_import(&stage.workspace, import, stage.now()).await.unwrap();
    assert_eq!(done, Some(ImportUndone { removed: 0, restored: 0, kept: 1 }));
    let left = customer(&stage, fresh).await.unwrap();
    assert_eq!(left.identifiers.iter().map(|known| known.value.as_str()).collect::<Vec<_>>(), ["mia@house.example"]);
}
