//! Records that may be one person's: JSON lines in, JSON lines out.

use std::collections::HashMap;

use engine::identity::linkage::{self, Likely, Options, Record};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A line of the input.
#[derive(Debug, Deserialize)]
struct Line {
    id: Value,
    fields: Map<String, Value>,
}

/// Why a line cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It is no JSON of the expected shape.
    #[error("a record is {{\"id\": …, \"fields\": {{…}}}}")]
    Shape(#[from] serde_json::Error),
    /// The id came before.
    #[error("the id {0} came before")]
    Again(Value),
    /// A value that is neither text nor number, nor a list of them.
    #[error("the field {0:?} is neither text nor a number nor a list of them")]
    Field(String),
}

/// Takes records in order; proposes pairs at the end.
#[derive(Default)]
pub struct Link {
    ids: Vec<Value>,
    records: Vec<Record>,
    known: HashMap<String, usize>,
}

impl Link {
    /// Takes one line.
    pub fn take(&mut self, line: &str) -> Result<(), LineError> {
        let line: Line = serde_json::from_str(line)?;
        if self.known.insert(line.id.to_string(), self.ids.len()).is_some() {
            return Err(LineError::Again(line.id));
        }
        let mut fields = Vec::with_capacity(line.fields.len());
        for (name, value) in line.fields {
            let values = if let Value::Array(several) = value { several } else { vec![value] };
            for value in values {
                match value {
                    Value::Null => {}
                    Value::String(text) => fields.push((name.clone(), text)),
                    Value::Number(number) => fields.push((name.clone(), number.to_string())),
                    Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(LineError::Field(name)),
                }
            }
        }
        self.ids.push(line.id);
        self.records.push(Record { fields });
        Ok(())
    }

    /// Every pair of every proposed cluster, the likeliest first.
    pub fn finish(self, options: Options<'_>) -> impl Iterator<Item = Value> {
        let found = linkage::link(&self.records, options);
        let ids = self.ids;
        found.into_iter().map(move |pair: Likely| {
            let reasons: Vec<String> = pair.reasons.iter().map(ToString::to_string).collect();
            let probability = (pair.probability * 10_000.0).floor() / 10_000.0;
            json!({"a": ids[pair.a], "b": ids[pair.b], "probability": probability, "reasons": reasons})
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(lines: &[&str]) -> Result<Vec<Value>, LineError> {
        let mut link = Link::default();
        lines.iter().try_for_each(|line| link.take(line))?;
        Ok(link.finish(Options::default()).collect())
    }

    #[test]
    fn one_person_written_twice_is_proposed_with_reasons() {
        let found = taken(&[
            r#"{"id":"r1","fields":{"name":"Mia Cooke","email":"mia@house.example","phone":["+33612345678"],"birth_date":19840307}}"#,
            r#"{"id":"r2","fields":{"name":"Leon Adler","email":"leon@adler.example","phone":null}}"#,
            r#"{"id":"r9","fields":{"name":"Mia Cook","email":"mia@house.example","birth_date":"1984-03-07"}}"#,
        ]);
        let found = found.unwrap_or_default();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((&found[0]["a"], &found[0]["b"]), (&json!("r1"), &json!("r9")));
        assert!(found[0]["reasons"].as_array().is_some_and(|reasons| reasons.len() == 4), "{found:?}");
    }

    #[test]
    fn a_line_that_cannot_be_used_is_named() {
        for line in ["{", "[]", r#"{"id":1}"#, r#"{"id":1,"fields":{"name":{}}}"#, r#"{"id":1,"fields":{"name":[true]}}"#] {
            assert!(taken(&[line]).is_err(), "{line}");
        }
        let twice = r#"{"id":"r1","fields":{}}"#;
        assert!(taken(&[twice, twice]).is_err_and(|error| error.to_string().contains("came before")));
    }
}
