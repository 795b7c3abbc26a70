//! How the customer feels and how pressing it is.

use domain::signal::Alarm;

use super::reading::Reading;

/// -1 (furious) … 1 (delighted).
pub fn sentiment(reading: &Reading<'_>, alarms: &[Alarm]) -> f32 {
    if alarms.iter().any(|alarm| alarm.rule == super::alarms::emotion::RULE) {
        return -0.9;
    }
    let up = reading.places("sentiment.up").len() as f32;
    let down = reading.places("sentiment.down").len() as f32 + 0.7 * reading.places("negative-emotion.medium").len() as f32;
    let exclaims: usize = reading.parts.first().map_or(0, |part| part.marked.iter().map(|marked| marked.sentence.exclaims).sum());
    let emphasis = 1.0 + 0.2 * exclaims.min(3) as f32;
    let balance = (up - down) / (up + down + 1.0) * emphasis;
    balance.clamp(-0.8, 1.0)
}

/// 0 … 1.
pub fn urgency(reading: &Reading<'_>, alarms: &[Alarm]) -> f32 {
    let words = reading.places("sentiment.urgent").len() as f32;
    let shouted = reading
        .parts
        .first()
        .map_or(0, |part| part.marked.iter().flat_map(|marked| &marked.sentence.words).filter(|word| word.is_shouted).count());
    let upset = alarms.iter().any(|alarm| alarm.rule == super::alarms::emotion::RULE);
    let urgency = 0.4 * words.min(2.0) + if upset { 0.3 } else { 0.0 } + if shouted >= 2 { 0.1 } else { 0.0 };
    urgency.min(1.0)
}
