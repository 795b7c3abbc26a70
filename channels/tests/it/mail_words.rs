//! What mail programs add, in the languages that people write to a business in.

use serde_json::json;

use crate::mails::{check, check_text, mail};

/// The line or lines by which a program says whom it quotes.
const ATTRIBUTIONS: &[&str] = &[
    "On 5 May 2026, at 10:12, Shop <support@shop.test> wrote:",
    "On Tuesday, May 5th, 2026 at 10:12 AM, Shop <support@shop.test> wrote:",
    "Am Di., 5. Mai 2026 um 10:12 Uhr schrieb Shop <support@shop.test>:",
    "Shop <support@shop.test> schrieb am Di. 5. Mai 2026 um 10:12:",
    "Op 5 mei 2026, om 10:12 heeft Shop <support@shop.test> het volgende geschreven:",
    "Den tis 5 maj 2026 kl 10:12 skrev Shop <support@shop.test>:",
    "5 maj 2026 kl. 10:12 skrev Shop <support@shop.test>:",
    "Den tirs. 5. maj 2026 kl. 10.12 skrev Shop <support@shop.test>:",
    "tir. 5. mai 2026 kl. 10:12 skrev Shop <support@shop.test>:",
    "ti 5. toukok. 2026 klo 10.12 Shop (support@shop.test) kirjoitti:",
    "Shop <support@shop.test> kirjoitti 5.5.2026 kello 10.12:",
    "wt., 5 maj 2026 o 10:12 Shop <support@shop.test> napisał(a):",
    "Wiadomość napisana przez Shop <support@shop.test> w dniu 5 maj 2026, o godz. 10:12:",
    "W dniu 5.05.2026 o 10:12, Shop pisze:",
    "út 5. 5. 2026 v 10:12 odesílatel Shop <support@shop.test> napsal:",
    "Dne 05. 05. 26 v 10:12 Shop napsal(a):",
    "ut 5. 5. 2026 o 10:12 Shop <support@shop.test> napísal(a):",
    "Shop <support@shop.test> ezt írta (időpont: 2026. máj. 5., K, 10:12):",
    "2026. 05. 05. 10:12 keltezéssel, Shop írta:",
    "În mar., 5 mai 2026 la 10:12, Shop <support@shop.test> a scris:",
    "вт, 5 мая 2026 г. в 10:12, Shop <support@shop.test>:",
    "5 мая 2026 г., в 10:12, Shop <support@shop.test> написал(а):",
    "05.05.2026 10:12, Shop пишет:",
    "вт, 5 трав. 2026 р. о 10:12 Shop <support@shop.test> пише:",
    "Shop <support@shop.test>, 5 May 2026 Sal, 10:12 tarihinde şunu yazdı:",
    "Shop, 5 May 2026 Sal 10:12 tarihinde şunları yazdı:",
    "Στις Τρί 5 Μαΐ 2026 στις 10:12 π.μ., ο/η Shop <support@shop.test> έγραψε:",
    "2026年5月5日(火) 10:12 Shop <support@shop.test>:",
    "2026/05/05 10:12、Shop <support@shop.test>のメール:",
    "On 2026/05/05 10:12, Shop wrote:",
    "2026년 5월 5일 (화) 오전 10:12, Shop <support@shop.test>님이 작성:",
    "Shop <support@shop.test> 于2026年5月5日周二 10:12写道：",
    "Shop <support@shop.test> 於 2026年5月5日 週二 上午10:12寫道：",
    "在 2026年5月5日，10:12，Shop <support@shop.test> 写道：",
    "在 2026-05-05 10:12:30，\"Shop\" <support@shop.test> 写道：",
    "Vào Th 3, 5 thg 5, 2026 vào lúc 10:12 Shop <support@shop.test> đã viết:",
    "ในวันที่ อ. 5 พ.ค. 2026 เวลา 10:12 Shop <support@shop.test> เขียนว่า:",
    "Pada tanggal Sel, 5 Mei 2026 pukul 10.12 Shop <support@shop.test> menulis:",
    "في الثلاثاء، ٥ مايو ٢٠٢٦ في ١٠:١٢ ص تمت كتابة ما يلي بواسطة Shop <support@shop.test>:",
    "\u{202b}בתאריך יום ג׳, 5 במאי 2026 ב-10:12 מאת \u{202a}Shop\u{202c}\u{200f} <\u{202a}support@shop.test\u{202c}\u{200f}>:\u{202c}",
    "На вт, 5.05.2026 г. в 10:12 Shop <support@shop.test> написа:",
    "uto, 5. svi 2026. u 10:12 Shop <support@shop.test> napisao je:",
    "V V tor., 5. maj 2026 ob 10:12 je oseba Shop <support@shop.test> napisala:",
    "Missatge de Shop <support@shop.test> del dia dt., 5 de maig 2026 a les 10:12:",
    "2026-05-05, an, 10:12 Shop <support@shop.test> rašė:",
    "Kuupäev T, 5. mai 2026 kell 10:12 kirjutas Shop <support@shop.test>:",
    "मंगल, 5 मई 2026 को 10:12 बजे Shop <support@shop.test> ने लिखा:",
    "Il 05/05/2026 10:12, Shop ha scritto:",
    "El 5/5/26 a las 10:12, Shop escribió:",
    "Em 05/05/2026 10:12, Shop escreveu:",
    "Op 05-05-2026 om 10:12 schreef Shop:",
    "Den 2026-05-05 kl. 10:12, skrev Shop:",
    "Den 05.05.2026 kl. 10.12 skrev Shop:",
    "Shop kirjoitti 5.5.2026 klo 10.12:",
    "Στις 5/5/2026 10:12, ο/η Shop έγραψε:",
    "Pe 05.05.2026 10:12, Shop a scris:",
    "2026. 05. 05. 10:12 keltezéssel, Shop írta:",
    "On 2026/05/05 10:12, Shop wrote:",
    "05.05.26 10:12, Shop пише:",
    "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐",
    "Sent with Proton Mail secure email.\n\nOn Tuesday, 5 May 2026 at 10:12, Shop <support@shop.test> wrote:",
    "--- On Tue, 5/5/26, Shop <support@shop.test> wrote:",
    "Gesendet: Dienstag, 05. Mai 2026 um 10:12 Uhr\nVon: \"Shop\" <support@shop.test>\nAn: ana@example.com\nBetreff: Ihre Bestellung",
    "---- On Tue, 05 May 2026 10:12:00 +0200 Shop <support@shop.test> wrote ----",
    "---- Le mar., 05 mai 2026 10:12:00 +0200 Shop <support@shop.test> a écrit ----",
    "----- Mail original -----",
    "Shop ---05/05/2026 10:12:30---Dear Ana",
    "05.05.2026, 10:12, \"Shop\" <support@shop.test>:",
    "Вторник, 5 мая 2026, 10:12 +03:00 от Shop <support@shop.test>:",
    "------------------ 原始邮件 ------------------\n发件人: \"Shop\" <support@shop.test>;\n发送时间: 2026年5月5日(星期二) 上午10:12\n收件人: \"Ana\"<ana@example.com>;\n主题: Re: 订单",
    "---- 回复的原邮件 ----\n| 发件人 | Shop<support@shop.test> |\n| 日期 | 2026年05月05日 10:12 |",
    "-----Original Message-----\nFrom: \"Shop\"<support@shop.test>\nTo: <ana@example.com>;\nCc:\nSent: 2026-05-05 (화) 10:12:30 (GMT+09:00)\nSubject: 주문",
    "On Tuesday, 5 May 2026 at 10:12, Shop wrote:",
    "On 5 May 2026, 10:12 +0200, Shop <support@shop.test>, wrote:",
    "On May 5, 2026, Shop <support@shop.test> wrote:",
    "-------- Original message --------\nFrom: Shop <support@shop.test>\nDate: 05/05/2026 10:12 (GMT+01:00)\nTo: ana@example.com\nSubject: order",
    "-------- Ursprüngliche Nachricht --------\nVon: Shop <support@shop.test>\nDatum: 05.05.26 10:12 (GMT+01:00)\nAn: ana@example.com\nBetreff: order",
    "-------- Mensaje original --------\nDe: Shop <support@shop.test>\nFecha: 5/5/26 10:12",
    "-------- Messaggio originale --------\nDa: Shop <support@shop.test>\nData: 05/05/26 10:12",
    "-------- Message d'origine --------\nDe : Shop <support@shop.test>\nDate : 05/05/2026 10:12",
    "-------- Исходное сообщение --------\nОт: Shop <support@shop.test>",
    "-------- Oryginalna wiadomość --------\nOd: Shop <support@shop.test>",
    "From: Shop <support@shop.test>\nSent: Tuesday, May 5, 2026 10:12 AM\nTo: Ana <ana@example.com>\nSubject: order",
    "________________________________\nFrom: Shop <support@shop.test>\nSent: 05 May 2026 10:12\nTo: Ana <ana@example.com>\nSubject: order",
    "Von: Shop <support@shop.test>\nGesendet: Dienstag, 5. Mai 2026 10:12\nAn: Ana <ana@example.com>\nBetreff: order",
    "De : Shop <support@shop.test>\nEnvoyé : mardi 5 mai 2026 10:12\nÀ : Ana <ana@example.com>\nObjet : order",
    "De: Shop <support@shop.test>\nEnviado el: martes, 5 de mayo de 2026 10:12\nPara: Ana <ana@example.com>\nAsunto: order",
    "Da: Shop <support@shop.test>\nInviato: martedì 5 maggio 2026 10:12\nA: Ana <ana@example.com>\nOggetto: order",
    "De: Shop <support@shop.test>\nEnviada em: terça-feira, 5 de maio de 2026 10:12\nPara: Ana <ana@example.com>\nAssunto: order",
    "Van: Shop <support@shop.test>\nVerzonden: dinsdag 5 mei 2026 10:12\nAan: Ana <ana@example.com>\nOnderwerp: order",
    "Från: Shop <support@shop.test>\nSkickat: den 5 maj 2026 10:12\nTill: Ana <ana@example.com>\nÄmne: order",
    "Fra: Shop <support@shop.test>\nSendt: 5. maj 2026 10:12\nTil: Ana <ana@example.com>\nEmne: order",
    "Lähettäjä: Shop <support@shop.test>\nLähetetty: tiistai 5. toukokuuta 2026 10.12\nVastaanottaja: Ana <ana@example.com>\nAihe: order",
    "Od: Shop <support@shop.test>\nWysłano: wtorek, 5 maja 2026 10:12\nDo: Ana <ana@example.com>\nTemat: order",
    "Od: Shop <support@shop.test>\nOdesláno: úterý 5. května 2026 10:12\nKomu: Ana <ana@example.com>\nPředmět: order",
    "Od: Shop <support@shop.test>\nOdoslané: utorok 5. mája 2026 10:12\nKomu: Ana <ana@example.com>\nPredmet: order",
    "Feladó: Shop <support@shop.test>\nElküldve: 2026. május 5., kedd 10:12\nCímzett: Ana <ana@example.com>\nTárgy: order",
    "De la: Shop <support@shop.test>\nTrimis: marți, 5 mai 2026 10:12\nCătre: Ana <ana@example.com>\nSubiect: order",
    "От: Shop <support@shop.test>\nОтправлено: вторник, 5 мая 2026 г. 10:12\nКому: Ana <ana@example.com>\nТема: order",
    "Від: Shop <support@shop.test>\nНадіслано: вівторок, 5 травня 2026 р. 10:12\nКому: Ana <ana@example.com>\nТема: order",
    "Kimden: Shop <support@shop.test>\nGönderildi: 5 Mayıs 2026 Salı 10:12\nKime: Ana <ana@example.com>\nKonu: order",
    "Από: Shop <support@shop.test>\nΣτάλθηκε: Τρίτη, 5 Μαΐου 2026 10:12\nΠρος: Ana <ana@example.com>\nΘέμα: order",
    "差出人: Shop <support@shop.test>\n送信日時: 2026年5月5日 10:12\n宛先: Ana <ana@example.com>\n件名: order",
    "发件人: Shop <support@shop.test>\n发送时间: 2026年5月5日 10:12\n收件人: Ana <ana@example.com>\n主题: order",
    "寄件者: Shop <support@shop.test>\n寄件日期: 2026年5月5日 10:12\n收件者: Ana <ana@example.com>\n主旨: order",
    "보낸 사람: Shop <support@shop.test>\n보낸 날짜: 2026년 5월 5일 화요일 10:12\n받는 사람: Ana <ana@example.com>\n제목: order",
    "מאת: Shop <support@shop.test>\nנשלח: יום שלישי 05 מאי 2026 10:12\nאל: Ana <ana@example.com>\nנושא: order",
    "من: Shop <support@shop.test>\nتاريخ الإرسال: 05/مايو/2026 10:12\nإلى: Ana <ana@example.com>\nالموضوع: order",
    "Từ: Shop <support@shop.test>\nĐã gửi: 05 Tháng Năm 2026 10:12\nĐến: Ana <ana@example.com>\nChủ đề: order",
    "Dari: Shop <support@shop.test>\nDikirim: 05 Mei 2026 10:12\nKepada: Ana <ana@example.com>\nSubjek: order",
    "От: Shop <support@shop.test>\nИзпратено: вторник, 5 май 2026 г. 10:12\nДо: Ana <ana@example.com>\nОтносно: order",
    "Šalje: Shop <support@shop.test>\nPoslano: 5. svibnja 2026. 10:12\nPrima: Ana <ana@example.com>\nPredmet: order",
    "Fra: Shop <support@shop.test>\nSendt: tirsdag 5. mai 2026 10:12\nTil: Ana <ana@example.com>\nEmne: order",
    "De: Shop <support@shop.test>\nEnviat: dimarts, 5 de maig 2026 10:12\nPer a: Ana <ana@example.com>\nTema: order",
];

#[test]
fn what_is_quoted_is_taken_off_whatever_program_and_language_quotes_it() {
    for attribution in ATTRIBUTIONS {
        check_text(&format!("My own words.\n\n{attribution}\n\n> Dear Ana,\n> old words\n"), "My own words.");
        check_text(&format!("My own words.\n\n{attribution}\n\nDear Ana,\nold words\n"), "My own words.");
    }
    // France's providers mark every line of it.
    check_text(
        "My own words.\n\n> Message du 05/05/26 10:12\n> De : s@shop.test\n> A : ana@example.com\n> Objet : x\n>\n> old",
        "My own words.",
    );
}

#[test]
fn what_telephones_add_is_taken_off() {
    for footer in [
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Enviado do meu iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Lähetetty iPhonesta",
        "Wysłane z iPhone'a",
        "Odesláno z iPhonu",
        "Odoslané z iPhonu",
        "Отправлено с iPhone",
        "Надіслано з iPhone",
        "iPhone'umdan gönderildi",
        "iPhoneから送信",
        "나의 iPhone에서 보냄",
        "发自我的iPhone",
        "從我的 iPhone 傳送",
        "Trimis de pe iPhone-ul meu",
        "Στάλθηκε από το iPhone μου",
        "Gesendet mit der GMX Mail App",
        "Sent from Yahoo Mail for iPhone",
        "Get Outlook for Android<https://aka.ms/x>",
        "Get Outlook for iOS",
        "Outlook für Android herunterladen",
        "Obtener Outlook para iOS",
        "Sent from Mail for Windows",
        "Gesendet von Mail für Windows",
        "Envoyé à partir de Outlook pour iOS",
        "Sent from my Galaxy",
        "Von meinem Samsung Galaxy Smartphone gesendet.",
        "Envoyé depuis mon appareil Galaxy",
        "Sent via Superhuman",
        "Enviado desde Outlook para Android",
        "Scarica Outlook per iOS",
        "Télécharger Outlook pour Android",
        "Download Outlook voor iOS",
        "Enviado a partir do Outlook para iOS",
        "Hent Outlook til iOS",
        "Hämta Outlook för iOS",
        "Отправлено из мобильной Почты Mail.ru",
        "Отправлено из мобильного приложения Яндекс Почты",
        "Sent from my mobile device",
        "Sent from ProtonMail mobile",
        "Envoyé avec la messagerie sécurisée Proton Mail.",
        "Gesendet von Outlook für iOS",
        "Diese Nachricht wurde von meinem Android-Mobiltelefon mit GMX Mail gesendet.",
        "Az iPhone-omról küldve",
        "Enviado de mi Samsung",
        "Dikirim dari iPhone saya",
        "Đã gửi từ iPhone của tôi",
        "נשלח מה-iPhone שלי",
        "أُرسلت من الـ iPhone",
    ] {
        check_text(&format!("My own words.\n\n{footer}\n"), "My own words.");
    }
    check_text("Which phone was this sent to?", "Which phone was this sent to?");
    check_text("I sent it from my iPhone", "I sent it from my iPhone");
}

#[test]
fn signatures_in_many_languages_are_claims_of_a_number() {
    for (signature, phone) in [
        ("Med vänliga hälsningar,\nAna Berg\n+46 70 123 45 67", "+46701234567"),
        ("Med venlig hilsen\nAna Berg\nTlf. +45 20 12 34 56", "+4520123456"),
        ("Mvh\nAna Berg\n+47 912 34 567", "+4791234567"),
        ("Ystävällisin terveisin\nAna Virtanen\n+358 40 1234567", "+358401234567"),
        ("Pozdrawiam\nAna Nowak\ntel. +48 600 123 456", "+48600123456"),
        ("S pozdravem\nAna Nová\n+420 601 123 456", "+420601123456"),
        ("Üdvözlettel,\nKovács Anna\n+36 30 123 4567", "+36301234567"),
        ("Cu stimă,\nAna Pop\n+40 721 123 456", "+40721123456"),
        ("С уважением,\nАнна\n+7 912 345-67-89", "+79123456789"),
        ("Saygılarımla,\nAna Kaya\n+90 532 123 45 67", "+905321234567"),
        ("Με εκτίμηση,\nΆννα\n+30 691 234 5678", "+306912345678"),
        ("З повагою,\nАнна\n+380 50 123 4567", "+380501234567"),
        ("Cumprimentos,\nAna Silva\n+351 912 345 678", "+351912345678"),
        ("Att.,\nAna Silva\n(11) 91234-5678", "(11) 91234-5678"),
        ("Un cordial saludo,\nAna\n+34 600 111 222", "+34600111222"),
        ("Un saluto,\nAna\n+39 333 1234567", "+393331234567"),
        ("Groeten,\nAna\n+31 6 12345678", "+31612345678"),
        ("Met vriendelijke groet,\n\nAna de Vries\nT 06 12345678", "06 12345678"),
        ("Best,\nAna\n+1 415 555 0100", "+14155550100"),
        ("Thanks!\nAna Ruiz\nHead of Sales | Acme\nM: (415) 555-0100\nwww.acme.test", "(415) 555-0100"),
        ("-- \nAna Ruiz\nAcme GmbH\nTel.: +49 30 1234567\nFax: +49 30 7654321", "+49301234567"),
        ("--\nAna\n+33 6 12 34 56 78", "+33612345678"),
        ("_____________\nAna Ruiz\nTel +34 600 111 222", "+34600111222"),
    ] {
        let headers = "Content-Type: text/plain; charset=utf-8";
        let body = format!("My own words.\n\n{signature}\n");
        let found = crate::mails::decoded(mail(headers, &body));
        assert_eq!((&found[0]["text"], &found[0]["signature_phones"][0]), (&json!("My own words."), &json!(phone)), "{signature}");
    }
}

#[test]
fn whoever_is_away_is_known_by_the_subject_in_every_language() {
    for subject in [
        "Automatiskt svar: order",
        "Autosvar: order",
        "Automatisk svar: order",
        "Automaattinen vastaus: order",
        "Automatyczna odpowiedź: order",
        "Automatická odpověď: order",
        "Automatická odpoveď: order",
        "Automatikus válasz: order",
        "Răspuns automat: order",
        "Автоматический ответ: order",
        "Автоответ: order",
        "Автоматична відповідь: order",
        "Otomatik yanıt: order",
        "Αυτόματη απάντηση: order",
        "自動応答: order",
        "自動返信: order",
        "自动答复: order",
        "自动回复: order",
        "自動回覆: order",
        "자동 회신: order",
        "رد تلقائي: order",
        "מענה אוטומטי: order",
        "Balasan otomatis: order",
        "Trả lời tự động: order",
        "Resposta automàtica: order",
        "ตอบกลับอัตโนมัติ: order",
        "Автоматичен отговор: order",
        "Automatski odgovor: order",
        "Samodejni odgovor: order",
        "Automaatvastus: order",
        "OOO: order",
        "Out of Office: order",
        "Away from the office",
        "Automatic reply: order",
        "Réponse automatique : order",
        "Automatische Antwort: order",
        "Respuesta automática: order",
        "Risposta automatica: order",
        "Resposta automática: order",
        "Automatisch antwoord: order",
        "Abwesenheitsnotiz: order",
        "Abwesenheitsassistent: order",
        "Auto Reply: order",
        "Auto-Response: order",
        "Absence: order",
        "Fravær: order",
        "Ik ben afwezig",
        "Afwezigheidsbericht: order",
        "Assente dall'ufficio: order",
        "Poza biurem: order",
        "Frånvaro: order",
        "Poissa toimistolta: order",
        "Autoreply Re: order",
        "Vacation reply: order",
    ] {
        let raw = mail(&format!("Subject: {subject}"), "I am away until Monday.");
        check(raw, &json!({"kind": "message", "auto": true, "text": "I am away until Monday."}));
    }
    for subject in ["Re: Automatic reply: Order", "Absence of a screw", "Auto: which one?", "Office chairs, out of stock?"] {
        check(mail(&format!("Subject: {subject}"), "Hello"), &json!({"kind": "message", "auto": false}));
    }
}

#[test]
fn what_is_passed_on_is_told_from_what_is_said_of_it() {
    for (subject, forwarded) in [
        (
            "Fwd: Broken",
            "---------- Forwarded message ---------\nFrom: Bob <bob@x.test>\nDate: Tue, May 5, 2026 at 10:12 AM\nSubject: Broken\nTo: Ana <ana@example.com>\n\nThe chair is broken.",
        ),
        (
            "Fwd: Broken",
            "---------- Forwarded message ---------\nDe : Bob <bob@x.test>\nDate: mar. 5 mai 2026 à 10:12\nSubject: Broken\nTo: Ana <ana@example.com>\n\nThe chair is broken.",
        ),
        (
            "WG: Broken",
            "---------- Forwarded message ---------\nVon: Bob <bob@x.test>\nDate: Di., 5. Mai 2026 um 10:12 Uhr\nSubject: Broken\nTo: Ana <ana@example.com>\n\nThe chair is broken.",
        ),
        (
            "Fwd: Broken",
            "Begin forwarded message:\n\n> From: Bob <bob@x.test>\n> Subject: Broken\n> Date: 5 May 2026 at 10:12:00 CEST\n> To: Ana <ana@example.com>\n> \n> The chair is broken.",
        ),
        (
            "Fwd: Broken",
            "Begin doorgestuurd bericht:\n\n> Van: Bob <bob@x.test>\n> Onderwerp: Broken\n> Datum: 5 mei 2026\n> Aan: Ana\n>\n> The chair is broken.",
        ),
        (
            "Fwd: Broken",
            "Vidarebefordrat brev:\n\n> Från: Bob <bob@x.test>\n> Ämne: Broken\n> Datum: 5 maj 2026\n> Till: Ana\n>\n> The chair is broken.",
        ),
        (
            "Fwd: Broken",
            "転送されたメッセージ:\n\n> 差出人: Bob <bob@x.test>\n> 件名: Broken\n> 日付: 2026年5月5日\n> 宛先: Ana\n>\n> The chair is broken.",
        ),
        (
            "Fwd: Broken",
            "Początek przekazywanej wiadomości:\n\n> Od: Bob <bob@x.test>\n> Temat: Broken\n> Data: 5 maja 2026\n> Do: Ana\n>\n> The chair is broken.",
        ),
        (
            "Fwd: Broken",
            "Начало переадресованного сообщения:\n\n> От: Bob <bob@x.test>\n> Тема: Broken\n> Дата: 5 мая 2026\n> Кому: Ana\n>\n> The chair is broken.",
        ),
        (
            "Fwd: Broken",
            "-------- Forwarded Message --------\nSubject: \tBroken\nDate: \tTue, 5 May 2026 10:12:00 +0200\nFrom: \tBob <bob@x.test>\nTo: \tAna <ana@example.com>\n\nThe chair is broken.",
        ),
        (
            "WG: Broken",
            "-------- Weitergeleitete Nachricht --------\nBetreff: \tBroken\nDatum: \tTue, 5 May 2026 10:12:00 +0200\nVon: \tBob <bob@x.test>\nAn: \tAna <ana@example.com>\n\nThe chair is broken.",
        ),
        (
            "Fwd: Broken",
            "-------- Message transféré --------\nSujet : \tBroken\nDate : \tTue, 5 May 2026 10:12:00 +0200\nDe : \tBob <bob@x.test>\nPour : \tAna <ana@example.com>\n\nThe chair is broken.",
        ),
        (
            "Fwd: Broken",
            "-------- Mensaje reenviado --------\nAsunto: \tBroken\nFecha: \tTue, 5 May 2026 10:12:00 +0200\nDe: \tBob <bob@x.test>\nPara: \tAna <ana@example.com>\n\nThe chair is broken.",
        ),
        (
            "Fwd: Broken",
            "-------- Перенаправленное сообщение --------\nТема: \tBroken\nДата: \tTue, 5 May 2026\nОт: \tBob <bob@x.test>\nКому: \tAna\n\nThe chair is broken.",
        ),
        ("Fwd: Broken", "-------- Пересылаемое сообщение --------\n05.05.2026, 10:12, \"Bob\" <bob@x.test>:\n\nThe chair is broken."),
        (
            "Fwd: Broken",
            "From: Bob <bob@x.test>\nSent: Tuesday, May 5, 2026 10:12 AM\nTo: Ana <ana@example.com>\nSubject: Broken\n\nThe chair is broken.",
        ),
    ] {
        let headers = format!("Subject: {subject}\nContent-Type: text/plain; charset=utf-8");
        let said = mail(&headers, &format!("Please see below.\n\n{forwarded}\n"));
        check(said, &json!({"kind": "message", "forwarded": true, "text": "Please see below."}));
        check(mail(&headers, forwarded), &json!({"kind": "message", "forwarded": true, "text": "The chair is broken."}));
    }
}

#[test]
fn letters_of_programs_that_name_no_charset_are_read() {
    for headers in [
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable",
    ] {
        check(mail(headers, "It=92s caf=E9"), &json!({"kind": "message", "text": "It\u{2019}s caf\u{e9}"}));
    }
    // One broken letter among others that are read stays one broken letter.
    check(
        mail("Content-Transfer-Encoding: quoted-printable", "caf=C3=A9 =E2=82"),
        &json!({"kind": "message", "text": "caf\u{e9} \u{fffd}"}),
    );
    let raw = mail("", "hi").replace("Mon, 05 Jan 2026 09:00:00 +0100", "Mon, 5 Jan 26 09:00:00 +0100");
    check(raw, &json!({"kind": "message", "text": "hi", "timestamp": "2026-01-05T08:00:00Z"}));
}
