//! Where a conversation goes that rules hand over: to which team, and how it is best answered.

use domain::TeamId;
use domain::settings::{Route, Way, WorkspaceSettings};

/// Of several rules the first that says so decides, for the team and for the way apart. A team that is not there, or that has
/// nobody in it, is no team: what would wait for it goes to everybody.
pub fn of<'a>(settings: &WorkspaceSettings, rules: impl IntoIterator<Item = &'a str>) -> Route {
    let mut found = Route::default();
    for rule in rules {
        let route = route(settings, rule);
        found.team = found.team.or(route.team.filter(|team| is_manned(settings, *team)));
        found.way = found.way.or(route.way);
    }
    found
}

/// What was chosen in the console, else what the configuration says.
pub fn route(settings: &WorkspaceSettings, rule: &str) -> Route {
    if let Some(chosen) = settings.routes.get(rule) {
        return *chosen;
    }
    let Some(word) = settings.rules.iter().find(|own| own.name == rule).and_then(|own| own.route.as_deref()) else {
        return Route::default();
    };
    Route { way: Way::of(word), team: settings.team(word).map(|team| team.id) }
}

fn is_manned(settings: &WorkspaceSettings, team: TeamId) -> bool {
    settings.teams.iter().any(|known| known.id == team && known.is_manned)
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use domain::settings::{RuleSettings, TeamSettings};

    use super::*;

    fn team(name: &str, bits: u128, is_manned: bool) -> TeamSettings {
        TeamSettings { id: TeamId::new(Timestamp::from_secs(1), bits), name: name.to_owned(), hours: None, is_manned }
    }

    fn settings() -> WorkspaceSettings {
        let mut settings = WorkspaceSettings::named("one".into(), "One");
        settings.teams = vec![team("Sales", 1, true), team("Legal", 2, false)];
        let rule = |name: &str, route: &str| RuleSettings {
            name: name.to_owned(),
            when: "true".to_owned(),
            route: Some(route.to_owned()),
            sentence: None,
        };
        settings.rules = vec![rule("large", "sales"), rule("papers", "email"), rule("suit", "Legal"), rule("gone", "Nobody knows")];
        let legal = settings.teams[1].id;
        settings.routes.insert("vip".to_owned(), Route { team: Some(settings.teams[0].id), way: Some(Way::Urgent) });
        settings.routes.insert("suspected-fraud".to_owned(), Route { team: Some(legal), way: None });
        settings
    }

    #[test]
    fn the_first_rule_that_names_a_team_or_a_way_decides() {
        let settings = settings();
        let sales = Some(settings.teams[0].id);
        let check = |rules: &[&str], team: Option<TeamId>, way: Option<Way>| {
            assert_eq!(of(&settings, rules.iter().copied()), Route { team, way }, "{rules:?}");
        };
        check(&["large"], sales, None);
        check(&["papers", "large"], sales, Some(Way::Email));
        check(&["human-asked-for", "vip"], sales, Some(Way::Urgent));
        check(&["human-asked-for"], None, None);
    }

    #[test]
    fn what_would_go_to_nobody_goes_to_everybody() {
        let settings = settings();
        for rule in ["suit", "gone", "suspected-fraud"] {
            assert_eq!(of(&settings, [rule]).team, None, "{rule}");
        }
    }
}
