//! Sending by SMTP, and what each answer of the server means for a retry.
//!
//! Until the last line of a mail has left, nothing was sent; once the server has said yes, it was. Only what happens in
//! between is unknown. <https://www.rfc-editor.org/rfc/rfc5321#section-4.2>

use std::time::Duration;

use domain::Secret;
use domain::ports::SendError;
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;

use crate::call;

/// Where mail is sent.
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<(String, Secret<String>)>,
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// From the first byte.
    Tls,
    /// After `STARTTLS`, which must succeed.
    StartTls,
    /// Not at all: loopback only.
    Plain,
}

/// A server that greylists wants to be asked again after minutes.
const GREYLISTED: Duration = Duration::from_secs(300);

/// Sends one mail once.
pub(super) async fn send(server: &Server, from: &str, to: &str, mail: &[u8], deadline: Duration) -> Result<(), SendError> {
    let from: Address = from.parse().map_err(|_| call::refused("address", "our own address is none"))?;
    let to: Address = to.parse().map_err(|_| call::refused_for_good("address", "this is no address that mail can be sent to"))?;
    let ready = tokio::time::timeout(deadline, prepare(server, from, to, deadline)).await;
    let mut connection = ready.map_err(|_| SendError::NotSent("the mail server did not answer in time".to_owned()))??;
    match tokio::time::timeout(deadline, connection.message(mail)).await {
        Ok(Ok(_)) => {
            // The mail is the server's now; how the talk ends changes nothing.
            let _ = tokio::time::timeout(Duration::from_secs(1), connection.quit()).await;
            Ok(())
        }
        Ok(Err(error)) => Err(answered(&error, Step::Content)
            .unwrap_or_else(|| SendError::Unknown("the connection broke after the mail had left".to_owned()))),
        Err(_) => Err(SendError::Unknown("the mail server did not confirm in time".to_owned())),
    }
}

/// Does the server let us in? `Ok(false)`: nothing proves that it does, or does not. Nothing is sent.
pub(super) async fn lets_us_in(server: &Server, from: &str, deadline: Duration) -> Result<bool, SendError> {
    let Ok(from) = from.parse::<Address>() else { return Ok(false) };
    match tokio::time::timeout(deadline, enter(server, &from, deadline)).await {
        Ok(Ok(mut connection)) => {
            let _ = tokio::time::timeout(Duration::from_secs(1), connection.quit()).await;
            Ok(true)
        }
        Ok(Err((Step::Login, SendError::NotSent(why)))) if why.contains(NO_LOGIN) => Err(call::refused(LOGIN, why)),
        Ok(Err(_)) | Err(_) => Ok(false),
    }
}

/// Our code for a login that the server does not take.
pub(super) const LOGIN: &str = "login";
/// What it is in words.
const NO_LOGIN: &str = "the mail server does not take our login";

/// Everything before the mail itself.
async fn prepare(server: &Server, from: Address, to: Address, deadline: Duration) -> Result<AsyncSmtpConnection, SendError> {
    let mut connection = enter(server, &from, deadline).await.map_err(|(_, error)| error)?;
    let failed = |step: Step| move |error: Error| answered(&error, step).unwrap_or_else(|| lost(&error));
    connection.command(Mail::new(Some(from), Vec::new())).await.map_err(failed(Step::Sender))?;
    connection.command(Rcpt::new(to, Vec::new())).await.map_err(failed(Step::Recipient))?;
    connection.command(Data).await.map_err(failed(Step::Content))?;
    Ok(connection)
}

/// Greets the server and shows it who we are; else at which step it ended, and how.
async fn enter(server: &Server, from: &Address, deadline: Duration) -> Result<AsyncSmtpConnection, (Step, SendError)> {
    let hello = ClientId::Domain(from.domain().to_owned());
    let parameters = || {
        let nameless = |_| (Step::Greeting, SendError::NotSent("the mail server's name is none for TLS".to_owned()));
        TlsParameters::new_rustls(server.host.clone()).map_err(nameless)
    };
    let from_start = if server.security == Security::Tls { Some(parameters()?) } else { None };
    let address = (server.host.as_str(), server.port);
    let failed = |step: Step| move |error: Error| (step, answered(&error, step).unwrap_or_else(|| lost(&error)));
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(address, Some(deadline), &hello, from_start, None).await.map_err(failed(Step::Greeting))?;
    if server.security == Security::StartTls {
        connection.starttls(parameters()?, &hello).await.map_err(failed(Step::Greeting))?;
    }
    if let Some((user, password)) = &server.login {
        let credentials = Credentials::new(user.clone(), password.expose().clone());
        connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(failed(Step::Login))?;
    }
    Ok(connection)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Greeting,
    Login,
    Sender,
    Recipient,
    Content,
}

fn lost(error: &Error) -> SendError {
    let why = if error.is_timeout() {
        "the mail server did not answer in time"
    } else if error.is_tls() {
        "the mail server cannot be spoken to encrypted"
    } else {
        "no connection to the mail server"
    };
    SendError::NotSent(why.to_owned())
}

/// What the server said; `None`: it said nothing.
fn answered(error: &Error, step: Step) -> Option<SendError> {
    let code = u16::from(error.status()?);
    Some(outcome(code, &error.to_string(), step))
}

/// Which of the outcomes a code is.
fn outcome(code: u16, said: &str, step: Step) -> SendError {
    // The server's words may hold addresses of others: the part that is a code says enough.
    let enhanced = said.split_whitespace().find(|word| is_enhanced(word)).unwrap_or_default().trim_matches([':', ';', ',', '(', ')', '"']);
    let named = if enhanced.is_empty() { code.to_string() } else { enhanced.to_owned() };
    match (code, step) {
        (421 | 450 | 451 | 452, _) if enhanced.starts_with("4.7") => SendError::RateLimited(Some(GREYLISTED)),
        (421, _) => SendError::RateLimited(Some(Duration::from_secs(60))),
        (400..=499, _) => SendError::NotSent(format!("the mail server cannot take it now ({named})")),
        (530 | 534 | 535 | 538, _) | (500..=599, Step::Login) => {
            SendError::NotSent(format!("{NO_LOGIN} ({named}): check smtp.username and smtp.password"))
        }
        (550 | 551 | 553 | 556, Step::Recipient) if !enhanced.starts_with("5.7") => {
            call::refused_for_good(named, "this mailbox does not exist or takes no mail")
        }
        (552, _) => call::refused(named, "the mailbox is full or the mail is too large"),
        (500..=599, Step::Sender) => call::refused(named, "the mail server does not let us send as this address"),
        (500..=599, _) => call::refused(named, "the mail server refused the mail"),
        _ => SendError::Unknown(format!("the mail server answered {code}")),
    }
}

fn is_enhanced(word: &str) -> bool {
    let mut parts = word.trim_matches([':', ';', ',', '(', ')', '"']).split('.');
    let first = parts.next().is_some_and(|class| matches!(class, "2" | "4" | "5"));
    let numbers =
        parts.by_ref().take(2).filter(|part| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit())).count();
    first && numbers == 2 && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_one_of_the_outcomes() {
        let check = |code: u16, said: &str, step: Step, expected: &str| {
            let found = match outcome(code, said, step) {
                SendError::RateLimited(_) | SendError::NotYet(_) => "later".to_owned(),
                SendError::NotSent(_) => "not sent".to_owned(),
                SendError::Unknown(_) => "unknown".to_owned(),
                SendError::Refused { code, opted_out, .. } => format!("refused {code}{}", if opted_out { " for good" } else { "" }),
            };
            assert_eq!(found, expected, "{code} {said} {step:?}");
        };
        check(450, "4.7.1 greylisted, try later", Step::Recipient, "later");
        check(421, "busy", Step::Greeting, "later");
        check(452, "4.2.2 mailbox full", Step::Recipient, "not sent");
        check(535, "5.7.8 bad credentials", Step::Login, "not sent");
        check(550, "5.1.1 <x@y>: no such user", Step::Recipient, "refused 5.1.1 for good");
        check(550, "no such user", Step::Recipient, "refused 550 for good");
        check(550, "5.7.1 blocked by policy", Step::Recipient, "refused 5.7.1");
        check(552, "5.3.4 too large", Step::Content, "refused 5.3.4");
        check(554, "5.7.1 spam", Step::Content, "refused 5.7.1");
        check(553, "5.1.8 sender", Step::Sender, "refused 5.1.8");
    }
}
