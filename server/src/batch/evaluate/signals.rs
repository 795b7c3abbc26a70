//! What single messages tell.

use std::collections::BTreeSet;

use anyhow::Context;
use domain::Timestamp;
use engine::reasoning::builtin::understand;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Task;
use super::business::{Business, Businesses};
use super::rates::{FORBIDDEN, Report};
use super::spelling::Spelled;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    id: String,
    #[serde(default)]
    business: Option<String>,
    #[serde(default)]
    lang: String,
    text: String,
    now: String,
    #[serde(default)]
    facts: Vec<Spelled>,
    #[serde(default)]
    optional_facts: Vec<Spelled>,
    #[serde(default)]
    not_facts: Vec<Spelled>,
}

pub(super) fn evaluate(rows: &[Row], businesses: &mut Businesses) -> anyhow::Result<(Report, Vec<Value>)> {
    let mut report = Report::new(Task::Signals);
    let labelled: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| row.facts.iter().chain(&row.optional_facts).chain(&row.not_facts))
        .map(|fact| fact.predicate.as_str())
        .collect();
    let mut predictions = Vec::with_capacity(rows.len());
    for row in rows {
        report.forbidden += row.not_facts.len();
        let found = read(businesses.of(row.business.as_deref())?, row)?;
        let mut missed: Vec<&Spelled> = row.facts.iter().collect();
        let mut extra: Vec<&Spelled> = Vec::new();
        for fact in found.iter().filter(|fact| labelled.contains(fact.predicate.as_str())) {
            if let Some(place) = missed.iter().position(|wanted| wanted.is(fact, false)) {
                missed.remove(place);
                report.name(&fact.predicate).found += 1;
            } else if !row.optional_facts.iter().chain(&row.facts).any(|allowed| allowed.is(fact, true)) {
                report.name(&fact.predicate).false_alarm += 1;
                extra.push(fact);
                if row.not_facts.iter().any(|forbidden| forbidden.is(fact, true)) {
                    report.name(FORBIDDEN).false_alarm += 1;
                }
            }
        }
        missed.iter().for_each(|fact| report.name(&fact.predicate).missed += 1);
        let groups = [format!("lang:{}", row.lang)];
        let is_right = missed.is_empty() && extra.is_empty();
        if is_right {
            report.row(&groups, |rates| rates.right += 1);
        } else {
            report.row(&groups, |rates| if found.is_empty() { rates.abstained += 1 } else { rates.wrong += 1 });
            let names =
                |facts: &[&Spelled]| facts.iter().map(|fact| format!("{} {:?}", fact.predicate, fact.value)).collect::<Vec<_>>().join(", ");
            report.fault(&row.id, format!("missed [{}] false [{}]: {}", names(&missed), names(&extra), row.text));
        }
        predictions.push(json!({"id": row.id, "facts": found}));
    }
    Ok((report, predictions))
}

fn read(business: &Business, row: &Row) -> anyhow::Result<Vec<Spelled>> {
    let settings = &business.settings;
    let now = moment(&row.now, &settings.timezone).with_context(|| format!("{}: {:?} is no date", row.id, row.now))?;
    let language = understand::language_of(&row.text, Some(&settings.locale)).map_or_else(|| settings.locale.clone(), |found| found.code);
    let own_names = business.own_names();
    let read = understand::understand(
        &row.text,
        &understand::Reading {
            now,
            timezone: &settings.timezone,
            currency: &settings.currency,
            region: &settings.region,
            locale: &language,
            competitors: &settings.competitors,
            catalogue: &business.catalogue,
            own_names: &own_names,
            own_contacts: &[],
            pending: None,
            offer: None,
            last_ours: None,
        },
    );
    let mut found: Vec<Spelled> =
        read.learned.iter().map(|fact| Spelled::fact(fact.predicate, &fact.value, &fact.data, fact.holds)).collect();
    found.extend(read.consents.iter().map(|said| Spelled::consent(&said.purpose, said.channel, said.state)));
    found.extend(read.promises.iter().map(|promise| Spelled::promise(promise, &settings.timezone)));
    found.extend(read.offers.iter().map(Spelled::offer));
    Ok(found)
}

/// A label's time in the business's zone; a bare date is ten in the morning.
pub(super) fn moment(written: &str, zone: &str) -> Option<Timestamp> {
    if let Some(instant) = Timestamp::parse_rfc3339(written) {
        return Some(instant);
    }
    let local: jiff::civil::DateTime =
        if written.len() <= 10 { written.parse::<jiff::civil::Date>().ok()?.at(10, 0, 0, 0) } else { written.parse().ok()? };
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let instant = local.to_zoned(zone).ok()?.timestamp();
    Some(Timestamp::from_micros(instant.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_labels_time_is_the_businesss() {
        let at = |written: &str| moment(written, "Europe/Paris").map(Timestamp::to_rfc3339);
        assert_eq!(at("2026-05-11T10:00:00").as_deref(), Some("2026-05-11T08:00:00Z"));
        assert_eq!(at("2026-01-11").as_deref(), Some("2026-01-11T09:00:00Z"));
        assert_eq!(at("soon"), None);
    }
}
