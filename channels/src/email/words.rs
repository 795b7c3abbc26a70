//! The words by which mail programs mark what is not new, in the languages that people write to a business in.
//!
//! Lists that are looked through, not one pattern of many alternatives: a mail has few lines that could be one of
//! these, and an automaton of all of them would stay in memory.

use std::sync::LazyLock;

use regex::Regex;

/// What a line of a copied header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    From,
    Dated,
    Addressed,
    Titled,
}

const FROM: &str = "from|de|von|da|van|från|fra|od|expéditeur|absender|remitente|mittente|remetente|afzender|avsändare|avsender|lähettäjä|\
     nadawca|odesílatel|odosielateľ|feladó|de la|expeditor|от|от кого|отправитель|від|kimden|gönderen|από|发件人|寄件者|寄件人|差出人|\
     보낸 사람|من|מאת|từ|dari|šalje|pošiljatelj|подател|ส่งโดย";
const DATED: &str = "sent|date|envoyé|envoyé le|gesendet|datum|enviado|enviado el|enviado em|enviada|enviada em|fecha|inviato|data|verzonden|\
     skickat|sendt|dato|lähetetty|päivämäärä|päiväys|wysłano|odesláno|odoslané|dátum|elküldve|küldve|trimis|отправлено|дата|\
     надіслано|gönderildi|tarih|στάλθηκε|ημερομηνία|发送时间|发件时间|寄件日期|傳送日期|日期|送信日時|日付|보낸 날짜|날짜|تاريخ الإرسال|נשלח|đã gửi|\
     dikirim|изпратено|poslano|enviat|التاريخ|ngày|tanggal|תאריך|gửi";
const ADDRESSED: &str = "to|à|a|an|para|aan|till|til|do|pour|per a|destinataire|destinatario|destinatário|cc|copie|copia|cópia|kopie|kopia|kopi|\
     vastaanottaja|komu|címzett|către|catre|кому|копия|до|копія|kime|alıcı|προς|κοινοποίηση|收件人|收件者|抄送|副本|宛先|받는 사람|إلى|אל|\
     đến|kepada|prima|za|kopio";
const TITLED: &str = "subject|objet|sujet|betreff|asunto|oggetto|assunto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|tárgy|subiect|тема|\
     относно|konu|θέμα|主题|主題|主旨|件名|제목|الموضوع|נושא|chủ đề|tiêu đề|subjek|perihal|tema|assumpte|zadeva";

/// What a line names, such as `From:` or `**Betreff :**`.
pub(super) fn label(line: &str) -> Option<Label> {
    let line =
        line.trim_start_matches(|letter: char| matches!(letter, '*' | '|' | '>' | '_') || letter.is_whitespace() || is_direction(letter));
    let (name, _) = line.split_once([':', '：', '|'])?;
    // The longest label has three words.
    if name.len() > 60 {
        return None;
    }
    let name =
        name.trim_matches(|letter: char| matches!(letter, '*' | '_') || letter.is_whitespace() || is_direction(letter)).to_lowercase();
    let is_one_of = |list| listed(list).any(|known| known == name);
    if is_one_of(FROM) {
        Some(Label::From)
    } else if is_one_of(TITLED) {
        Some(Label::Titled)
    } else if is_one_of(DATED) {
        Some(Label::Dated)
    } else if is_one_of(ADDRESSED) {
        Some(Label::Addressed)
    } else {
        None
    }
}

/// The entries of a list.
fn listed(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split('|')
}

/// Marks of the direction of writing, which right-to-left mail puts around everything.
pub(super) fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{200b}')
}

/// Between lines of dashes: the mail that is answered.
const ORIGINAL: &str = "original message|original appointment|original email|original e-mail|reply message|ursprüngliche nachricht|\
     ursprüngliche mail|ursprüngliche e-mail|originalnachricht|original-nachricht|message d'origine|message d’origine|\
     message initial|message original|mail original|courriel original|mensaje original|messaggio originale|mensagem original|\
     oorspronkelijk bericht|ursprungligt meddelande|oprindelig meddelelse|oprindelig besked|opprinnelig melding|\
     alkuperäinen viesti|oryginalna wiadomość|wiadomość oryginalna|původní zpráva|pôvodná správa|eredeti üzenet|\
     исходное сообщение|原始邮件|回复的原邮件|оригинальное сообщение|оригінальне повідомлення|orijinal mesaj|özgün ileti|αρχικό μήνυμα|\
     mesaj original|mesajul original|原始郵件|元のメッセージ|원본 메일|원본 메시지|הודעה מקורית";
/// Between lines of dashes: a mail that is passed on.
const FORWARDED: &str = "forwarded message|forwarded mail|forwarded email|weitergeleitete nachricht|weitergeleitete mail|message transféré|\
     message réexpédié|message transmis|mensaje reenviado|messaggio inoltrato|mensagem encaminhada|mensagem reencaminhada|\
     doorgestuurd bericht|vidarebefordrat meddelande|videresendt meddelelse|videresendt melding|välitetty viesti|\
     edelleenlähetetty viesti|przekazana wiadomość|wiadomość przekazana dalej|přeposlaná zpráva|preposlaná správa|\
     továbbított üzenet|mesaj redirecționat|пересылаемое сообщение|перенаправленное сообщение|переслане повідомлення|\
     iletilen mesaj|προωθημένο μήνυμα|转发的邮件|转发邮件信息|轉寄郵件|転送メッセージ|전달된 메시지|הודעה שהועברה|رسالة معاد توجيهها|missatge reenviat";
/// Apple's way of passing a mail on: a line that ends in a colon.
const BEGINS_FORWARDED: &str = "begin forwarded message|début du message transféré|début du message réexpédié|anfang der weitergeleiteten nachricht|\
     anfang der weitergeleiteten e-mail|inicio del mensaje reenviado|inizio messaggio inoltrato|\
     início da mensagem reencaminhada|início da mensagem encaminhada|begin doorgestuurd bericht|vidarebefordrat brev|\
     start på videresendt besked|videresendt melding|välitetty viesti alkaa|alkaa välitetty viesti|\
     początek przekazywanej wiadomości|začátek přeposílané zprávy|začiatok preposielanej správy|továbbított levél kezdete|\
     начало переадресованного сообщения|转发邮件开始|開始轉寄郵件|転送されたメッセージ|전달된 메시지 시작|начало пересылаемого сообщения|\
     початок листа, що пересилається|iletilen ileti başlangıcı|αρχή προωθημένου μηνύματος|下面是被转发的邮件";

fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '_' | '=' | '‐' | '‑' | '‒' | '–' | '—' | '―')
}

/// The words between two rows of dashes, in lower case.
pub(super) fn between_dashes(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches('*').trim_end_matches('*');
    let bare = line.trim_matches(|letter: char| is_dash(letter) || letter.is_whitespace());
    let has_two = |mut letters: std::str::Chars<'_>| letters.by_ref().take(2).filter(|letter| is_dash(*letter)).count() == 2;
    let ends: String = line.chars().rev().take(2).collect();
    (!bare.is_empty() && has_two(line.chars()) && has_two(ends.chars())).then(|| bare.to_lowercase())
}

/// Is this the line above the mail that is answered?
pub(super) fn names_original(line: &str) -> bool {
    between_dashes(line).is_some_and(|words| listed(ORIGINAL).any(|known| words.starts_with(known)))
}

/// Is this the line above a mail that is passed on?
pub(super) fn names_forward(line: &str) -> bool {
    let passes = |words: &str| listed(FORWARDED).any(|known| words.starts_with(known));
    if between_dashes(line).is_some_and(|words| passes(&words)) {
        return true;
    }
    let line = line.trim_end_matches(|letter: char| !letter.is_alphanumeric() && !matches!(letter, ':' | '：'));
    let Some(words) = line.strip_suffix([':', '：']).filter(|words| words.len() < 90) else { return false };
    let words = words.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    listed(BEGINS_FORWARDED).any(|known| words == known)
}

/// "Wrote", as programs say it.
const WROTE: &str = "wrote|writes|said|a écrit|a ecrit|a répondu|schrieb|geschrieben|schreibt|escribió|escribio|escribe|ha scritto|escreveu|\
     schreef|geschreven|skrev|kirjoitti|napisał|pisze|napsal|napísal|ezt írta|írta|a scris|пишет|написал|пише|написа|yazdı|\
     έγραψε|napisao|napisal|va escriure|写道|寫道|のメール|님이 작성|đã viết|เขียนว่า|menulis|kirjutas|rašė";
static TIME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b\d{1,2}[:.h]\d{2}\b").expect("a constant pattern"));
static DAY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d年").expect("a constant pattern"));

/// Does a line that ends in a colon say who wrote when? Two of three are enough: an address in brackets, a day with a
/// time, a word for writing.
pub(super) fn is_attribution(line: &str) -> bool {
    let line: String = line.chars().filter(|letter| !is_direction(*letter)).map(|letter| letter.to_digit_ascii()).collect();
    let lower = line.to_lowercase();
    let has_address = line
        .split(['<', '('])
        .skip(1)
        .any(|rest| rest.split(['>', ')']).next().is_some_and(|inside| inside.contains('@') && !inside.contains(char::is_whitespace)));
    let is_dated = TIME.is_match(&line) && DAY.is_match(&line);
    let wrote = listed(WROTE).any(|word| lower.contains(word));
    is_dated && (has_address || wrote) || has_address && wrote
}

trait Digit {
    fn to_digit_ascii(self) -> Self;
}

impl Digit for char {
    /// Arabic and Persian digits as the ones we look for.
    fn to_digit_ascii(self) -> Self {
        let zero = match self {
            '٠'..='٩' => '٠',
            '۰'..='۹' => '۰',
            '०'..='९' => '०',
            other => return other,
        };
        char::from(b'0' + (self as u32 - zero as u32) as u8)
    }
}

/// Said of a program or a telephone when it adds a line of its own.
const SENT: &str = "sent |get outlook|gesendet |holen sie sich|laden sie |envoyé |télécharge|obtenez |enviado |enviada |obtener |obtén |\
     descarga|inviato |scarica |obter |verzonden |verstuurd |download |skickat |hämta |sendt |hent |lähetetty |hanki |wysłan|\
     pobierz |odesl|získe|odosl|küldve|trimis |descărca|отправлен|скачать |надісл|gönderildi|στάλθηκε|送信|보냄|发自|發自|從我的|\
     dikirim |đã gửi|נשלח|أُرسل|تم الإرسال|enviat ";
/// What such a line ends with where the word for sending comes last.
const SENT_AT_THE_END: &str = "gesendet|verzonden|gönderildi|küldve|送信|보냄|傳送|herunterladen|发送";
const PROGRAMS: &str = "iphon|ipad|ipod|apple watch|android|samsung|galaxy|huawei|xiaomi|pixel|oneplus|nokia|motorola|blackberry|outlook|gmail|\
     mail|yahoo|proton|gmx|web.de|windows|thunderbird|smartphone|handy|mobil|telefon|phone|tablet|яндекс|почт|ios";

/// Does a telephone or a program say here that it sent the mail?
pub(super) fn is_footer(line: &str) -> bool {
    let line = line.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '<' && letter != '>');
    let words = line.split(['<', '(', '[']).next().unwrap_or(line).trim().to_lowercase();
    let words = words.trim_end_matches(['.', '!']);
    let is_via = ["sent from ", "sent with ", "sent via "].iter().any(|start| words.starts_with(start));
    if is_via && words.split_whitespace().count() <= 7 {
        return true;
    }
    if words.chars().count() > 90 || !listed(PROGRAMS).any(|program| words.contains(program)) {
        return false;
    }
    listed(SENT).any(|start| words.starts_with(start)) || listed(SENT_AT_THE_END).any(|end| words.ends_with(end))
}

const CLOSINGS: &str = "best|kind|warm|many thanks|thanks|thank you|kindest|yours|regards|sincerely|cheers|cordialement|bien cordialement|\
     bien à vous|sincères salutations|salutations|merci|mit freundlichen grüßen|mit freundlichem gruß|\
     mit freundlichen gruessen|mit besten grüßen|freundliche grüße|viele grüße|beste grüße|liebe grüße|herzliche grüße|gruß|\
     mfg|vg|lg|saludos|un saludo|un cordial saludo|atentamente|atte|cordialmente|gracias|cordiali saluti|distinti saluti|\
     un saluto|saluti|atenciosamente|cumprimentos|com os melhores cumprimentos|abraço|att|obrigado|obrigada|\
     met vriendelijke groet|vriendelijke groet|hartelijke groet|groet|groeten|groetjes|mvg|med vänliga hälsningar|\
     vänliga hälsningar|hälsningar|vänligen|med venlig hilsen|venlig hilsen|de bedste hilsner|mvh|med vennlig hilsen|\
     vennlig hilsen|hilsen|hilsner|ystävällisin terveisin|terveisin|yt|pozdrawiam|z poważaniem|pozdrowienia|s pozdravem|\
     s pozdravom|s úctou|üdvözlettel|tisztelettel|üdv|cu stimă|cu respect|с уважением|с наилучшими пожеланиями|з повагою|\
     с уважение|saygılarımla|saygılar|iyi çalışmalar|με εκτίμηση|φιλικά|s poštovanjem|lep pozdrav|salutacions|よろしくお願い|此致|敬礼|\
     감사합니다|בברכה|مع خالص التحية|مع التحية|مع أطيب التحيات|trân trọng|hormat kami|salam";

/// Does a line close a mail politely?
pub(super) fn is_closing(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    listed(CLOSINGS).filter_map(|words| line.strip_prefix(words)).any(|rest| {
        let rest = rest.trim_end_matches([',', '.', '!', '，', '。']);
        let is_whole = !rest.starts_with(char::is_alphanumeric) || !rest.is_ascii();
        is_whole && rest.chars().count() <= 40 && !rest.contains(['.', '?', '!', ':'])
    })
}

/// Subjects of answers that a program gives while somebody is away.
const AWAY: &str = "automatic reply|auto reply|auto-reply|autoreply|automatic response|auto response|auto-response|automated reply|\
     automated response|out of office|out of the office|away from the office|away from my|vacation reply|vacation notice|\
     réponse automatique|absence du bureau|message d'absence|message d’absence|absent du bureau|automatische antwort|\
     abwesenheitsnotiz|abwesenheitsassistent|abwesenheitsnachricht|abwesenheit:|abwesend|respuesta automática|\
     respuesta automatica|fuera de oficina|fuera de la oficina|risposta automatica|fuori sede|fuori ufficio|\
     assente dall'ufficio|assente dall’ufficio|resposta automática|ausência temporária|automatisch antwoord|\
     automatische reactie|afwezigheidsbericht|afwezig|ik ben afwezig|autosvar|automatiskt svar|automatisk svar|frånvaro|\
     fravær|automaattinen vastaus|poissa|automatyczna odpowiedź|poza biurem|automatická odpověď|automatická odpoveď|\
     automatikus válasz|răspuns automat|автоматический ответ|автоответ|автоматична відповідь|автоматичен отговор|\
     otomatik yanıt|otomatik cevap|αυτόματη απάντηση|自動応答|自動返信|自动答复|自动回复|自動回覆|자동 회신|자동 응답|رد تلقائي|מענה אוטומטי|\
     תשובה אוטומטית|balasan otomatis|trả lời tự động|resposta automàtica|ตอบกลับอัตโนมัติ|automatski odgovor|\
     samodejni odgovor|automaatvastus|automatinis atsakymas|automātiska atbilde|ooo:|absence:|absent:|不在通知";

/// Does a subject say that a program answers because somebody is away?
pub(super) fn is_away(subject: &str) -> bool {
    let subject: String = subject.trim_start().chars().filter(|letter| !is_direction(*letter)).take(80).collect();
    let subject = subject.trim_start_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase().replace(" :", ":");
    let ends_there = |rest: &str| !rest.starts_with(char::is_alphabetic) || !rest.is_ascii();
    listed(AWAY).any(|words| subject.strip_prefix(words).is_some_and(ends_there))
}

const PASSED_ON: &str = "fwd:|fw:|tr:|wg:|rv:|i:|enc:|doorst:|vs:|vb:|vl:|pd:|ilt:|i̇lt:|πρθ:|tov:|转发:|轉寄:|转发：|轉寄：|fwd：|fs:";

/// Does a subject say that a mail is passed on?
pub(super) fn is_forward(subject: &str) -> bool {
    let subject = subject.trim_start().to_lowercase().replace(" :", ":");
    listed(PASSED_ON).any(|prefix| subject.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_copied_header_is_known_by_its_first_word() {
        let check = |line: &str, expected: Option<Label>| assert_eq!(label(line), expected, "{line}");
        check("From: Shop", Some(Label::From));
        check("**Betreff :** x", Some(Label::Titled));
        check("\u{202b}נשלח: יום", Some(Label::Dated));
        check("| 发件人 | Shop |", Some(Label::From));
        check("To whom it may concern", None);
        check("Delivery: Lyon", None);
    }

    #[test]
    fn who_wrote_when_is_told_from_what_people_write() {
        for line in [
            "5.5.2026 klo 10.12 Shop (s@shop.test) kirjoitti:",
            "بواسطة Shop <s@shop.test> ٥ مايو ٢٠٢٦ ١٠:١٢:",
            "Pe 05.05.2026 10:12, Shop a scris:",
        ] {
            assert!(is_attribution(line), "{line}");
        }
        for line in ["On Monday you wrote:", "My address (ana@example.com) has changed:", "We met on 5 May 2026 at 10:12:"] {
            assert!(!is_attribution(line), "{line}");
        }
    }

    #[test]
    fn a_person_who_speaks_of_a_telephone_is_no_footer() {
        assert!(is_footer("Sendt fra min iPhone"));
        assert!(is_footer("iPhone'umdan gönderildi"));
        assert!(!is_footer("I sent it from my iPhone"));
        assert!(!is_footer("The phone was sent back"));
        assert!(!is_footer("Download the manual, please"));
    }

    #[test]
    fn somebody_who_is_away_is_told_from_somebody_who_writes_of_it() {
        assert!(is_away("Automatisk svar: order"));
        assert!(is_away("OOO: order"));
        assert!(!is_away("Absence of a screw"));
        assert!(!is_away("Automatic replying to me"));
        assert!(!is_away("Re: order"));
    }
}
