//! A name server on this machine, and a mail that an independent program signed.

use std::collections::HashMap;
use std::net::SocketAddr;

use tokio::net::UdpSocket;

/// The signed mail of RFC 8463, appendix A, and the key that its domain publishes.
pub(crate) const SIGNED: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n \
    q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n \
    bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n \
    Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\nFrom: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n\
    Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
    Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
pub(crate) const KEY: (&str, &str) =
    ("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");

/// A name server that knows these texts and nothing else; with `broken` it knows nothing at all.
pub(crate) async fn open(texts: &[(&str, &str)], broken: bool) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    let texts: HashMap<String, String> = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    tokio::spawn(async move {
        let mut packet = [0_u8; 1_500];
        while let Ok((length, from)) = socket.recv_from(&mut packet).await {
            let Some(answer) = answered(&packet[..length], &texts, broken) else { continue };
            socket.send_to(&answer, from).await.expect("an answer");
        }
    });
    address
}

/// <https://www.rfc-editor.org/rfc/rfc1035#section-4>
fn answered(question: &[u8], texts: &HashMap<String, String>, broken: bool) -> Option<Vec<u8>> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while *question.get(at)? > 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(question.get(at + 1..=at + length)?).to_lowercase());
        at += length + 1;
    }
    let text = texts.get(&labels.join("."));
    let code = if broken {
        2
    } else if text.is_some() {
        0
    } else {
        3
    };
    let mut answer = question[..2].to_vec();
    answer.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(code == 0), 0, u8::from(code == 3), 0, 0]);
    answer.extend(&question[12..at + 5]);
    if code == 3 {
        // Who says that there is no such name, and for how long: <https://www.rfc-editor.org/rfc/rfc2308>
        answer.extend([0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 60, 0, 22, 0, 0]);
        answer.extend([0; 16]);
        answer.extend(60_u32.to_be_bytes());
    }
    if let Some(text) = text.filter(|_| code == 0) {
        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        answer.extend((text.len() as u16 + 1).to_be_bytes());
        answer.push(text.len() as u8);
        answer.extend(text.as_bytes());
    }
    Some(answer)
}
