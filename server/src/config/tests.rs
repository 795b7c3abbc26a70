use super::*;

fn given(variables: &[(String, String)]) -> Given<'_> {
    Given { variables, available: &[ChannelKind::Widget, ChannelKind::Whatsapp, ChannelKind::Telegram, ChannelKind::Sms, ChannelKind::Api] }
}

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Configuration, Problems> {
    let variables: Vec<(String, String)> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    parse(Path::new("rapport.toml"), text, &given(&variables))
}

fn good(text: &str) -> Configuration {
    read(text, &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The least configuration, with more tables of a workspace.
fn with_tables(tables: &str) -> String {
    format!(
        r#"
[server]
listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:8080"
data_dir = "."
admin_token = {{ env = "ADMIN" }}

[workspace]
name = "One"
{tables}
"#
    )
}

fn bad(text: &str) -> String {
    read(text, &[]).expect_err("a mistake").to_string()
}

#[test]
fn every_bad_input_is_refused_naming_file_line_key_and_remedy() {
    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        text: String,
        says: Vec<String>,
        line: usize,
    }
    #[derive(serde::Deserialize)]
    struct Cases {
        case: Vec<Case>,
    }
    let cases: Cases = toml::from_str(include_str!("bad.toml")).expect("the cases are TOML");
    assert!(cases.case.len() > 25);
    for case in cases.case {
        let Err(problems) = read(&case.text, &[("EMPTY", ""), ("SHORT", "12345678"), ("HOLDER", "changeme")]) else {
            panic!("{}: was accepted", case.name);
        };
        let text = problems.to_string();
        for said in &case.says {
            assert!(text.contains(said.as_str()), "{}: {said:?} is not in\n{text}", case.name);
        }
        let line = format!("rapport.toml:{}:", case.line);
        assert!(text.contains(&line), "{}: {line} is not in\n{text}", case.name);
        assert!(text.contains("remedy: "), "{}", case.name);
        assert!(!text.contains("12345678"), "{}: a secret is shown in\n{text}", case.name);
    }
}

#[test]
fn all_problems_come_in_one_go() {
    let problems = read("[server]\nlisten = 8080\nadmin_tokn = \"x\"\n[workspace]\ntimezone = \"Mars\"\n", &[]).expect_err("three faults");
    assert_eq!(problems.iter().count(), 3, "{problems}");
}

#[test]
fn an_empty_file_is_a_configuration() {
    let read = good("");
    assert_eq!(read.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(read.workspaces[0].settings.id.as_str(), "my-business");
    assert_eq!(read.workspaces[0].settings.join_window(ChannelKind::Whatsapp).as_millis(), 1_500);
}

#[test]
fn the_documented_example_is_read() {
    let text = r#"
[server]
listen = "127.0.0.1:8080"
public_url = "https://chat.example.com/"
data_dir = "./data"
admin_token = [{ env = "ADMIN" }, { env = "ADMIN_BEFORE" }]

[workspace]
id = "ergo"
name = "Ergo Chairs"
timezone = "Europe/Paris"
locale = "en"
languages = ["en", "fr"]
currency = "EUR"
primary_identifier = "phone"
competitors = ["SitRight", "ChairCo"]
refund_limit = 200
business_hours = { mon-fri = "09:00-18:00", holidays = ["2026-12-25"] }
disclosure = "strict"
join_window_ms = { whatsapp = 900, widget = 0 }
escalation_wait = "45m"
escalation_release = "1d"

[[connections]]
id = "wa"
channel = "whatsapp"
api_base = "https://graph.facebook.com/v23.0"
phone_number_id = "106540352242922"
access_token = { env = "WA_TOKEN" }
app_secret = { env = "WA_APP_SECRET" }
verify_token = { env = "WA_VERIFY" }
mode = "answer"

[[connections]]
id = "web"
channel = "widget"
allowed_origins = ["https://shop.example/"]
jwt = { algorithm = "HS256", secret = { env = "JWT" }, audience = "rapport-widget" }

[[models]]
id = "main"
kind = "openai"
base_url = "http://127.0.0.1:11434/v1"
model = "m"
daily_budget = "5 EUR"

[agents]
answerer = ["main"]

[[knowledge]]
id = "site"
path = "./knowledge"

[[rules]]
name = "vip"
when = 'customer.attributes.tier == "gold" && signals.sentiment < 0.0'
route = "urgent"
"#;
    let long = "0123456789abcdef0123456789abcdef";
    let variables = [("ADMIN", long), ("ADMIN_BEFORE", long), ("WA_TOKEN", "t"), ("WA_APP_SECRET", "s"), ("WA_VERIFY", "v"), ("JWT", long)];
    let read = read(text, &variables).unwrap_or_else(|problems| panic!("{problems}"));
    let workspace = &read.workspaces[0];
    assert_eq!(read.server.public_url, "https://chat.example.com");
    assert_eq!(read.server.admin_tokens.len(), 2);
    assert_eq!(workspace.settings.region, "FR");
    assert_eq!(workspace.settings.business_hours.days.len(), 5);
    assert_eq!(workspace.settings.join_window(ChannelKind::Widget).as_millis(), 0);
    assert_eq!(workspace.settings.escalation_wait.as_secs(), 45 * 60);
    assert_eq!(workspace.connections[0].secret("app_secret"), Some("s"));
    assert_eq!(workspace.connections[0].text("phone_number_id"), Some("106540352242922"));
    assert_eq!(workspace.connections[1].secret("jwt.secret"), Some(long));
    assert_eq!(workspace.connections[1].text("jwt.algorithm"), Some("HS256"));
    assert_eq!(workspace.connections[1].values["allowed_origins"], serde_json::json!(["https://shop.example"]));
    assert_eq!(workspace.models[0].price.daily_budget, Some(5_000_000));
    assert_eq!(workspace.agents.answerer, ["main"]);
    assert_eq!(workspace.settings.rules[0].route.as_deref(), Some("urgent"));
}

#[test]
fn the_environment_goes_over_the_file_and_other_names_are_left_alone() {
    let variables = [
        ("RAPPORT_SERVER__LISTEN", "127.0.0.1:9999"),
        ("RAPPORT_WORKSPACE__REFUND_LIMIT", "50"),
        ("RAPPORT_WORKSPACE__COMPETITORS", "[\"A\", \"B\"]"),
        ("RAPPORT_CONNECTIONS__FORM__SECRET", "abcdefghijklmnopqrstuvwxyz012345"),
        ("RAPPORT_LOG", "debug"),
        ("RAPPORT_ADMIN_TOKEN", "anything"),
    ];
    let text = "[server]\nlisten = \"127.0.0.1:1\"\n[[connections]]\nid = \"form\"\nchannel = \"api\"\n";
    let read = read(text, &variables).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(read.server.listen.port(), 9999);
    assert_eq!(read.workspaces[0].settings.refund_limit, Some(50));
    assert_eq!(read.workspaces[0].settings.competitors, ["A", "B"]);
    assert_eq!(read.workspaces[0].connections[0].secret("secret").map(str::len), Some(32));
}

#[test]
fn a_wrong_value_of_the_environment_names_the_variable() {
    let problems = read("", &[("RAPPORT_SERVER__LISTNE", "x")]).expect_err("an unknown key");
    let text = problems.to_string();
    assert!(text.contains("environment variable RAPPORT_SERVER__LISTNE") && text.contains("nearest key: listen"), "{text}");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_read() {
    let read = good("\u{feff}[server]\r\nlisten = \"127.0.0.1:81\"\r\n");
    assert_eq!(read.server.listen.port(), 81);
}

#[test]
fn what_a_vendor_issues_is_taken_as_it_is() {
    let text = "[[connections]]\nid = \"tg\"\nchannel = \"telegram\"\nbot_token = { env = \"BOT\" }\nsecret_token = { env = \"BOT\" }\n";
    assert!(read(text, &[("BOT", "12345678")]).is_ok());
}

#[test]
fn a_proxy_in_front_allows_an_open_address() {
    let text = "[server]\nlisten = \"0.0.0.0:80\"\nbehind_proxy = true\ntrusted_proxies = [\"10.0.0.0/8\"]\n";
    assert_eq!(good(text).server.trusted_proxies.len(), 1);
}

#[test]
fn a_number_that_is_none_is_named_once() {
    let refused = bad("[server]\nsockets_per_address = 012\n");
    assert!(refused.contains("has 1 problem") && refused.contains(":2:"), "{refused}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_named_by_file_and_line() {
    let text = "[server]\nlisten = \"0.0.0.0:443\"\ntls = { cert = \"nowhere.pem\", key = \"nowhere.key\" }\n";
    let refused = bad(text);
    assert!(refused.contains("rapport.toml:3:16: `cert` in `tls` of [server] cannot be read"), "{refused}");
    assert!(!refused.contains("without TLS"), "{refused}");
    let refused = bad("[server]\ntls = { cert = \"nowhere.pem\" }\n");
    assert!(refused.contains("`key` in `tls` of [server] is missing"), "{refused}");
    let refused = bad("[server]\ntls = { acme = \"owner@example.com\" }\n");
    assert!(refused.contains("not in this version yet") && refused.contains("certbot"), "{refused}");
}

#[test]
fn durations_are_read_as_people_write_them() {
    let check = |text: &str, seconds: Option<u64>| {
        assert_eq!(parse_span(text).map(|span| span.as_secs()), seconds, "{text}");
    };
    check("30m", Some(1_800));
    check("1h30m", Some(5_400));
    check("24h", Some(86_400));
    check("1500ms", Some(1));
    check("2d", Some(172_800));
    check("soon", None);
    check("-5m", None);
    check("5", None);
    check("", None);
}

#[test]
fn the_region_follows_from_zone_then_language_then_currency() {
    assert_eq!(region_of("Europe/Paris", "en", "EUR"), "FR");
    assert_eq!(region_of("UTC", "fr", "USD"), "FR");
    assert_eq!(region_of("UTC", "en", "GBP"), "GB");
    assert_eq!(region_of("UTC", "en", "USD"), "US");
}

#[test]
fn the_schema_names_every_key_of_every_door() {
    let schema = schema::schema();
    let doors = schema["properties"]["connections"]["items"]["oneOf"].as_array().expect("doors");
    assert_eq!(doors.len(), ChannelKind::ALL.len());
    assert!(schema["properties"]["server"]["properties"]["listen"].is_object());
    assert_eq!(schema["properties"]["server"]["additionalProperties"], false);
}

#[test]
fn a_connection_may_wait_shorter_or_longer_for_its_vendor() {
    let text = r#"
[server]
listen = "127.0.0.1:0"
public_url = "http://127.0.0.1:8080"
data_dir = "."
admin_token = { env = "ADMIN" }

[workspace]
name = "One"

[[connections]]
id = "tg"
channel = "telegram"
bot_token = { env = "TOKEN" }
secret_token = { env = "WORD" }
timeout = "2s"
"#;
    let variables = [("ADMIN", "admin-token-of-the-tests-000000"), ("TOKEN", "7000000001:AAofTheTests"), ("WORD", "word-of-the-webhook")];
    let configuration = read(text, &variables).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(configuration.workspaces[0].connections[0].values["deadline_ms"], serde_json::json!(2_000));
    let refused = read(&text.replace("\"2s\"", "\"soon\""), &variables).expect_err("no duration").to_string();
    assert!(refused.contains("timeout") && refused.contains("soon"), "{refused}");
}

#[test]
fn a_tool_that_cannot_be_used_names_its_line_and_its_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shop.yaml");
    let shop = "openapi: 3.0.3\npaths:\n  /orders/{id}:\n    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]\n    get: { operationId: track }\n    post: { operationId: cancel }\n";
    std::fs::write(&file, shop).expect("a file");
    let text = with_tables(&format!(
        r#"[[tools]]
id = "shop"
openapi = "{}"
base_url = "https://shop.example/api"

[[tools.operations]]
id = "track"

[[tools.operations]]
id = "cancel"
own = {{ id = "external_id" }}
"#,
        file.display()
    ));
    let variables = [("ADMIN", "admin-token-of-the-tests-000000")];
    let configuration = read(&text, &variables).unwrap_or_else(|problems| panic!("{problems}"));
    let tools = &configuration.workspaces[0].tools;
    let of = |name: &str| tools.iter().find(|tool| tool.spec.name == name).map(|tool| (tool.spec.needs, tool.spec.approval));
    assert_eq!(of("shop.track"), Some((domain::ports::Needed::Asserted, domain::ports::Approval::Nobody)));
    assert_eq!(
        of("shop.cancel"),
        Some((domain::ports::Needed::Proven, domain::ports::Approval::Teammate)),
        "an effect needs the most by default"
    );
    for (before, after, expected) in [
        ("id = \"track\"", "id = \"trak\"", "track"),
        ("https://shop.example/api", "http://shop.example/api", "not encrypted"),
        ("own = { id", "own = { customer", "does not take"),
        ("\"external_id\"", "\"password\"", "external_id, email, phone"),
        ("id = \"track\"", "id = \"track\"\napproval = \"customer\"", "has an effect"),
        ("id = \"track\"", "id = \"track\"\nlevel = \"root\"", "asserted"),
        ("base_url = ", "timeout = \"5m\"\nbase_url = ", "15s"),
        ("shop.yaml", "none.yaml", "cannot be read"),
    ] {
        let refused = read(&text.replacen(before, after, 1), &variables).expect_err(after).to_string();
        assert!(refused.contains(expected) && refused.contains("remedy") && refused.contains("rapport.toml:"), "{after}: {refused}");
    }
}

#[test]
fn a_target_says_by_when_and_what_is_wrong_with_it() {
    let variables = [("ADMIN", "admin-token-of-the-tests-000000")];
    let configuration = read(
        &with_tables("[[sla]]\nname = \"letters\"\nchannel = \"email\"\npriority = \"normal\"\nfirst_reply = \"4h\"\nhours = \"always\""),
        &variables,
    );
    let configuration = configuration.unwrap_or_else(|problems| panic!("{problems}"));
    let [policy] = configuration.workspaces[0].settings.sla.as_slice() else { panic!("one target") };
    assert_eq!((policy.name.as_str(), policy.channel, policy.is_always_on), ("letters", Some(ChannelKind::Email), true));
    assert_eq!((policy.first_reply, policy.resolution), (Some(std::time::Duration::from_hours(4)), None));
    for (tables, named) in [
        ("[[sla]]\nname = \"a\"", "first_reply"),
        ("[[sla]]\nfirst_reply = \"4h\"", "name"),
        ("[[sla]]\nname = \"a\"\nfirst_reply = \"10s\"", "less than a minute"),
        ("[[sla]]\nname = \"a\"\nfirst_reply = \"4h\"\nchannel = \"mail\"", "email"),
        ("[[sla]]\nname = \"a\"\nfirst_replay = \"4h\"", "first_reply"),
        ("[[sla]]\nname = \"a\"\nfirst_reply = \"4h\"\n[[sla]]\nname = \"a\"\nresolution = \"4h\"", "another target"),
    ] {
        let refused = read(&with_tables(tables), &variables).expect_err(tables).to_string();
        assert!(refused.contains(named), "{tables}: {refused}");
    }
}
