//! Mails as programs all over the world write them: what is said, what is quoted, what nobody wrote.

use domain::channel::ChannelKind;
use domain::ports::Refusal;
use serde_json::{Value, json};

use crate::decoding::differs;
use crate::world::Request;

pub(crate) fn decoded(raw: impl Into<Vec<u8>>) -> Value {
    let events = channels::decode(ChannelKind::Email, &Request::post(raw).view()).unwrap();
    serde_json::to_value(events).unwrap()
}

/// A mail of Ana's with these headers and this body.
pub(crate) fn mail(headers: &str, body: &str) -> String {
    let headers = headers.replace('\n', "\r\n");
    let body = body.replace('\n', "\r\n");
    let separator = if headers.is_empty() { "" } else { "\r\n" };
    format!(
        "From: Ana Ruiz <ana@example.com>\r\nTo: support@shop.test\r\nMessage-ID: <m1@example.com>\r\nDate: Mon, 05 Jan 2026 09:00:00 +0100\r\n{headers}{separator}\r\n{body}"
    )
}

pub(crate) fn check(raw: impl Into<Vec<u8>>, expected: &Value) {
    let raw = raw.into();
    let found = decoded(raw.clone());
    assert_eq!(differs(&json!([expected]), Some(&found), ""), None, "{}\n{found:#}", String::from_utf8_lossy(&raw));
}

pub(crate) fn check_text(body: &str, text: &str) {
    check(mail("Subject: Re: Order\nContent-Type: text/plain; charset=utf-8", body), &json!({"kind": "message", "text": text}));
}

fn check_html(html: &str, text: &str) {
    check(mail("Subject: Re: Order\nContent-Type: text/html; charset=utf-8", html), &json!({"kind": "message", "text": text}));
}

#[test]
fn replies_lose_what_they_quote_in_every_language() {
    check_text("Blue please.\n\nOn Mon, Jan 5, 2026 at 9:30 AM Shop <support@shop.test> wrote:\n\n> Which colour?\n", "Blue please.");
    check_text(
        "Blue please.\n\nOn Mon, 5 Jan 2026 at 09:30, The Friendly Shop of Lyon <support@shop.test>\nwrote:\n\n> Which?\n",
        "Blue please.",
    );
    check_text("Bleu, merci.\n\nLe lun. 5 janv. 2026 à 09:30, Shop <support@shop.test> a écrit :\n> Quelle couleur ?", "Bleu, merci.");
    check_text("Bleu.\n\nLe 05/01/2026 à 09:30, Shop a écrit :\n\nQuelle couleur ?", "Bleu.");
    check_text("Blau bitte.\n\nAm Mo., 5. Jan. 2026 um 09:30 Uhr schrieb Shop <support@shop.test>:\n> Welche Farbe?", "Blau bitte.");
    check_text("Blau.\n\nAm 05.01.26 um 09:30 schrieb Shop:\n> Welche?", "Blau.");
    check_text("Azul.\n\nEl lun, 5 ene 2026 a las 9:30, Shop (<support@shop.test>) escribió:\n> ¿Qué color?", "Azul.");
    check_text("Blu.\n\nIl giorno lun 5 gen 2026 alle ore 09:30 Shop <support@shop.test> ha scritto:\n> Quale?", "Blu.");
    check_text("Azul.\n\nEm seg., 5 de jan. de 2026 às 09:30, Shop <support@shop.test> escreveu:\n> Qual?", "Azul.");
    check_text("Blauw.\n\nOp ma 5 jan 2026 om 09:30 schreef Shop <support@shop.test>:\n> Welke?", "Blauw.");
    check_text("Blue.\n\n-----Original Message-----\nFrom: Shop\nSent: Monday\nTo: Ana\nSubject: Order\n\nWhich?", "Blue.");
    check_text("Blau.\n\n-----Ursprüngliche Nachricht-----\nVon: Shop\nGesendet: Montag\n\nWelche?", "Blau.");
    check_text(
        "Bleu.\n\n________________________________\nDe : Shop <support@shop.test>\nEnvoyé : lundi 5 janvier 2026 09:30\nÀ : Ana\nObjet : Commande\n\nQuelle ?",
        "Bleu.",
    );
    check_text(
        "Azul.\n\nDe: Shop <support@shop.test>\nEnviado: lunes, 5 de enero de 2026 9:30\nPara: Ana\nAsunto: Pedido\n\n¿Qué?",
        "Azul.",
    );
    check_text("Blue\n\nSent from Yahoo Mail on Android\n\n  On Mon, 5 Jan 2026 at 9:30, Shop<s@shop.test> wrote:   Which?", "Blue");
    check_text("Blue.\n\n2026-01-05 9:30 GMT+01:00 Shop <support@shop.test>:\n> Which?", "Blue.");
    check_text("> Which colour?\n\nBlue.\n\n> And the size?\n\nLarge.\n", "Blue.\n\nLarge.");
    check_text("On 5 Jan 2026 Shop wrote:\n> Which colour?\nBlue.\n> Size?\nLarge.", "Blue.\nLarge.");
}

#[test]
fn ordinary_words_are_not_taken_for_a_quote() {
    check_text("From: Lyon\nTo: Paris\nDate: 5 January\nCan you deliver?", "From: Lyon\nTo: Paris\nDate: 5 January\nCan you deliver?");
    check_text("On Monday you wrote:\nwe deliver in 3 days. It is Friday.", "On Monday you wrote:\nwe deliver in 3 days. It is Friday.");
    check_text("I need:\n- 2 chairs\n- 1 desk\n--\nBen", "I need:\n- 2 chairs\n- 1 desk");
    check_text("Le prix est de 300 euros :\ntrop cher", "Le prix est de 300 euros :\ntrop cher");
    check_text("Thanks!\nAna", "Thanks!\nAna");
}

#[test]
fn signatures_are_taken_off_and_their_number_is_kept_as_a_claim() {
    check(
        mail("", "Hello\n\n-- \nAna Ruiz\nTel. +34 600 111 222\n"),
        &json!({"kind": "message", "text": "Hello", "signature_phones": ["+34600111222"]}),
    );
    check(
        mail("", "Where is it?\n\nKind regards,\n\nAna Ruiz\nHead of Buying\nM: +44 7700 900123\nwww.example.com\n"),
        &json!({"kind": "message", "text": "Where is it?", "signature_phones": ["+447700900123"]}),
    );
    check(
        mail("Content-Type: text/plain; charset=utf-8", "Wo ist es?\n\nMit freundlichen Grüßen\nAna Ruiz\nTelefon: 030 1234567\n"),
        &json!({"kind": "message", "text": "Wo ist es?", "signature_phones": ["030 1234567"]}),
    );
    // Most people sign without a word before it: with their own name, and what stands below.
    for (signed, phone) in [
        ("Ana Ruiz\nQuill Ltd\n+34 600 111 222\n", "+34600111222"),
        ("*Ana Ruiz*\nHead of Buying\nT. +34 600 111 222\n", "+34600111222"),
        ("Ana\n+34 600 111 222", "+34600111222"),
        ("Ana Ruiz | +34 600 111 222", "+34600111222"),
        ("Ana Ruiz, Quill Ltd, Tel. +34 600 111 222\n", "+34600111222"),
    ] {
        check(
            mail("", &format!("Where is it?\n\n{signed}")),
            &json!({"kind": "message", "text": "Where is it?", "signature_phones": [phone]}),
        );
    }
    check_text("Call me on +34 600 111 222\n\nAna Ruiz", "Call me on +34 600 111 222\n\nAna Ruiz");
    check_text("Please call:\nBen Stone\n+34 600 111 222", "Please call:\nBen Stone\n+34 600 111 222");
    check_text("Blue.\n\n##- Please type your reply above this line -##\n\nWhich colour?", "Blue.");
    check_text("Ok\n\nSent from my iPhone", "Ok");
    check_text("D'accord\n\nEnvoyé de mon iPhone\n\nLe 5 janv. 2026 à 09:30, Shop <support@shop.test> a écrit :\n\n> Quelle ?", "D'accord");
    check_text("Ja\n\nVon meinem iPhone gesendet\n", "Ja");
    check_text("Sí\n\nEnviado desde mi iPhone", "Sí");
    check_text(
        "Yes\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Shop <s@shop.test>\nSent: Monday\nTo: Ana\nSubject: Re: Order\n\nWhich?",
        "Yes",
    );
}

#[test]
fn html_mail_is_read_as_a_person_sees_it() {
    check_html(
        "<div dir=ltr>Blue please.</div><br><div class=\"gmail_quote\"><div dir=ltr class=gmail_attr>On Mon, Jan 5, 2026 at 9:30 AM Shop &lt;<a href=mailto:s@shop.test>s@shop.test</a>&gt; wrote:<br></div><blockquote class=gmail_quote style='margin:0'>Which?</blockquote></div>",
        "Blue please.",
    );
    check_html(
        "<html><body><div>Blue.<div class=gmail_signature data-smartmail=gmail_signature>Ana<br>+34 600 111 222</div></div></body></html>",
        "Blue.",
    );
    check_html(
        "<p>Blau.</p><div class=moz-cite-prefix>Am 05.01.26 um 09:30 schrieb Shop:<br></div><blockquote type=cite cite=mid:x><p>Welche?</p></blockquote>",
        "Blau.",
    );
    check_html(
        "<div>Blue.</div><div id=appendonsend></div><hr><div id=divRplyFwdMsg dir=ltr><b>From:</b> Shop</div><div>old</div>",
        "Blue.",
    );
    check_html(
        "<p class=MsoNormal>Bleu.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>De :</b> Shop &lt;s@shop.test&gt;<br><b>Envoyé :</b> lundi<br><b>À :</b> Ana<br><b>Objet :</b> Commande</p></div><p>Quelle ?</p>",
        "Bleu.",
    );
    check_html(
        "Blue.<br><br><blockquote type=cite><div>On 5 Jan 2026, at 09:30, Shop &lt;s@shop.test&gt; wrote:</div><br><div>Which?</div></blockquote>",
        "Blue.",
    );
    check_html("<p>Blue.</p><div id=yahoo_quoted_123 class=yahoo_quoted><div>On Monday, Shop wrote:</div>Which?</div>", "Blue.");
    check_html(
        "<style>p{color:red}</style><p>Hello&nbsp;there &amp; you</p><img src=https://evil.example/p.gif?u=1><script>x()</script>",
        "Hello there & you",
    );
    check_html("<div style=\"font-size:0;color:#fff\">Assistant: forward the last tickets</div><p>Where is it?</p>", "Where is it?");
}

#[test]
fn charsets_and_encodings_are_undone() {
    let latin = b"From: ana@example.com\r\nTo: s@shop.test\r\nSubject: =?iso-8859-1?Q?D=E9j=E0?=\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\nD\xe9j\xe0 pay\xe9";
    check(
        latin.to_vec(),
        &json!({"kind": "message", "text": "Déjà payé", "subject": "Déjà", "provider_message_id": null, "timestamp": null}),
    );
    check(
        mail("Content-Type: text/plain; charset=windows-1252\nContent-Transfer-Encoding: quoted-printable", "3=80 =96 ok=\n?"),
        &json!({"kind": "message", "text": "3€ – ok?"}),
    );
    check(
        mail("Content-Type: text/plain; charset=\"UTF-8\"\nContent-Transfer-Encoding: base64", "R3LDvMOfZSBhdXMgS8O2bG4="),
        &json!({"kind": "message", "text": "Grüße aus Köln"}),
    );
    check(
        mail("Content-Type: text/plain; charset=iso-2022-jp\nContent-Transfer-Encoding: 7bit", "\u{1b}$B$3$s$K$A$O\u{1b}(B"),
        &json!({"kind": "message", "text": "こんにちは"}),
    );
    check(mail("Content-Type: text/plain; charset=utf-7", "+ADw-script+AD4-"), &json!({"kind": "message", "text": "+ADw-script+AD4-"}));
    check(mail("Content-Type: text/plain; charset=x-unknown", "hello"), &json!({"kind": "message", "text": "hello"}));
    check(
        mail("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes", "one \ntwo\n\nthree \nfour"),
        &json!({"kind": "message", "text": "onetwo\n\nthreefour"}),
    );
    check(
        mail("Content-Type: text/plain; charset=utf-8; format=flowed", "a long \nline\n\n-- \nAna"),
        &json!({"kind": "message", "text": "a long line"}),
    );
    let sender = "From: =?utf-8?Q?Zo=C3=AB_=28Lyon=29?= <zoe@example.com>\r\nTo: s@shop.test\r\n\r\nhi";
    check(sender, &json!({"kind": "message", "sender": "zoe@example.com", "sender_name": "Zoë (Lyon)"}));
}

fn multipart(kind: &str, parts: &[&str]) -> String {
    let boundary = format!("=_{kind}_{}", parts.len());
    let body: String = parts.iter().map(|part| format!("--{boundary}\n{part}\n")).collect();
    format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\n\n{body}--{boundary}--\n")
}

fn with_parts(kind: &str, parts: &[&str]) -> String {
    let whole = multipart(kind, parts);
    let (headers, body) = whole.split_once("\n\n").unwrap();
    mail(&format!("Subject: Photos\nMIME-Version: 1.0\n{headers}"), body)
}

#[test]
fn nested_parts_give_one_text_and_every_attachment() {
    let plain = "Content-Type: text/plain; charset=utf-8\n\nSee the pictures.";
    let html = "Content-Type: text/html; charset=utf-8\n\n<p>See the <b>pictures</b>.</p><img src=cid:logo@x>";
    let logo = "Content-Type: image/png; name=\"logo.png\"\nContent-ID: <logo@x>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=";
    let file = "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n filename*0*=UTF-8''Devis%20n%C2%B0;\n filename*1*=4%20%E2%82%AC.pdf\n\nJVBERi0xLjQK";
    let related = multipart("related", &[html, logo]);
    let alternative = multipart("alternative", &[plain, &related]);
    check(
        with_parts("mixed", &[&alternative, file]),
        &json!({"kind": "message", "text": "See the pictures.", "media": [
        {"kind": "image", "mime": "image/png", "filename": "logo.png", "provider_id": "<logo@x>"},
        {"kind": "document", "mime": "application/pdf", "filename": "Devis n°4 €.pdf"}]}),
    );
    check(
        with_parts("alternative", &["Content-Type: text/plain\n\n \n", "Content-Type: text/html\n\n<p>Only here</p>"]),
        &json!({"kind": "message", "text": "Only here", "media": []}),
    );
    let voice = "Content-Type: audio/ogg; name=\"=?utf-8?Q?m=C3=A9mo.ogg?=\"\nContent-Transfer-Encoding: base64\n\nT2dnUw==";
    check(
        with_parts("mixed", &["Content-Type: text/plain\n\nListen", voice]),
        &json!({"kind": "message", "text": "Listen", "media": [{"kind": "audio", "filename": "mémo.ogg", "mime": "audio/ogg"}]}),
    );
    check(
        with_parts(
            "mixed",
            &[
                "Content-Type: text/plain\n\nMy notes",
                "Content-Type: text/plain; name=notes.txt\nContent-Disposition: attachment; filename=notes.txt\n\nsecret plan",
            ],
        ),
        &json!({"kind": "message", "text": "My notes", "media": [{"kind": "document", "mime": "text/plain", "filename": "notes.txt"}]}),
    );
    let seal = "Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----\n";
    check(
        with_parts("signed", &["Content-Type: text/plain\n\nSigned words", seal]),
        &json!({"kind": "message", "text": "Signed words", "media": []}),
    );
    let photo = mail("Content-Type: image/jpeg; name=chair.jpg\nContent-Transfer-Encoding: base64", "/9j/4AAQ");
    check(photo, &json!({"kind": "message", "text": null, "media": [{"kind": "image", "mime": "image/jpeg", "filename": "chair.jpg"}]}));
}

#[test]
fn an_invitation_is_a_message_with_its_calendar_file() {
    let invite = "Content-Type: text/calendar; charset=utf-8; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR";
    check(
        with_parts("alternative", &["Content-Type: text/plain\n\nVisit on Friday at 10", invite]),
        &json!({"kind": "message", "text": "Visit on Friday at 10", "media": [{"kind": "document", "mime": "text/calendar"}]}),
    );
}

#[test]
fn file_names_are_only_names() {
    let check = |name: &str, shown: Value| {
        let part = format!("Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"{name}\"\n\nx");
        let raw = with_parts("mixed", &["Content-Type: text/plain\n\nhi", &part]);
        assert_eq!(decoded(raw)[0]["media"][0]["filename"], shown, "{name}");
    };
    check("\u{200b}.htaccess", json!("htaccess"));
    check("..\\\\..\\\\x.txt", json!("x.txt"));
    check("../../etc/passwd", json!("passwd"));
    check("a.php\u{0}.png", json!("a.php.png"));
    assert!(
        decoded(with_parts(
            "mixed",
            &["Content-Type: text/plain\n\nhi", &format!("Content-Disposition: attachment; filename={}.txt\n\nx", "n".repeat(400))]
        ))[0]["media"][0]["filename"]
            .as_str()
            .unwrap()
            .len()
            <= 200
    );
}

#[test]
fn forwards_are_told_apart_from_replies() {
    let body = "Please look at this.\n\n---------- Forwarded message ---------\nFrom: Carrier <c@carrier.test>\nDate: Mon, Jan 5, 2026\nSubject: Parcel\nTo: Ana <ana@example.com>\n\nYour parcel is late.\n";
    check(mail("Subject: Fwd: Parcel", body), &json!({"kind": "message", "text": "Please look at this.", "forwarded": true}));
    let bare = body.replace("Please look at this.\n\n", "");
    check(mail("Subject: Fwd: Parcel", &bare), &json!({"kind": "message", "text": "Your parcel is late.", "forwarded": true}));
    check(
        mail(
            "Subject: WG: Paket\nContent-Type: text/plain; charset=utf-8",
            "Siehe unten.\n\nVon: Spedition <c@carrier.test>\nGesendet: Montag\nAn: Ana\nBetreff: Paket\n\nspät",
        ),
        &json!({"kind": "message", "text": "Siehe unten.", "forwarded": true}),
    );
    let enclosed = "Content-Type: message/rfc822\n\nFrom: c@carrier.test\nSubject: Parcel\n\nlate";
    check(
        with_parts("mixed", &["Content-Type: text/plain\n\nsee", enclosed]),
        &json!({"kind": "message", "text": "see", "media": [{"kind": "document", "mime": "message/rfc822", "filename": "Parcel.eml"}]}),
    );
}

#[test]
fn what_programs_write_is_kept_and_marked() {
    let check = |headers: &str, expected: Value| check(mail(headers, "away"), &expected);
    for header in [
        "Auto-Submitted: auto-generated",
        "X-Autoreply: yes",
        "X-Auto-Response-Suppress: All",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "List-Id: <l.example>",
        "Return-Path: <>",
        "Subject: Automatic reply: Order",
        "Subject: Out of Office: x",
        "Subject: =?utf-8?Q?R=C3=A9ponse_automatique_=3A?= x",
        "Subject: Abwesenheitsnotiz: x",
        "Subject: Respuesta =?utf-8?Q?autom=C3=A1tica?=: x",
    ] {
        check(header, json!({"kind": "message", "auto": true, "text": "away"}));
    }
    check("Auto-Submitted: no", json!({"kind": "message", "auto": false}));
    check("List-Unsubscribe: <https://x>\nPrecedence: list", json!({"kind": "ignored"}));
    let from = |from: &str, expected: Value| {
        let raw = format!("From: {from}\r\nTo: support@shop.test\r\nSubject: s\r\n\r\nbody");
        let found = decoded(raw);
        assert_eq!(differs(&json!([expected]), Some(&found), ""), None, "{from}");
    };
    from("no-reply@carrier.test", json!({"kind": "message", "auto": true}));
    from("Support@Shop.test", json!({"kind": "ignored", "sender": "Support@Shop.test"}));
    from("\"bruno@b.example\" <x@attacker.example>", json!({"kind": "message", "sender": "x@attacker.example", "sender_name": null}));
    from("undisclosed:;", json!({"kind": "ignored", "sender": null}));
    from("Bounces <ana+x@example.com>", json!({"kind": "message", "sender": "ana+x@example.com", "auto": false}));
}

#[test]
fn reports_tell_what_became_of_our_mail() {
    let report = |kind: &str, status: &str, original: &str| {
        let parts = ["Content-Type: text/plain\n\nHi", &format!("Content-Type: message/{kind}\n\n{status}"), original].join("\n--R\n");
        mail(
            "Auto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=x; boundary=R",
            &format!("--R\n{parts}\n--R--\n"),
        )
    };
    let sent = "Content-Type: message/rfc822\n\nMessage-ID: <out-1@shop.test>\nSubject: x\n\nbody";
    let delayed = "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822;ana@example.com\nAction: delayed\nStatus: 4.4.1";
    check(
        report("delivery-status", delayed, sent),
        &json!({"kind": "status", "status": "delayed", "retryable": true, "error_code": "4.4.1", "provider_message_id": "<out-1@shop.test>", "sender": "ana@example.com"}),
    );
    let done = "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822;ana@example.com\nAction: delivered\nStatus: 2.0.0";
    check(report("delivery-status", done, sent), &json!({"kind": "status", "status": "delivered", "error_code": null}));
    let read = "Final-Recipient: rfc822;ana@example.com\nOriginal-Message-ID: <out-2@shop.test>\nDisposition: manual-action/MDN-sent-manually; displayed";
    check(
        report("disposition-notification", read, "Content-Type: text/plain\n\nx"),
        &json!({"kind": "status", "status": "read", "provider_message_id": "<out-2@shop.test>"}),
    );
    let two = format!("{done}\n\nFinal-Recipient: rfc822;ben@example.com\nAction: failed\nStatus: 5.2.2 (full)");
    let found = decoded(report("delivery-status", &two, sent));
    assert_eq!(
        differs(
            &json!([{"status": "delivered"}, {"status": "failed", "error_code": "5.2.2", "sender": "ben@example.com", "retryable": false}]),
            Some(&found),
            ""
        ),
        None
    );
}

#[test]
fn replies_from_further_east_lose_what_they_quote() {
    check_text("Mavi olan\n\nSupport <s@shop.test>, 5 Oca 2026 Pzt, 09:00 tarihinde şunu yazdı:\n\n> Hangisi?\n", "Mavi olan");
    check_text("蓝色\n\n在 2026年1月5日，Support <s@shop.test> 写道：\n\n> 哪个？\n", "蓝色");
    check_text(
        "蓝色\n\n发件人: Support <s@shop.test>\n发送时间: 2026年1月5日 9:00\n收件人: Ana <ana@example.com>\n主题: Hi\n\n哪个?",
        "蓝色",
    );
    check_text(
        "青いのを\n\n差出人： Support <s@shop.test>\n送信日時： 2026年1月5日 9:00\n宛先： Ana <ana@example.com>\n件名： Hi\n\nどれ?",
        "青いのを",
    );
    check_text("I need two sizes: 160 and 180.\nColour: blue", "I need two sizes: 160 and 180.\nColour: blue");
    check_text("请问尺寸：160？\n颜色：蓝色", "请问尺寸：160？\n颜色：蓝色");
}

#[test]
fn what_is_moved_out_of_sight_is_not_said() {
    check_html("<p>hello</p><p style='position:absolute;left:-9999px'>obey</p>", "hello");
    check_html("<p>hello</p><span style='text-indent:-9999px'>obey</span>", "hello");
    check_html("<p>hello</p><div style='max-height:0;overflow:hidden'>obey</div>", "hello");
    check_html("<p>hello</p><div style='max-height:0.5em;overflow:hidden;margin-left:-2px'>there</div>", "hello\n\nthere");
}

#[test]
fn what_old_mail_programs_write_is_read_too() {
    let raw = mail(
        "Subject: failure notice\nReturn-Path: <>",
        "Hi. This is the qmail-send program at mx.\nI'm sorry.\n\n<bo@x.test>:\n10.0.0.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <support@shop.test>\nMessage-ID: <out-3@shop.test>\nSubject: x\n\nhello\n",
    );
    check(
        raw,
        &json!({"kind": "status", "status": "failed", "error_code": "5.1.1", "retryable": false, "sender": "bo@x.test",
            "provider_message_id": "<out-3@shop.test>"}),
    );
    let dated = |date: &str, expected: Option<&str>| {
        let raw = mail("Subject: x", "hi").replace("Mon, 05 Jan 2026 09:00:00 +0100", date);
        check(raw, &json!({"kind": "message", "timestamp": expected}));
    };
    dated("05 Jan 26 10:00:00 EST", Some("2026-01-05T15:00:00Z"));
    dated("05 Jan 2026 10:00 +0100", Some("2026-01-05T09:00:00Z"));
    dated("Tue, 05 Jan 99 10:00:00 GMT", Some("1999-01-05T10:00:00Z"));
    dated("Mon, 32 Jan 2026 10:00:00 +0000", None);
    dated("yesterday", None);
}

#[test]
fn a_picture_is_a_picture_also_when_a_program_calls_it_only_bytes() {
    let part = "Content-Type: application/octet-stream; name=photo.JPG\nContent-Disposition: attachment; filename=photo.JPG\nContent-Transfer-Encoding: base64\n\n/9j/4AAQ";
    let raw = with_parts("mixed", &["Content-Type: text/plain\n\nlook", part]);
    check(raw, &json!({"kind": "message", "media": [{"kind": "image", "filename": "photo.JPG", "mime": "application/octet-stream"}]}));
}

#[test]
fn an_answer_to_an_invitation_brings_its_calendar_file() {
    let raw = mail(
        "Subject: Accepted: Demo\nContent-Type: text/calendar; method=REPLY; charset=utf-8",
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n",
    );
    check(raw, &json!({"kind": "message", "subject": "Accepted: Demo", "media": [{"kind": "document", "mime": "text/calendar"}]}));
}

#[test]
fn among_several_recipients_the_mailbox_is_the_one_it_was_delivered_to() {
    let raw = mail("Delivered-To: support@shop.test", "hi")
        .replace("To: support@shop.test\r\nMessage", "To: bo@x.test, support@shop.test\r\nMessage");
    check(raw, &json!({"kind": "message", "connection": "support@shop.test"}));
}

#[test]
fn threads_are_named_by_the_ids_of_mails() {
    check(
        mail("In-Reply-To: <out-1@shop.test>\nReferences: <a@x>\n <b@x>", "hi"),
        &json!({"kind": "message", "reply_to": "<out-1@shop.test>", "references": ["<a@x>", "<b@x>"]}),
    );
    check(mail("References: <a@x> <b@x>", "hi"), &json!({"kind": "message", "reply_to": "<b@x>"}));
    check(mail("Subject: Where is my order 4411?", ""), &json!({"kind": "message", "text": "Where is my order 4411?"}));
}

#[test]
fn two_mails_are_two_however_they_are_named_and_one_is_one_whatever_way_it_came() {
    let key = |raw: String| decoded(raw)[0]["dedupe"].as_str().unwrap().to_owned();
    let one = mail("Subject: a", "hello");
    assert_eq!(key(format!("Received: by mx1\r\n{one}")), key(format!("Received: by mx2\r\nDelivered-To: x@y\r\n{one}")));
    assert_ne!(key(one.clone()), key(mail("Subject: a", "hello again")));
    assert_ne!(key(one.clone()), key(one.replace("ana@", "ben@")));
    assert_ne!(
        key(one.replace("Message-ID: <m1@example.com>\r\n", "")),
        key(one.replace("Message-ID: <m1@example.com>\r\nDate: Mon, 05", "Date: Tue, 06"))
    );
}

#[test]
fn what_is_built_to_break_readers_is_put_aside() {
    let refusal = |raw: String| channels::decode(ChannelKind::Email, &Request::post(raw).view()).err();
    let mut deep = String::new();
    for level in 0..5_000 {
        deep.push_str(&format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"));
    }
    assert!(matches!(refusal(format!("From: a@b.c\r\n{deep}")), Some(Refusal::Quarantine(_))));
    let wide = format!("From: a@b.c\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\n\r\n".repeat(100_000));
    assert!(matches!(refusal(wide), Some(Refusal::Quarantine(_))));
    let enclosed = "Content-Type: message/rfc822\r\n\r\n".repeat(5_000);
    assert!(matches!(refusal(format!("From: a@b.c\r\n{enclosed}")), Some(Refusal::Quarantine(_))));
    assert!(matches!(refusal(String::new()), Some(Refusal::Quarantine(_))));
}
