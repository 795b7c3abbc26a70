//! The identity token: signed by the provider, made for us, for this very sign-in, and not over.

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

/// No provider needs a longer one.
const LONGEST: usize = 32 * 1024;
/// How far the provider's clock may be from ours.
const SKEW_SECS: f64 = 60.0;
/// More keys than anybody publishes.
const MOST_KEYS: usize = 64;

/// What a token must say to be taken.
pub struct Expected<'a> {
    /// Who made it.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// For which sign-in.
    pub nonce: &'a str,
    /// Seconds since 1970.
    pub now: i64,
}

/// What it says about the person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// The provider's own id of them; never given to somebody else.
    pub subject: String,
    /// Email.
    pub email: Option<String>,
    /// Does the provider say that the address is theirs?
    pub is_verified: bool,
    /// Name.
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    #[serde(flatten)]
    about: About,
}

/// Claims about the person, in the token or at the provider's address for them.
#[derive(Deserialize, Default)]
pub struct About {
    email: Option<String>,
    email_verified: Option<Value>,
    name: Option<String>,
}

impl About {
    /// Takes over what is not known of `person` yet.
    pub fn complete(self, person: &mut Person) {
        if person.email.is_none() {
            // Some write the claim as text.
            person.is_verified = matches!(&self.email_verified, Some(Value::Bool(true))) || self.email_verified == Some("true".into());
            person.email = self.email.map(|email| email.trim().to_lowercase()).filter(|email| !email.is_empty() && email.len() <= 254);
        }
        if person.name.is_none() {
            person.name = self.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Reads a token; the error says what is wrong with it, for the log.
pub fn read(token: &str, keys: &Value, expected: &Expected<'_>) -> Result<Person, &'static str> {
    if token.len() > LONGEST {
        return Err("the token is larger than any real one");
    }
    let claims = verified(token, keys)?;
    let (audience, has_others) = match &claims.aud {
        Audience::One(one) => (one == expected.client_id, false),
        Audience::Several(several) => (several.iter().any(|one| one == expected.client_id), several.len() > 1),
    };
    let now = expected.now as f64;
    if claims.iss != expected.issuer {
        return Err("the token comes from another issuer");
    }
    if !audience || claims.azp.as_deref().map_or(has_others, |party| party != expected.client_id) {
        return Err("the token was made for somebody else");
    }
    if !claims.nonce.as_deref().is_some_and(|nonce| crate::auth::is_same(nonce, expected.nonce)) {
        return Err("the token belongs to another sign-in");
    }
    if !claims.exp.is_finite() || claims.exp + SKEW_SECS <= now {
        return Err("the token has expired");
    }
    if claims.nbf.is_some_and(|from| from > now + SKEW_SECS) {
        return Err("the token is not valid yet");
    }
    if claims.sub.trim().is_empty() || claims.sub.len() > 255 {
        return Err("the token names nobody");
    }
    let mut person = Person { subject: claims.sub, ..Person::default() };
    claims.about.complete(&mut person);
    Ok(person)
}

/// The claims under a published key. A secret, or no signature at all, proves nothing here.
fn verified(token: &str, keys: &Value) -> Result<Claims, &'static str> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| "the token cannot be read")?;
    let is_asymmetric = !matches!(header.alg, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512);
    if !is_asymmetric {
        return Err("the token is signed with a secret instead of a key");
    }
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    // Checked above, against our own clock.
    (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
    let published = keys.get("keys").and_then(Value::as_array).map_or([].as_slice(), Vec::as_slice);
    for key in published.iter().take(MOST_KEYS) {
        // One that cannot be read does not spoil the others.
        let Ok(jwk) = serde_json::from_value::<Jwk>(key.clone()) else { continue };
        let is_named = header.kid.is_none() || jwk.common.key_id == header.kid;
        let is_for_this = jwk.common.key_algorithm.is_none_or(|algorithm| algorithm.to_string() == format!("{:?}", header.alg));
        if !is_named || !is_for_this || jwk.common.public_key_use == Some(PublicKeyUse::Encryption) {
            continue;
        }
        let Ok(material) = DecodingKey::from_jwk(&jwk) else { continue };
        match jsonwebtoken::decode::<Claims>(token, &material, &validation) {
            Ok(read) => return Ok(read.claims),
            Err(error) if matches!(error.kind(), jsonwebtoken::errors::ErrorKind::Json(_)) => {
                return Err("a claim of the token is missing or of a wrong kind");
            }
            Err(_) => {}
        }
    }
    Err("no published key has signed the token")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    /// Made for these tests alone.
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFW0bVtyxwR1ZH2j7\n\
        MFHWjzD46LxMvBOTzJkGzBIlkeOhRANCAASwVzjLwVDh9V3uw5H3TJwLjRIOuL2S\n\
        OrV1dQS5/hadOR8UNzq2+rpiKM5PT3+biH7fH+A6CCCcn89sjEbLeWdf\n\
        -----END PRIVATE KEY-----\n";
    const NOW: i64 = 1_700_000_000;

    fn keys() -> Value {
        json!({ "keys": [
            { "kty": "oct", "k": "c2VjcmV0", "kid": "one" },
            { "kty": "EC", "crv": "P-256", "kid": "one", "alg": "ES256", "use": "sig",
              "x": "sFc4y8FQ4fVd7sOR90ycC40SDri9kjq1dXUEuf4WnTk", "y": "HxQ3Orb6umIozk9Pf5uIft8f4DoIIJyfz2yMRst5Z18" },
        ]})
    }

    fn claims(change: &Value) -> Value {
        let mut claims = json!({
            "iss": "https://id.example", "aud": "rapport", "sub": "u-7", "exp": NOW + 300, "nonce": "n-1",
            "email": "Ana@Example.com", "email_verified": true, "name": "Ana",
        });
        for (name, value) in change.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        claims
    }

    fn signed(change: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("one".to_owned());
        encode(&header, &claims(change), &EncodingKey::from_ec_pem(KEY.as_bytes()).expect("a key")).expect("a token")
    }

    fn taken(token: &str) -> Result<Person, &'static str> {
        read(token, &keys(), &Expected { issuer: "https://id.example", client_id: "rapport", nonce: "n-1", now: NOW })
    }

    #[test]
    fn a_token_of_the_provider_for_this_sign_in_names_a_person() {
        let person = taken(&signed(&json!({}))).expect("it is taken");
        assert_eq!((person.subject.as_str(), person.email.as_deref(), person.is_verified), ("u-7", Some("ana@example.com"), true));
        assert!(taken(&signed(&json!({ "aud": ["rapport", "other"], "azp": "rapport" }))).is_ok());
        assert!(!taken(&signed(&json!({ "email_verified": "false" }))).expect("it is taken").is_verified);
        assert!(taken(&signed(&json!({ "email_verified": "true" }))).expect("it is taken").is_verified);
    }

    #[test]
    fn every_other_token_is_refused() {
        let check = |change: Value, why: &str| assert_eq!(taken(&signed(&change)), Err(why), "{change}");
        check(json!({ "iss": "https://evil.example" }), "the token comes from another issuer");
        check(json!({ "aud": "other" }), "the token was made for somebody else");
        check(json!({ "aud": ["rapport", "other"] }), "the token was made for somebody else");
        check(json!({ "azp": "other" }), "the token was made for somebody else");
        check(json!({ "nonce": "n-2" }), "the token belongs to another sign-in");
        check(json!({ "nonce": null }), "the token belongs to another sign-in");
        check(json!({ "exp": NOW - 61 }), "the token has expired");
        check(json!({ "nbf": NOW + 61 }), "the token is not valid yet");
        check(json!({ "sub": " " }), "the token names nobody");
        check(json!({ "exp": "soon" }), "a claim of the token is missing or of a wrong kind");
        let secret = EncodingKey::from_secret(b"secret");
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("one".to_owned());
        let by_secret = encode(&header, &claims(&json!({})), &secret).expect("a token");
        assert_eq!(taken(&by_secret), Err("the token is signed with a secret instead of a key"));
        let good = signed(&json!({}));
        let (signed_part, _) = good.rsplit_once('.').expect("three parts");
        assert!(taken(&format!("{signed_part}.AAAA")).is_err(), "a wrong signature");
        let (_, rest) = good.split_once('.').expect("three parts");
        assert!(taken(&format!("eyJhbGciOiJub25lIn0.{rest}")).is_err(), "no signature");
        assert!(taken("no token").is_err());
    }
}
