//! Targets for what people of the team answer: by when, in business hours, and whether it was kept.

use domain::settings::{Priority, SlaSettings, WorkspaceSettings};
use domain::{ChannelKind, TeamId, Timestamp};
use serde::Serialize;

use super::hours;

/// Which conversation is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case<'a> {
    /// Its last door.
    pub channel: ChannelKind,
    /// Rules that ask for a person.
    pub rules: &'a [String],
    /// The team that has it.
    pub team: Option<TeamId>,
}

/// What a conversation is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured<'a> {
    /// Which.
    pub case: Case<'a>,
    /// Since when the customer waits for a person's words; nothing: they do not.
    pub waits_since: Option<Timestamp>,
    /// When it went to a person.
    pub handed_at: Timestamp,
}

/// Which target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A person's words to whoever waits for them.
    FirstReply,
    /// The end of the matter.
    Resolution,
}

impl Target {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstReply => "first_reply",
            Self::Resolution => "resolution",
        }
    }
}

/// The clock that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// By which policy.
    pub policy: String,
    /// For what.
    pub target: Target,
    /// Until when.
    pub due_at: Timestamp,
}

/// The first policy of the file that fits.
pub fn policy<'a>(settings: &'a WorkspaceSettings, case: &Case<'_>) -> Option<&'a SlaSettings> {
    settings.sla.iter().find(|policy| {
        let fits = match policy.priority {
            None => true,
            Some(Priority::Urgent) => !case.rules.is_empty(),
            Some(Priority::Normal) => case.rules.is_empty(),
        };
        let is_theirs = |team: &String| case.team.is_some() && settings.team(team).map(|team| team.id) == case.team;
        fits && policy.channel.is_none_or(|only| only == case.channel)
            && policy.team.as_ref().is_none_or(is_theirs)
            && policy.rule.as_ref().is_none_or(|rule| case.rules.contains(rule))
    })
}

/// When a target that began to count at a moment is due.
pub fn due(settings: &WorkspaceSettings, policy: &SlaSettings, team: Option<TeamId>, target: Target, from: Timestamp) -> Option<Timestamp> {
    let within = match target {
        Target::FirstReply => policy.first_reply?,
        Target::Resolution => policy.resolution?,
    };
    Some(if policy.is_always_on { from.after(within) } else { hours::after_for(settings, team, from, within) })
}

/// The clocks of a conversation that a person has, the next due first.
pub fn clocks(settings: &WorkspaceSettings, measured: &Measured<'_>) -> Vec<Clock> {
    let team = measured.case.team;
    let Some(policy) = policy(settings, &measured.case) else { return Vec::new() };
    let reply = measured.waits_since.and_then(|since| Some((Target::FirstReply, due(settings, policy, team, Target::FirstReply, since)?)));
    let end = due(settings, policy, team, Target::Resolution, measured.handed_at).map(|at| (Target::Resolution, at));
    let mut clocks: Vec<Clock> =
        reply.into_iter().chain(end).map(|(target, due_at)| Clock { policy: policy.name.clone(), target, due_at }).collect();
    clocks.sort_by_key(|clock| clock.due_at);
    clocks
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::settings::{BusinessHours, TeamSettings};

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("a time")
    }

    fn settings() -> WorkspaceSettings {
        let mut settings = WorkspaceSettings::named("one".into(), "One");
        settings.business_hours = BusinessHours { days: (0..5).map(|day| (day, vec![(9 * 60, 18 * 60)])).collect(), holidays: Vec::new() };
        let policy = |name: &str, channel, priority, first_reply: u64, is_always_on| SlaSettings {
            name: name.to_owned(),
            channel,
            priority,
            team: None,
            rule: None,
            first_reply: Some(Duration::from_hours(first_reply)),
            resolution: Some(Duration::from_hours(18)),
            is_always_on,
        };
        settings.sla = vec![
            policy("urgent", None, Some(Priority::Urgent), 1, true),
            policy("mail", Some(ChannelKind::Email), None, 8, false),
            policy("rest", None, None, 2, false),
        ];
        settings
    }

    #[test]
    fn the_first_policy_that_fits_counts_in_business_hours() {
        let settings = settings();
        // A Friday, an hour before closing.
        let friday = at("2026-11-27T17:00:00Z");
        let check = |channel, is_urgent, waits: bool, expected: &[(&str, Target, &str)]| {
            let rules = if is_urgent { vec!["vip".to_owned()] } else { Vec::new() };
            let case = Case { channel, rules: &rules, team: None };
            let measured = Measured { case, waits_since: waits.then_some(friday), handed_at: friday };
            let found = clocks(&settings, &measured);
            let found: Vec<_> = found.iter().map(|clock| (clock.policy.as_str(), clock.target, clock.due_at)).collect();
            let expected: Vec<_> = expected.iter().map(|(policy, target, due)| (*policy, *target, at(due))).collect();
            assert_eq!(found, expected);
        };
        let (reply, end) = (Target::FirstReply, Target::Resolution);
        check(ChannelKind::Sms, true, true, &[("urgent", reply, "2026-11-27T18:00:00Z"), ("urgent", end, "2026-11-28T11:00:00Z")]);
        check(ChannelKind::Email, false, true, &[("mail", reply, "2026-11-30T16:00:00Z"), ("mail", end, "2026-12-01T17:00:00Z")]);
        check(ChannelKind::Sms, false, true, &[("rest", reply, "2026-11-30T10:00:00Z"), ("rest", end, "2026-12-01T17:00:00Z")]);
        check(ChannelKind::Sms, false, false, &[("rest", end, "2026-12-01T17:00:00Z")]);
    }

    #[test]
    fn without_a_policy_no_clock_runs() {
        let settings = WorkspaceSettings::named("one".into(), "One");
        let now = at("2026-11-27T17:00:00Z");
        let case = Case { channel: ChannelKind::Sms, rules: &["vip".to_owned()], team: None };
        let measured = Measured { case, waits_since: Some(now), handed_at: now };
        assert!(clocks(&settings, &measured).is_empty());
    }

    #[test]
    fn a_team_and_a_rule_have_targets_of_their_own_by_the_teams_hours() {
        let mut settings = settings();
        let night = TeamSettings {
            id: TeamId::new(Timestamp::from_secs(1), 1),
            name: "Night".to_owned(),
            hours: Some(BusinessHours { days: (0..7).map(|day| (day, vec![(20 * 60, 24 * 60)])).collect(), holidays: Vec::new() }),
            is_manned: true,
        };
        let of = |name: &str, team: Option<&str>, rule: Option<&str>| SlaSettings {
            name: name.to_owned(),
            channel: None,
            priority: None,
            team: team.map(str::to_owned),
            rule: rule.map(str::to_owned),
            first_reply: Some(Duration::from_hours(1)),
            resolution: None,
            is_always_on: false,
        };
        settings.sla = vec![of("fraud", None, Some("suspected-fraud")), of("night", Some("night"), None)];
        let team = Some(night.id);
        settings.teams = vec![night];
        let friday = at("2026-11-27T17:00:00Z");
        let check = |rules: &[&str], team: Option<TeamId>, expected: Option<(&str, &str)>| {
            let rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
            let case = Case { channel: ChannelKind::Sms, rules: &rules, team };
            let found = clocks(&settings, &Measured { case, waits_since: Some(friday), handed_at: friday });
            let found = found.first().map(|clock| (clock.policy.as_str(), clock.due_at));
            assert_eq!(found, expected.map(|(policy, due)| (policy, at(due))), "{rules:?}");
        };
        check(&["vip"], None, None);
        check(&["vip"], team, Some(("night", "2026-11-27T21:00:00Z")));
        check(&["vip", "suspected-fraud"], None, Some(("fraud", "2026-11-27T18:00:00Z")));
        check(&["suspected-fraud"], team, Some(("fraud", "2026-11-27T21:00:00Z")));
    }
}
