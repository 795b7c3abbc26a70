//! What a row of a business's own file says: which column is what, and what each cell is read as.
//!
//! Every value is a claim: it is kept, it suggests, it joins nobody.

use domain::fact::Predicate;
use domain::identifier::{IdentifierKind, Origin, SeenIdentifier, Trust};
use serde_json::{Map, Value};

use super::normalise;

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// An identifier.
    Identifier(IdentifierKind),
    /// A given name, put before the family name.
    GivenName,
    /// A family name.
    FamilyName,
    /// A fact.
    Fact(Predicate),
    /// Agreement to marketing: only a plain yes counts.
    Marketing,
    /// An attribute of the business's own, by this name.
    Attribute(String),
    /// Nothing of ours.
    Ignored,
}

/// A column that cannot be named so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no meaning of a column: name one of phone, email, whatsapp, telegram, discord, external_id, name, first_name, last_name, \
     marketing, ignore, a fact such as company, or attribute:NAME"
)]
pub struct UnknownColumn(pub String);

/// The most attributes of a row, and the longest value of a cell.
const MOST_ATTRIBUTES: usize = 50;
const LONGEST: usize = 2_000;
/// Longest identifier.
const LONGEST_IDENTIFIER: usize = 320;

impl Column {
    /// A meaning as it is written in a mapping.
    pub fn named(word: &str) -> Result<Self, UnknownColumn> {
        let plain = word.trim().to_lowercase();
        if let Some(name) = word.trim().strip_prefix("attribute:").map(str::trim).filter(|name| !name.is_empty()) {
            return Ok(Self::Attribute(name.to_owned()));
        }
        Ok(match plain.as_str() {
            "first_name" | "given_name" => Self::GivenName,
            "last_name" | "family_name" => Self::FamilyName,
            "marketing" => Self::Marketing,
            "ignore" => Self::Ignored,
            "visitor" | "messenger" | "instagram" => return Err(UnknownColumn(word.to_owned())),
            other => match (other.parse::<IdentifierKind>(), other.parse::<Predicate>()) {
                (Ok(kind), _) => Self::Identifier(kind),
                (Err(_), Ok(predicate)) => Self::Fact(predicate),
                (Err(_), Err(_)) => return Err(UnknownColumn(word.to_owned())),
            },
        })
    }

    /// What a column is, by its heading; a heading nobody knows is an attribute of that name.
    pub fn guessed(heading: &str) -> Self {
        let plain: String = heading.to_lowercase().chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
        let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        match plain.as_str() {
            "phone"
            | "phone number"
            | "mobile"
            | "mobile phone"
            | "mobile number"
            | "telephone"
            | "tel"
            | "cell"
            | "cell phone"
            | "téléphone"
            | "portable"
            | "numéro de téléphone"
            | "telefon"
            | "telefonnummer"
            | "handy"
            | "mobil"
            | "teléfono"
            | "móvil"
            | "telefone"
            | "celular"
            | "telemóvel" => Self::Identifier(IdentifierKind::Phone),
            "email"
            | "e mail"
            | "mail"
            | "email address"
            | "e mail address"
            | "courriel"
            | "adresse email"
            | "e mail adresse"
            | "correo"
            | "correo electrónico" => Self::Identifier(IdentifierKind::Email),
            "whatsapp" | "whatsapp id" => Self::Identifier(IdentifierKind::Whatsapp),
            "telegram" | "telegram id" | "telegram user id" => Self::Identifier(IdentifierKind::Telegram),
            "discord" | "discord id" | "discord user id" => Self::Identifier(IdentifierKind::Discord),
            "external id" | "externalid" | "customer id" | "user id" | "client id" | "customer number" | "kundennummer" | "id"
            | "numéro client" | "n client" => Self::Identifier(IdentifierKind::ExternalId),
            "name" | "full name" | "customer name" | "customer" | "nom complet" | "nombre completo" | "nome completo" => {
                Self::Fact(Predicate::Name)
            }
            "first name" | "firstname" | "given name" | "prénom" | "vorname" | "nombre" => Self::GivenName,
            "last name" | "lastname" | "surname" | "family name" | "nom" | "nachname" | "apellido" | "apellidos" | "sobrenome" => {
                Self::FamilyName
            }
            "company" | "company name" | "organisation" | "organization" | "société" | "entreprise" | "firma" | "empresa" => {
                Self::Fact(Predicate::Company)
            }
            "language" | "langue" | "sprache" | "idioma" => Self::Fact(Predicate::Language),
            "address" | "postal address" | "adresse" | "anschrift" | "dirección" | "endereço" => Self::Fact(Predicate::Address),
            "job title" | "role" | "fonction" | "position" => Self::Fact(Predicate::Role),
            "plan" | "subscription" => Self::Fact(Predicate::Plan),
            "marketing"
            | "marketing consent"
            | "consent marketing"
            | "consent to marketing"
            | "accepts marketing"
            | "accepts email marketing"
            | "email marketing"
            | "newsletter"
            | "subscribed"
            | "opt in"
            | "opted in"
            | "optin"
            | "consent" => Self::Marketing,
            // Data lands where the importer is, whatever the file says.
            "workspace" | "workspace id" | "tenant" | "tenant id" => Self::Ignored,
            "" => Self::Ignored,
            _ => Self::Attribute(heading.trim().to_owned()),
        }
    }

    /// The word of a mapping.
    pub fn word(&self) -> String {
        match self {
            Self::Identifier(kind) => kind.to_string(),
            Self::GivenName => "first_name".to_owned(),
            Self::FamilyName => "last_name".to_owned(),
            Self::Fact(predicate) => predicate.to_string(),
            Self::Marketing => "marketing".to_owned(),
            Self::Attribute(name) => format!("attribute:{name}"),
            Self::Ignored => "ignore".to_owned(),
        }
    }
}

/// A row as it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Identifiers, the workspace's primary one first.
    pub identifiers: Vec<SeenIdentifier>,
    /// Facts.
    pub facts: Vec<(Predicate, String)>,
    /// Attributes.
    pub attributes: Map<String, Value>,
    /// What cannot be read; a row with problems is not imported.
    pub problems: Vec<String>,
    /// What is worth knowing about it.
    pub notes: Vec<String>,
}

/// Reads the cells of a row. `primary`: the identifier that tells who somebody is, when a row has several.
pub fn read(columns: &[Column], cells: &[String], region: &str, primary: IdentifierKind) -> Row {
    let mut row = Row::default();
    if cells.len() != columns.len() {
        row.problems.push(format!("{} cells where the first line names {} columns", cells.len(), columns.len()));
        return row;
    }
    let (mut given, mut family) = (String::new(), String::new());
    for (column, cell) in columns.iter().zip(cells) {
        let value = cell.replace('\0', "");
        let value = value.trim();
        if value.is_empty() && *column != Column::Marketing {
            continue;
        }
        if value.chars().count() > LONGEST {
            row.problems.push(format!("{} is longer than {LONGEST} characters", column.word()));
            continue;
        }
        match column {
            Column::Identifier(kind) => match identifier(*kind, value, region) {
                Ok(seen) if row.identifiers.iter().any(|known| known.kind == seen.kind && known.value == seen.value) => {}
                Ok(seen) => row.identifiers.push(seen),
                Err(problem) => row.problems.push(problem),
            },
            Column::GivenName => value.clone_into(&mut given),
            Column::FamilyName => value.clone_into(&mut family),
            Column::Fact(predicate) => row.facts.push((*predicate, value.to_owned())),
            Column::Marketing => {
                row.attributes.insert("marketing_consent".to_owned(), Value::Bool(is_yes(value)));
            }
            Column::Attribute(name) => {
                if row.attributes.len() < MOST_ATTRIBUTES {
                    row.attributes.insert(name.clone(), Value::String(value.to_owned()));
                } else {
                    row.problems.push(format!("more than {MOST_ATTRIBUTES} attributes"));
                }
            }
            Column::Ignored => {}
        }
    }
    let whole = format!("{given} {family}").trim().to_owned();
    if !whole.is_empty() && row.facts.iter().all(|(predicate, _)| *predicate != Predicate::Name) {
        row.facts.push((Predicate::Name, whole));
    }
    if row.identifiers.is_empty() && row.problems.is_empty() {
        row.problems.push("no identifier: nobody could be found again by this row".to_owned());
    }
    row.identifiers.sort_by_key(|seen| (seen.kind != primary, rank(seen.kind)));
    row
}

fn rank(kind: IdentifierKind) -> usize {
    const ORDER: [IdentifierKind; 4] = [IdentifierKind::ExternalId, IdentifierKind::Phone, IdentifierKind::Email, IdentifierKind::Whatsapp];
    ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len())
}

/// An identifier as a spreadsheet holds it.
fn identifier(kind: IdentifierKind, value: &str, region: &str) -> Result<SeenIdentifier, String> {
    if value.chars().count() > LONGEST_IDENTIFIER {
        return Err(format!("{kind} is longer than {LONGEST_IDENTIFIER} characters"));
    }
    if is_rounded(value) {
        return Err(format!("{kind} {value} was rounded by a spreadsheet; format the column as text and export it again"));
    }
    if kind == IdentifierKind::Email && (value.contains(char::is_whitespace) || value.matches('@').count() != 1) {
        return Err(format!("email {value} is no address"));
    }
    let numeric = matches!(kind, IdentifierKind::Telegram | IdentifierKind::Discord);
    if numeric && !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("{kind} {value} is no id: it is made of digits, not a user name"));
    }
    if kind == IdentifierKind::Phone && value.chars().any(char::is_alphabetic) {
        return Err(format!("phone {value} is no number"));
    }
    // Spreadsheets write an apostrophe before what is text.
    let value = value.strip_prefix('\'').unwrap_or(value);
    let seen = normalise::written(&format!("{kind}:{value}"), region).ok_or_else(|| match kind {
        IdentifierKind::Phone if value.trim_start().starts_with('+') => format!("phone {value} is no number that somebody can have"),
        IdentifierKind::Phone => format!("phone {value} is no number of {region}; write it with its country code"),
        _ => format!("{kind} {value} cannot be read"),
    })?;
    Ok(SeenIdentifier { trust: Trust::Claimed, origin: Origin::Import, ..seen })
}

/// `1.5551E+10`: digits are lost for good.
fn is_rounded(value: &str) -> bool {
    let Some((head, tail)) = value.split_once(['e', 'E']) else { return false };
    !head.is_empty()
        && head.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '+' | '-'))
        && tail.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit())
        && tail.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_yes(value: &str) -> bool {
    matches!(value.trim().to_lowercase().as_str(), "yes" | "true" | "1" | "y" | "oui" | "ja" | "sí" | "si" | "sim")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(headings: &[&str], cells: &[&str]) -> Row {
        let columns: Vec<Column> = headings.iter().map(|heading| Column::guessed(heading)).collect();
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        read(&columns, &cells, "FR", IdentifierKind::Phone)
    }

    #[test]
    fn a_row_is_read_as_claims_with_the_primary_identifier_first() {
        let read = row(
            &["E-Mail", "Prénom", "Nom", "Mobile", "Tier", "workspace_id"],
            &["Mia@House.example", "Mia", "Cooke", "06 12 34 56 78", "gold", "other"],
        );
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        assert_eq!(read.identifiers[0].value, "+33612345678");
        assert_eq!(read.identifiers[1].value, "mia@house.example");
        assert!(read.identifiers.iter().all(|seen| seen.trust == Trust::Claimed && seen.origin == Origin::Import));
        assert_eq!(read.facts, [(Predicate::Name, "Mia Cooke".to_owned())]);
        assert_eq!(Value::Object(read.attributes), serde_json::json!({"Tier": "gold"}));
    }

    #[test]
    fn what_a_spreadsheet_broke_is_a_problem_and_never_a_wrong_value() {
        for (heading, cell) in [
            ("phone", "1.5551E+10"),
            ("phone", "12"),
            ("phone", "=HYPERLINK(\"http://evil.example\")"),
            ("email", "nobody"),
            ("email", "a b@c.example"),
            ("telegram id", "@mia"),
            ("discord", "8.1E+17"),
        ] {
            assert_eq!(row(&[heading], &[cell]).problems.len(), 1, "{heading} {cell}");
        }
        assert_eq!(row(&["name", "phone"], &["Mia"]).problems.len(), 1);
        assert_eq!(row(&["name"], &["Mia"]).problems.len(), 1);
    }

    #[test]
    fn formulas_are_text_and_only_a_plain_yes_agrees() {
        let read = row(&["email", "note"], &["a@b.example", "=1+1"]);
        assert_eq!(read.attributes["note"], "=1+1");
        for (cell, agreed) in [("yes ", true), ("TRUE", true), ("1", true), ("n/a", false), ("", false), ("maybe", false), ("2", false)] {
            for heading in ["newsletter", "consent_marketing", "Accepts Email Marketing"] {
                assert_eq!(row(&["email", heading], &["a@b.example", cell]).attributes["marketing_consent"], agreed, "{heading} {cell:?}");
            }
        }
    }

    #[test]
    fn a_mapping_names_meanings_and_nothing_else() {
        assert_eq!(Column::named("phone"), Ok(Column::Identifier(IdentifierKind::Phone)));
        assert_eq!(Column::named("company"), Ok(Column::Fact(Predicate::Company)));
        assert_eq!(Column::named("attribute:Shoe size"), Ok(Column::Attribute("Shoe size".to_owned())));
        assert!(Column::named("visitor").is_err() && Column::named("shoe").is_err());
    }
}
