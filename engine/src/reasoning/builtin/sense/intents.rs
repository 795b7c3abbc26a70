//! Intents every workspace has from the start, learned from examples at first use.

use std::sync::LazyLock;

use super::classifier::Classifier;

static BUILT_IN: LazyLock<Classifier> = LazyLock::new(|| Classifier::train(&examples()));

/// The model over the built-in intents.
pub fn built_in() -> &'static Classifier {
    &BUILT_IN
}

/// The built-in examples (text, intent), to train a workspace's own intents together with them.
pub fn examples() -> Vec<(String, String)> {
    let table: toml::Table = include_str!("data/intents.toml").parse().expect("the data files are checked by a test");
    let mut rows = Vec::new();
    for (intent, texts) in &table {
        for text in texts.as_array().into_iter().flatten().filter_map(toml::Value::as_str) {
            rows.push((text.to_owned(), intent.clone()));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_intent_has_examples_in_both_languages() {
        let rows = examples();
        assert!(built_in().labels().len() >= 24);
        for label in built_in().labels() {
            assert!(rows.iter().filter(|row| row.1 == *label).count() >= 12, "{label} has too few examples");
        }
    }

    #[test]
    fn unseen_wordings_find_their_intent() {
        for (text, intent) in [
            ("how much would two of them be?", "price"),
            ("when will my parcel get here", "order_status"),
            ("can I send it back if it doesn't fit", "returns"),
            ("are you open on sunday mornings", "opening_hours"),
            ("où se trouve votre magasin", "location"),
            ("vous livrez en Belgique ?", "delivery"),
            ("I need to cancel my booking", "cancel"),
            ("avez-vous encore ce modèle en stock", "availability"),
        ] {
            assert_eq!(built_in().classify(text).0, intent, "{text}");
        }
    }
}
