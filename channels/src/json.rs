//! JSON from outside: bounded before it is parsed, and refused when a key is there twice.
//!
//! A body that says `"from"` twice could be looked up as one person and answered to another.

use std::fmt;

use domain::Timestamp;
use domain::ports::Refusal;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The deepest nesting taken from anybody.
const DEEPEST: usize = 64;

/// The largest ordinary request.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// Refuses what is too large or too deep, by counting brackets only.
pub(crate) fn bounded(body: &[u8], largest: usize) -> Result<(), Refusal> {
    if body.len() > largest || is_too_deep(body) { Err(Refusal::TooLarge) } else { Ok(()) }
}

fn is_too_deep(body: &[u8]) -> bool {
    let (mut depth, mut inside_text, mut escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside_text => escaped = true,
            b'"' => inside_text = !inside_text,
            b'{' | b'[' if !inside_text => {
                depth += 1;
                if depth > DEEPEST {
                    return true;
                }
            }
            b'}' | b']' if !inside_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Parses a body that [`bounded`] let through; every object key at most once.
pub(crate) fn strict(body: &[u8]) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = Strict.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Strict.deserialize(deserializer)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(Strict)?;
            // The key itself is not repeated in the error: it is somebody's data.
            if all.insert(key, value).is_some() {
                return Err(A::Error::custom("a key is there twice"));
            }
        }
        Ok(Value::Object(all))
    }
}

/// Reading vendors' values without trusting their types: what is not of the wanted type is absent.
pub(crate) trait Field {
    /// The value at a path of keys.
    fn at(&self, path: &[&str]) -> Option<&Value>;

    /// Text as it is.
    fn raw(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// An id: text without control characters or an integer, never empty.
    fn id(&self, path: &[&str]) -> Option<String> {
        match self.at(path)? {
            Value::String(text) => crate::text::id(text),
            Value::Number(number) if !number.is_f64() => Some(number.to_string()),
            _ => None,
        }
    }

    /// Something a person wrote: trimmed, without control characters, never empty.
    fn written(&self, path: &[&str]) -> Option<String> {
        crate::text::written(self.raw(path)?)
    }

    /// An integer, also when the vendor wrote it in quotes.
    fn integer(&self, path: &[&str]) -> Option<i64> {
        match self.at(path)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A time in seconds since 1970; what lies outside of the years 1970 to 9999 is no time.
    fn moment(&self, path: &[&str]) -> Option<Timestamp> {
        self.integer(path).filter(|seconds| (0..253_402_300_800).contains(seconds)).map(Timestamp::from_secs)
    }

    /// Is it there and true?
    fn is_true(&self, path: &[&str]) -> bool {
        self.at(path).and_then(Value::as_bool) == Some(true)
    }

    /// The items of a list, none when it is no list.
    fn items(&self, path: &[&str]) -> &[Value] {
        self.at(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

impl Field for Value {
    fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, key| value.get(key)).filter(|value| !value.is_null())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_twice_is_refused_at_any_depth() {
        assert!(strict(br#"{"a":1,"b":[{"c":2}]}"#).is_ok());
        assert!(strict(br#"{"a":1,"a":2}"#).is_err());
        assert!(strict(br#"{"a":[{"b":{"c":1,"c":1}}]}"#).is_err());
        assert!(strict(br#"{"a":1,"\u0061":2}"#).is_err(), "an escape does not hide it");
        assert!(strict(br#"{"a":1} x"#).is_err());
    }

    #[test]
    fn depth_is_counted_outside_of_texts_only() {
        let check = |body: String, fits: bool| assert_eq!(bounded(body.as_bytes(), LARGEST).is_ok(), fits, "{body:.40}");
        check("[".repeat(64) + &"]".repeat(64), true);
        check("[".repeat(65) + &"]".repeat(65), false);
        check("[".repeat(100_000), false);
        check(format!("\"{}\"", "[".repeat(100_000)), true);
        check(format!("\"\\\"{}", "{".repeat(100)), true);
        check(format!("\"\\\\\"{}", "{".repeat(100)), false);
        check("[]".repeat(1_000), true);
        check(" ".repeat(LARGEST + 1), false);
    }
}
