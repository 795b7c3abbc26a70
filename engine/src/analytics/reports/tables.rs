//! What each report makes of the sums.

use super::sums::{Sum, Sums, number, ratio, row};
use super::{Behind, Report, Row, Unit};

const MINOR: f64 = 100.0;
const MILLI: f64 = 1_000.0;
const MICRO: f64 = 1_000_000.0;
/// Fewer conversations than this say nothing about a door.
const ENOUGH: i64 = 20;

fn counted(sum: Sum) -> Option<f64> {
    Some(number(sum.count))
}

fn seconds(milliseconds: Option<f64>) -> Option<f64> {
    milliseconds.map(|took| took / MILLI)
}

fn money(minor: i64) -> Option<f64> {
    Some(number(minor) / MINOR)
}

fn only(measure: &'static str, a: Option<&str>, b: Option<&str>) -> Behind {
    Behind { measure, a: a.map(str::to_owned), b: b.map(str::to_owned) }
}

pub(super) fn overview(s: &Sums, report: &mut Report) {
    let (talk, switch, handoff, bought) = (s.all("talk"), s.all("switch"), s.all("handoff"), s.all("bought"));
    let (durable, returned) = (s.all("durable"), s.all("returned"));
    report.share(
        "kept",
        "Switches from door to door after which nothing known was asked or said again.",
        s.all("switch.kept").count,
        switch.count,
        Behind::all("switch"),
    );
    report.customers("repeated", "Customers who were asked something known, or had to say it again.", Behind::all("repeat"));
    let median = seconds(s.quantile("answer", None, 0.5));
    report.figure("first_answer", "Median time to the first answer that helps.", Unit::Seconds, median, Behind::all("answer")).count =
        s.all("answer").count;
    report.share(
        "complete_briefs",
        "Hand-overs to a person whose brief says everything.",
        s.all("handoff.complete").count,
        handoff.count,
        Behind::all("handoff"),
    );
    report.share(
        "for_good",
        "Resolved conversations after which nobody came back within a week.",
        durable.count,
        durable.count + returned.count,
        Behind::all("durable"),
    );
    report.count("conversations", "Conversations that began.", talk, Behind::all("talk"));
    report.count("new_customers", "People who wrote for the first time.", s.all("met"), Behind::all("met"));
    report.count("unanswered", "Conversations that wait for us for more than a day.", s.all("unanswered"), Behind::all("unanswered"));
    report.count("purchases", "Purchases and bookings of people we talked with.", bought, Behind::all("bought"));
    report.figure("revenue", "What these were worth.", Unit::Money, money(bought.total), Behind::all("bought")).count = bought.count;
}

pub(super) fn channels(s: &Sums, report: &mut Report) {
    let (talk, bought) = (s.all("talk"), s.all("talk.bought"));
    report.count("conversations", "Conversations that began.", talk, Behind::all("talk"));
    report.share(
        "conversion",
        "Conversations after which something was bought within thirty days.",
        bought.count,
        talk.count,
        Behind::all("talk.bought"),
    );
    let usual = ratio(bought.count, talk.count).unwrap_or(0.0);
    let rows = s.a_of(&["talk", "said"]).into_iter().map(|door| {
        let of = |measure: &str| s.sum(measure, Some(&door), None);
        let (talk, bought) = (of("talk"), of("talk.bought"));
        let sells = ratio(bought.count, talk.count);
        let only_talks = talk.count >= ENOUGH && usual > 0.0 && sells.unwrap_or(0.0) < usual / 2.0;
        let figures = vec![
            ("count", counted(talk)),
            ("share", ratio(talk.count, s.all("talk").count)),
            ("messages", Some(number(of("said").total))),
            ("purchases", counted(bought)),
            ("conversion", sells),
            ("handed_over", ratio(of("handoff").count, talk.count)),
            ("resolved", ratio(of("resolved").count, talk.count)),
            ("mood", of("mood").mean().map(|mood| mood / MILLI)),
            ("median_answer_s", seconds(s.quantile("answer", Some(&door), 0.5))),
            ("talks_but_does_not_sell", only_talks.then_some(1.0)),
        ];
        row("channel", &door, figures, "talk")
    });
    let rows = rows.collect();
    report.table("channels", rows);
}

pub(super) fn journeys(s: &Sums, report: &mut Report) {
    report.count("new_customers", "People who wrote for the first time.", s.all("met"), Behind::all("met"));
    let touches = s.all("touches");
    report.figure("touches", "Touchpoints before a purchase, on average.", Unit::Number, touches.mean(), Behind::all("touches")).count =
        touches.count;
    report.share(
        "over_several_doors",
        "Purchases whose way led over several doors.",
        s.sum("touches", None, Some("many")).count,
        touches.count,
        only("touches", None, Some("many")),
    );
    let of_stage = s.pairs("stage").into_iter().map(|(door, stage)| Row {
        figures: vec![("count", counted(s.sum("stage", Some(&door), Some(&stage))))],
        behind: only("stage", Some(&door), Some(&stage)),
        kinds: vec![("channel", door), ("stage", stage)],
    });
    report.table("stages", of_stage.collect());
    let first = s.a_of(&["met"]).into_iter().map(|door| {
        let met = s.sum("met", Some(&door), None);
        row("channel", &door, vec![("customers", counted(met))], "met")
    });
    report.table("first_channels", first.collect());
    let converting = s.b_of("bought").into_iter().map(|door| {
        let bought = s.sum("bought", None, Some(&door));
        Row {
            figures: vec![("purchases", counted(bought)), ("revenue", money(bought.total))],
            behind: only("bought", None, Some(&door)),
            kinds: vec![("channel", door)],
        }
    });
    report.table("converting_channels", converting.collect());
    report.table("touches", counts(s, "touches", "touches", "purchases"));
}

/// How often a measure was counted under each of its names.
fn counts(s: &Sums, measure: &'static str, kind: &'static str, figure: &'static str) -> Vec<Row> {
    let names = s.a_of(&[measure]).into_iter();
    names.map(|name| row(kind, &name, vec![(figure, counted(s.sum(measure, Some(&name), None)))], measure)).collect()
}

pub(super) fn switches(s: &Sums, report: &mut Report) {
    let (switch, kept) = (s.all("switch"), s.all("switch.kept"));
    report.count("switches", "Times that a customer went on on another door.", switch, Behind::all("switch"));
    report.customers("customers", "Customers who did.", Behind::all("switch"));
    report.share(
        "kept",
        "Switches after which nothing known was asked or said again.",
        kept.count,
        switch.count,
        Behind::all("switch.kept"),
    );
    let rows = s.pairs("switch").into_iter().map(|(from, to)| {
        let (all, kept) = (s.sum("switch", Some(&from), Some(&to)), s.sum("switch.kept", Some(&from), Some(&to)));
        Row {
            figures: vec![
                ("switches", counted(all)),
                ("kept", counted(kept)),
                ("kept_share", ratio(kept.count, all.count)),
                ("mean_pause_s", all.mean()),
            ],
            behind: only("switch", Some(&from), Some(&to)),
            kinds: vec![("from", from), ("to", to)],
        }
    });
    report.table("switches", rows.collect());
}

pub(super) fn attribution(s: &Sums, report: &mut Report) {
    let bought = s.all("bought");
    report.count("purchases", "Purchases and bookings of people we talked with.", bought, Behind::all("bought"));
    report.figure("revenue", "What these were worth.", Unit::Money, money(bought.total), Behind::all("bought")).count = bought.count;
    let rate = |doors: &str| (s.sum("talk.bought", None, Some(doors)).count, s.sum("talk", None, Some(doors)).count);
    let ((one, of_one), (many, of_many)) = (rate("one"), rate("many"));
    report.share("one_door", "Conversations on one door that led to a purchase.", one, of_one, only("talk.bought", None, Some("one")));
    report.share(
        "several_doors",
        "Conversations over several doors that led to a purchase.",
        many,
        of_many,
        only("talk.bought", None, Some("many")),
    );
    let lift = ratio(many, of_many).zip(ratio(one, of_one)).filter(|(_, one)| *one > 0.0).map(|(many, one)| many / one);
    report.figure("lift", "How many times more often these buy.", Unit::Number, lift, only("talk.bought", None, Some("many")));
    let mut doors = s.a_of(&["bought", "touch"]);
    doors.extend(s.b_of("bought"));
    doors.sort();
    doors.dedup();
    let rows = doors.into_iter().map(|door| {
        let (first, last) = (s.sum("bought", Some(&door), None), s.sum("bought", None, Some(&door)));
        let (touch, paid) = (s.sum("touch", Some(&door), None), s.sum("touch.money", Some(&door), None));
        let figures = vec![
            ("any_touch", Some(number(touch.total) / MICRO)),
            ("first_touch", counted(first)),
            ("last_touch", counted(last)),
            ("any_touch_revenue", money(paid.total)),
            ("first_touch_revenue", money(first.total)),
            ("last_touch_revenue", money(last.total)),
        ];
        row("channel", &door, figures, "touch")
    });
    report.table("channels", rows.collect());
}

pub(super) fn responses(s: &Sums, report: &mut Report) {
    let (talk, answer) = (s.all("talk"), s.all("answer"));
    for (figure, about, share) in
        [("median", "Median time to the first answer that helps.", 0.5), ("p95", "Nineteen of twenty get it within this time.", 0.95)]
    {
        let took = seconds(s.quantile("answer", None, share));
        report.figure(figure, about, Unit::Seconds, took, Behind::all("answer")).count = answer.count;
    }
    report.share("answered", "Conversations that got an answer that helps.", answer.count, talk.count, Behind::all("answer"));
    report.count("unanswered", "Conversations that wait for us for more than a day.", s.all("unanswered"), Behind::all("unanswered"));
    report.count("stalled", "Leads that mean it and have been silent for three days.", s.all("stalled"), Behind::all("stalled"));
    let rows = s.a_of(&["talk", "answer"]).into_iter().map(|door| {
        let figures = vec![
            ("answered", counted(s.sum("answer", Some(&door), None))),
            ("median_s", seconds(s.quantile("answer", Some(&door), 0.5))),
            ("p95_s", seconds(s.quantile("answer", Some(&door), 0.95))),
            ("unanswered", counted(s.sum("unanswered", Some(&door), None))),
        ];
        row("channel", &door, figures, "answer")
    });
    report.table("channels", rows.collect());
}

pub(super) fn repeats(s: &Sums, report: &mut Report) {
    report.customers("customers", "Customers who were asked something known, or had to say it again.", Behind::all("repeat"));
    report.share(
        "conversations",
        "Conversations in which that happened.",
        s.all("repeat").count,
        s.all("talk").count,
        Behind::all("repeat"),
    );
    for (figure, about, why) in [
        ("asked_again", "Times that something known was asked.", "asked"),
        ("said_again", "Times that a customer had to say something known.", "repeated"),
    ] {
        let sum = s.sum("repeat", None, Some(why));
        report.figure(figure, about, Unit::Count, Some(number(sum.total)), only("repeat", None, Some(why))).count = sum.count;
    }
    let rows = s.pairs("repeat").into_iter().map(|(door, why)| {
        let sum = s.sum("repeat", Some(&door), Some(&why));
        Row {
            figures: vec![("times", Some(number(sum.total))), ("count", counted(sum))],
            behind: only("repeat", Some(&door), Some(&why)),
            kinds: vec![("channel", door), ("why", why)],
        }
    });
    report.table("repeats", rows.collect());
}

pub(super) fn resolution(s: &Sums, report: &mut Report) {
    let (talk, resolved) = (s.all("talk"), s.all("resolved"));
    let (durable, returned) = (s.all("durable"), s.all("returned"));
    let how = |how: &str| s.sum("resolved", None, Some(how)).count;
    report.share("resolved", "Conversations that are resolved.", resolved.count, talk.count, Behind::all("resolved"));
    report.share(
        "confirmed",
        "Resolved because the customer said so.",
        how("confirmed"),
        resolved.count,
        only("resolved", None, Some("confirmed")),
    );
    report.share("assumed", "Resolved as far as one can tell.", how("assumed"), resolved.count, only("resolved", None, Some("assumed")));
    report.share(
        "for_good",
        "Of those a week old: nobody came back.",
        durable.count,
        durable.count + returned.count,
        Behind::all("durable"),
    );
    report.count("came_back", "Resolved, and they came back within a week.", returned, Behind::all("returned"));
    let by_ai = s.sum("closed", None, Some("ai")).count;
    report.share("by_ai", "Resolved without a person.", by_ai, s.all("closed").count, only("closed", None, Some("ai")));
    report.figure("effort", "Messages a customer writes in a conversation.", Unit::Number, talk.mean(), Behind::all("talk")).count =
        talk.count;
    let mood = s.all("mood");
    report.figure("mood", "How customers sounded last.", Unit::Mood, mood.mean().map(|mood| mood / MILLI), Behind::all("mood")).count =
        mood.count;
    let rated = s.all("rated");
    report.figure("rating", "What customers gave, of five stars.", Unit::Number, rated.mean(), Behind::all("rated")).count = rated.count;
    let rows = s.a_of(&["resolved", "rated"]).into_iter().map(|door| {
        let of = |measure: &str, b: Option<&str>| s.sum(measure, Some(&door), b);
        let (durable, returned) = (of("durable", None), of("returned", None));
        let figures = vec![
            ("resolved", counted(of("resolved", None))),
            ("confirmed", counted(of("resolved", Some("confirmed")))),
            ("assumed", counted(of("resolved", Some("assumed")))),
            ("for_good", counted(durable)),
            ("came_back", counted(returned)),
            ("for_good_share", ratio(durable.count, durable.count + returned.count)),
            ("mood", of("mood", None).mean().map(|mood| mood / MILLI)),
            ("rating", of("rated", None).mean()),
        ];
        row("channel", &door, figures, "resolved")
    });
    report.table("channels", rows.collect());
}

pub(super) fn handoffs(s: &Sums, report: &mut Report) {
    let (handoff, complete, taken) = (s.all("handoff"), s.all("handoff.complete"), s.all("handoff.taken"));
    report.count("handoffs", "Conversations that went to a person.", handoff, Behind::all("handoff"));
    report.share("of_all", "Of all conversations.", handoff.count, s.all("talk").count, Behind::all("handoff"));
    report.share("complete_briefs", "With a brief that says everything.", complete.count, handoff.count, Behind::all("handoff.complete"));
    report.share("taken", "Somebody wrote to the customer.", taken.count, handoff.count, Behind::all("handoff.taken"));
    let took = seconds(s.quantile("handoff.taken", None, 0.5));
    report.figure("median", "Median time until somebody did.", Unit::Seconds, took, Behind::all("handoff.taken")).count = taken.count;
    report.share("solved", "Resolved afterwards.", s.all("handoff.solved").count, handoff.count, Behind::all("handoff.solved"));
    let figures = |a: Option<&str>, b: Option<&str>| {
        let all = s.sum("handoff", a, b);
        vec![
            ("handoffs", counted(all)),
            ("complete", ratio(s.sum("handoff.complete", a, b).count, all.count)),
            ("solved", ratio(s.sum("handoff.solved", a, b).count, all.count)),
        ]
    };
    let doors = s.a_of(&["handoff"]).into_iter().map(|door| {
        let mut all = figures(Some(&door), None);
        all.push(("median_s", seconds(s.quantile("handoff.taken", Some(&door), 0.5))));
        row("channel", &door, all, "handoff")
    });
    report.table("channels", doors.collect());
    let rules = s.b_of("handoff").into_iter().map(|rule| Row {
        figures: figures(None, Some(&rule)),
        behind: only("handoff", None, Some(&rule)),
        kinds: vec![("rule", rule)],
    });
    report.table("rules", rules.collect());
}

pub(super) fn leads(s: &Sums, report: &mut Report) {
    let back = s.all("won_back");
    report.count("stalled", "Leads that mean it and have been silent for three days.", s.all("stalled"), Behind::all("stalled"));
    report.count("left", "People who wanted something, went away and did not buy.", s.all("left"), Behind::all("left"));
    report.count("won_back", "Purchases after days of silence.", back, Behind::all("won_back"));
    report.figure("won_back_revenue", "What these were worth.", Unit::Money, money(back.total), Behind::all("won_back")).count = back.count;
    report.table("reasons", counts(s, "left", "reason", "count"));
    let doors = s.a_of(&["stalled"]).into_iter().map(|door| {
        let sum = s.sum("stalled", Some(&door), None);
        row("channel", &door, vec![("leads", counted(sum)), ("mean_score", sum.mean())], "stalled")
    });
    report.table("channels", doors.collect());
}

pub(super) fn gaps(s: &Sums, report: &mut Report) {
    let questions = s.all("question");
    report.count("questions", "Turns in which a customer asked something.", questions, Behind::all("question"));
    report.share("unknown", "Those that no source answers.", questions.total, questions.count, Behind::all("unknown"));
    let rows = s.pairs("question").into_iter().map(|(intent, stage)| {
        let sum = s.sum("question", Some(&intent), Some(&stage));
        Row {
            figures: vec![("questions", counted(sum)), ("unknown", Some(number(sum.total)))],
            behind: only("question", Some(&intent), Some(&stage)),
            kinds: vec![("intent", intent), ("stage", stage)],
        }
    });
    report.table("intents", rows.collect());
    report.table("channels", counts(s, "unknown", "channel", "unknown"));
}

pub(super) fn sla(s: &Sums, report: &mut Report) {
    let of = |policy: Option<&str>, how: &str| s.sum("sla", policy, Some(how)).count;
    for (figure, about, kept, missed) in [
        ("first_reply", "Hand-overs to which a person wrote in time.", "first_reply.kept", "first_reply.missed"),
        ("resolution", "Hand-overs that were ended in time.", "resolution.kept", "resolution.missed"),
    ] {
        let (kept, all) = (of(None, kept), of(None, kept) + of(None, missed));
        report.share(figure, about, kept, all, only("sla", None, Some(missed)));
    }
    let rows = s.a_of(&["sla"]).into_iter().map(|policy| {
        let kept = |target: &str| of(Some(&policy), &format!("{target}.kept"));
        let missed = |target: &str| of(Some(&policy), &format!("{target}.missed"));
        let share = |target: &str| ratio(kept(target), kept(target) + missed(target));
        let figures = vec![
            ("missed", Some(number(missed("first_reply") + missed("resolution")))),
            ("first_reply", share("first_reply")),
            ("resolution", share("resolution")),
        ];
        row("policy", &policy, figures, "sla")
    });
    report.table("policies", rows.collect());
}

pub(super) fn rules(s: &Sums, report: &mut Report) {
    report.count("firings", "Times that a rule fired.", s.all("rule"), Behind::all("rule"));
    report.table("rules", counts(s, "rule", "rule", "firings"));
    let pairs = s.pairs("rule").into_iter().map(|(rule, door)| Row {
        figures: vec![("firings", counted(s.sum("rule", Some(&rule), Some(&door))))],
        behind: only("rule", Some(&rule), Some(&door)),
        kinds: vec![("rule", rule), ("channel", door)],
    });
    report.table("channels", pairs.collect());
}

pub(super) fn recognition(s: &Sums, report: &mut Report) {
    let (proof, context) = (s.all("proof"), s.all("context"));
    let known = |proof: &str| s.sum("proof", None, Some(proof)).count;
    let open = |level: &str| s.sum("context", None, Some(level)).count;
    report.share(
        "recognised",
        "Conversations with somebody whose address is shown or proven.",
        known("channel_asserted") + known("verified"),
        proof.count,
        Behind::all("proof"),
    );
    report.share(
        "verified",
        "With somebody proven by code or token.",
        known("verified"),
        proof.count,
        only("proof", None, Some("verified")),
    );
    report.share(
        "full_context",
        "Turns in which everything known was open.",
        open("asserted") + open("proven"),
        context.count,
        Behind::all("context"),
    );
    for (table, measure, kind) in [("proofs", "proof", "proof"), ("levels", "context", "level")] {
        let rows = s.pairs(measure).into_iter().map(|(door, how)| Row {
            figures: vec![("count", counted(s.sum(measure, Some(&door), Some(&how))))],
            behind: only(measure, Some(&door), Some(&how)),
            kinds: vec![("channel", door), (kind, how)],
        });
        report.table(table, rows.collect());
    }
}

pub(super) fn cost(s: &Sums, report: &mut Report) {
    let (cost, turns, talk) = (s.all("cost"), s.all("turn"), s.all("talk"));
    let spent = number(cost.total) / MICRO;
    report.figure("cost", "What the models cost.", Unit::Money, Some(spent), Behind::all("cost")).count = cost.count;
    let each = ratio(cost.total, talk.count).map(|each| each / MICRO);
    report.figure("per_conversation", "Per conversation that began.", Unit::Money, each, Behind::all("cost")).count = talk.count;
    report.count("calls", "Calls of models.", cost, Behind::all("cost"));
    report.figure("tokens", "Tokens in and out.", Unit::Count, Some(number(s.all("tokens").total)), Behind::all("tokens")).count =
        cost.count;
    let own = s.sum("turn", None, Some("built-in")).count;
    report.share("built_in", "Turns that the built-in engine answered by itself.", own, turns.count, only("turn", None, Some("built-in")));
    let took = turns.mean().map(|took| took / MILLI);
    report.figure("mean_turn", "How long a turn takes.", Unit::Seconds, took, Behind::all("turn")).count = turns.count;
    let rows = s.a_of(&["cost"]).into_iter().map(|model| {
        let (cost, tokens) = (s.sum("cost", Some(&model), None), s.sum("tokens", Some(&model), None));
        let figures = vec![("calls", counted(cost)), ("cost", Some(number(cost.total) / MICRO)), ("tokens", Some(number(tokens.total)))];
        row("model", &model, figures, "cost")
    });
    report.table("models", rows.collect());
}
