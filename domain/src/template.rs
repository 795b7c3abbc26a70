//! Messages that a vendor approved beforehand: all that may be sent once its service window has closed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A message that the vendor approved, with gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Its name there.
    pub name: String,
    /// Its language, as the vendor writes it.
    pub language: String,
    /// The vendor's word for what it may be used for.
    pub category: String,
    /// A line above the text.
    pub header: Option<String>,
    /// The text; a gap is a name in double braces.
    pub body: String,
    /// A line below it.
    pub footer: Option<String>,
    /// Titles of the buttons that come with it.
    pub buttons: Vec<String>,
}

/// A template with its gaps filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What stands in each gap, in the order of the text.
    pub values: Vec<(String, String)>,
}

/// Why a template cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFilled {
    /// Nothing was given for a gap.
    #[error("nothing is given for {0}")]
    Missing(String),
    /// There is no such gap.
    #[error("there is no gap {0}")]
    Unknown(String),
    /// The vendor takes no line breaks and no tabs there.
    #[error("the value of {0} must be one line")]
    Lines(String),
}

impl Template {
    /// Names of the gaps, in the order of the text, each once.
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps: Vec<String> = Vec::new();
        for part in self.body.split("{{").skip(1) {
            if let Some((name, _)) = part.split_once("}}")
                && !gaps.iter().any(|known| known == name.trim())
            {
                gaps.push(name.trim().to_owned());
            }
        }
        gaps
    }

    /// Puts a value into every gap.
    pub fn fill(&self, given: &BTreeMap<String, String>) -> Result<Filled, NotFilled> {
        let gaps = self.gaps();
        if let Some(unknown) = given.keys().find(|name| !gaps.contains(name)) {
            return Err(NotFilled::Unknown(unknown.clone()));
        }
        let mut values = Vec::with_capacity(gaps.len());
        for gap in gaps {
            let value = given.get(&gap).map(|value| value.trim()).filter(|value| !value.is_empty());
            let Some(value) = value else { return Err(NotFilled::Missing(gap)) };
            // <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes>: 132000 and 132012
            if value.contains(['\n', '\r', '\t']) || value.contains("    ") {
                return Err(NotFilled::Lines(gap));
            }
            values.push((gap, value.to_owned()));
        }
        Ok(Filled { name: self.name.clone(), language: self.language.clone(), values })
    }

    /// As the customer will read it.
    pub fn preview(&self, filled: &Filled) -> String {
        let mut body = self.body.clone();
        for (gap, value) in &filled.values {
            for written in [format!("{{{{{gap}}}}}"), format!("{{{{ {gap} }}}}")] {
                body = body.replace(&written, value);
            }
        }
        let parts = [self.header.as_deref(), Some(body.as_str()), self.footer.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> Template {
        Template {
            name: "order_update".to_owned(),
            language: "en".to_owned(),
            category: "UTILITY".to_owned(),
            header: Some("Your order".to_owned()),
            body: "Hello {{1}}, your order {{2}} is ready. See you, {{1}}!".to_owned(),
            footer: None,
            buttons: Vec::new(),
        }
    }

    #[test]
    fn every_gap_is_filled_with_one_line_and_nothing_else() {
        let given = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let filled = template().fill(&given(&[("1", " Anna "), ("2", "A-17")])).expect("all is there");
        assert_eq!(filled.values, [("1".to_owned(), "Anna".to_owned()), ("2".to_owned(), "A-17".to_owned())]);
        assert_eq!(template().preview(&filled), "Your order\n\nHello Anna, your order A-17 is ready. See you, Anna!");
        assert_eq!(template().fill(&given(&[("1", "Anna")])), Err(NotFilled::Missing("2".to_owned())));
        assert_eq!(template().fill(&given(&[("1", "Anna"), ("2", " ")])), Err(NotFilled::Missing("2".to_owned())));
        assert_eq!(template().fill(&given(&[("1", "A\nB"), ("2", "x")])), Err(NotFilled::Lines("1".to_owned())));
        assert_eq!(template().fill(&given(&[("1", "A"), ("2", "x"), ("3", "y")])), Err(NotFilled::Unknown("3".to_owned())));
    }
}
