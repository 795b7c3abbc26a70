//! What a question asks for: its words with their weight, the kind of answer it wants, what it compares.

use std::sync::LazyLock;

use domain::knowledge::Question;
use regex::Regex;

use super::bounds::Bound;
use super::figures::says;
use domain::lexicon::{Concept, Term, concept, guess_language, terms};

/// The kind of figure or fact that an answer must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// An amount of money, or that it is free.
    Money,
    /// A length of time.
    Duration,
    /// A time, day or date.
    Moment,
    /// A number.
    Count,
    /// An email address.
    Email,
    /// A telephone number.
    Phone,
    /// A postal address.
    Address,
    /// A way to go.
    Distance,
}

/// The end of a scale that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extreme {
    /// cheapest, lightest
    Least,
    /// dearest, heaviest
    Most,
}

/// A word of the question that an answer should cover.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The word.
    pub term: Term,
    /// How much it counts.
    pub weight: f32,
    /// Taken over from an earlier sentence.
    pub inherited: bool,
    /// Nobody's vocabulary: neither the sources nor the dictionary know it.
    pub unknown: bool,
    /// Part of a name of the catalogue.
    pub named: bool,
}

/// A question as read.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing heard in the question, independent of the others")]
pub struct Reading {
    /// Without greeting and signature.
    pub text: String,
    /// Language it is put in.
    pub language: String,
    /// The words to cover.
    pub wanted: Vec<Wanted>,
    /// What kinds of fact it wants.
    pub asks: Vec<Ask>,
    /// cheapest, heaviest, and along which idea.
    pub extreme: Option<(Extreme, Concept)>,
    /// "less than 300 EUR".
    pub bound: Option<Bound>,
    /// Two things are put side by side.
    pub compares: bool,
    /// Asks for a difference.
    pub difference: bool,
    /// Asks for a sum.
    pub sum: bool,
    /// Wants to know which one, or who.
    pub which: bool,
    /// Wants a person.
    pub who: bool,
    /// Can be answered by yes or no.
    pub yes_no: bool,
    /// What stands after "how many".
    pub counted: Vec<Term>,
    /// How old somebody is said to be.
    pub age: Option<u32>,
    /// Asks for the year or the day from which something is so.
    pub since: bool,
}

/// Reads a question without knowing any source.
pub fn read(question: &Question) -> Reading {
    let text = strip(&question.text);
    let language = if question.language.is_empty() { guess_language(&text).unwrap_or("en").to_owned() } else { question.language.clone() };
    let lower = text.to_lowercase().replace('’', "'");
    let asks = asks(&lower, &terms(&text, &language));
    let extreme = extreme(&lower);
    let bound = Bound::read(&text);
    let is_bound = |term: &Term| bound.as_ref().is_some_and(|bound| bound.place.contains(&term.token.start));
    let mut wanted: Vec<Wanted> = terms(&text, &language)
        .into_iter()
        .filter(|term| term.weight > 0.0 && !is_asking(term, &asks, extreme) && !is_bound(term))
        .map(|term| Wanted { weight: term.weight, term, inherited: false, unknown: false, named: false })
        .collect();
    let counted = counted(&text, &language);
    wanted.retain(|wanted| !counted.contains(&wanted.term.token.start));
    let told = told(&text, &lower);
    for wanted in &mut wanted {
        if told.iter().any(|(from, to)| (*from..*to).contains(&wanted.term.token.start)) {
            wanted.weight *= 0.5;
        }
        // Times of day are told in figures, not in these words.
        if ["morning", "evening", "afternoon"].iter().filter_map(|label| concept(label)).any(|idea| wanted.term.concepts.contains(&idea)) {
            wanted.weight *= 0.35;
        }
        // "Wie hoch ist die Kaution?": how much it is, nothing is high.
        if matches!(wanted.term.token.folded.as_str(), "hoch" | "high" | "elevee" | "eleve")
            && says(&lower, r"\b(?:wie hoch|how high|à combien s'élève)\b")
        {
            wanted.weight *= 0.2;
        }
        // The customer's own figures need not stand in the source.
        if wanted.term.token.is_number() {
            wanted.weight *= 0.25;
        }
    }
    if says(
        &lower,
        r"\b\d{1,2}[- ]?(?:years?[- ]old|yo\b|y/o|ans\b|jahre alt|años)|\b(?:is|am|are|turns|i'm|he's|she's) (?:only |just )?\d{1,2}(?:\s*[,;?]|\.(?:\s|$)|$| years?\b| and\b)",
    ) && let Some(age) = terms("age", "en").into_iter().next()
    {
        wanted.push(Wanted { weight: 0.6, term: age, inherited: true, unknown: false, named: false });
    }
    Reading {
        compares: extreme.is_none()
            && says(
                &lower,
                r"\b(?:compar\w+|versus|vs\.?|difference|better|cheaper|dearer|quieter|bigger|larger|smaller|lighter|heavier|faster|longer|or|both|plus (?:cher|léger|grand|petit|rapide)|moins cher que|différence|comparer|unterschied|oder|diferencia)\b",
            ),
        difference: says(
            &lower,
            r"\b(?:difference|différence|difference de prix|how much (?:more|cheaper|dearer)|combien de plus|unterschied|diferencia|preisunterschied)\b",
        ),
        sum: says(
            &lower,
            r"\b(?:together|altogether|in total|total|come to|combined|plus|en tout|au total|ensemble|zusammen|insgesamt|en total|juntos)\b",
        ),
        which: says(
            &lower,
            r"\b(?:which|who|whom|what (?:plans?|models?|products?|kinds?|types?|colou?rs?|courses?|rooms?|bikes?)|quel(?:le)?s?|qui|lequel|laquelle|lesquels|welche[rsnm]?|wer|quién|quiénes|cuál(?:es)?|qué)\b",
        ),
        who: says(&lower, r"\b(?:who|whom|qui|wer|wem|quién|quiénes|quem)\b") && !says(&lower, r"\b(?:est-ce|qu'est-ce) qui\b"),
        yes_no: says(
            &lower,
            r"(?:^|[.!?,;:]\s*|\b(?:and|so|but|et|und|y|hi|hello|hey|please)\s+)(?:is|are|am|was|do|does|did|can|could|may|must|should|will|would|have|has|est-ce|peut-on|puis-je|pouvez|peux|avez|êtes|etes|acceptez|faites|proposez|livrez|y a-t-il|kann|können|darf|gibt|haben|ist|sind|bieten|muss|puedo|puede|pueden|tienen|hay|es posible|aceptan)\b",
        ) || says(&lower, r"-(?:ils|elles|il|elle|on|vous|je|tu)\b|\best[- ]ce qu|\bsi (?:vous|on|je)\b"),
        counted: counted_things(&text, &language),
        age: age(&lower),
        since: says(
            &lower,
            r"\bsince when\b|\bhow long (?:have|has) .{1,40}\b(?:exist\w*|been|around|business|open)\b|\bdepuis (?:quand|combien de temps)\b|\bseit (?:wann|wie lange)\b|\bdesde cuándo\b|\bwhen (?:was|were) .{1,40}\b(?:founded|established|opened|created|started)\b",
        ),
        text,
        language,
        wanted,
        asks,
        extreme,
        bound,
    }
}

/// "I am 82", "my son (9 years old)", "a 15-year-old".
fn age(lower: &str) -> Option<u32> {
    static AGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"\b(?:i'm|i am|im|he is|he's|she is|she's|who is|son is|daughter is|mother is|father is|turns|aged?|is) (?:only |just )?(\d{1,2})(?:\s*[,;?]|\.(?:\s|$)|\s+and\b|\s+years?\b|$)|\b(\d{1,2})[- ]?(?:years?[- ]old|yo\b|y/o|ans\b|jahre alt|jährig\w*|años)",
        )
        .expect("a fixed expression")
    });
    let found = AGE.captures(lower)?;
    found.get(1).or_else(|| found.get(2))?.as_str().parse().ok().filter(|age| (1..=99).contains(age))
}

/// The word after "how many", where it says what is counted.
fn counted_things(text: &str, language: &str) -> Vec<Term> {
    static HOW_MANY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:how many|(?:max(?:imum)?|minimum|least) (?:number|amount) of|combien d['e’]|combien de|wie ?viele|cuánt[oa]s|quant[oa]s)\s*((?:\S+\s*){1,2})")
            .expect("a fixed expression")
    });
    let Some(found) = HOW_MANY.captures(text).and_then(|found| found.get(1)) else { return Vec::new() };
    terms(found.as_str(), language).into_iter().filter(|term| term.weight > 0.0 && !term.concepts.is_empty()).collect()
}

/// Where a figure's own unit stands: "260 pounds", "30 kilos". It goes with the figure, the source may write another.
fn counted(text: &str, language: &str) -> Vec<usize> {
    terms(text, language)
        .windows(2)
        .filter(|pair| pair[0].token.is_number())
        .filter(|pair| {
            matches!(
                pair[1].token.folded.as_str(),
                "pound"
                    | "pounds"
                    | "quid"
                    | "euro"
                    | "euros"
                    | "eur"
                    | "dollar"
                    | "dollars"
                    | "francs"
                    | "kilo"
                    | "kilos"
                    | "kg"
                    | "cm"
                    | "km"
                    | "kilometre"
                    | "kilometres"
                    | "kilometer"
                    | "kilometers"
                    | "m"
            )
        })
        .map(|pair| pair[1].token.start)
        .collect()
}

/// Where the customer tells of himself before he asks: "My office has parquet.", "I had a tooth out this morning,".
fn told(text: &str, lower: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    // Lower case may change lengths in a few alphabets; then nothing is discounted.
    if lower.len() != text.len() {
        return found;
    }
    let mut begin = 0;
    for (at, c) in lower.char_indices() {
        let ends = matches!(c, '.' | '!' | '?' | '\n') || c == ',' && lower[at + 1..].starts_with(' ');
        if !ends {
            continue;
        }
        let clause = lower[begin..at].trim_start_matches(|c: char| !c.is_alphanumeric());
        let tells = says(
            clause,
            r"^(?:(?:hi|hello|um|uh|yeah|so|well|but|and|bonjour|alors|euh|hallo|hola) )*(?:i|i'm|im|i've|ive|my|we|we're|our|you|it's|j'ai|je|mon|ma|mes|nous|notre|on|ich|mein\w*|wir|unser\w*|tengo|mi|soy|somos|he)\b",
        ) && !says(
            clause,
            r"\b(?:can|could|how|what|when|where|which|who|do you|does|combien|quel\w*|peut|puis|est-ce|kann|wie|was|wann|cuánto|puedo)\b",
        );
        let more = lower[at + c.len_utf8()..].split_whitespace().count() >= 3;
        if tells && more && c != '?' {
            found.push((begin, at));
        }
        begin = at + c.len_utf8();
    }
    found
}

/// Greeting and signature off.
fn strip(text: &str) -> String {
    static CLOSING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?is)[\s.,!?]*\b(?:kind regards|best regards|warm regards|many thanks|best wishes|regards|sincerely|cheers|thanks in advance|thank you in advance|bien cordialement|cordialement|merci d'avance|mit freundlichen grüßen|viele grüße|beste grüße|vielen dank|un saludo|saludos|gracias de antemano)\b.{0,40}$")
            .expect("a fixed expression")
    });
    static OPENING: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^\s*(?:dear (?:\w+ ){0,2}\w+|hello|hi(?: there)?|hey|good (?:morning|afternoon|evening|day)|bonjour|bonsoir|salut|guten (?:tag|morgen|abend)|hallo|hola|buen(?:os|as) (?:días|tardes|noches))\s*[,.!:–-]+\s*").expect("a fixed expression")
    });
    let shorter = CLOSING.replace(
        text,
        |found: &regex::Captures<'_>| {
            if found[0].trim_start().starts_with('?') { "?".to_owned() } else { String::new() }
        },
    );
    let shorter = OPENING.replace(&shorter, "");
    if shorter.trim().is_empty() { text.to_owned() } else { shorter.trim().to_owned() }
}

fn asks(lower: &str, words: &[Term]) -> Vec<Ask> {
    let mut asks = Vec::new();
    let has = |label: &str| concept(label).is_some_and(|idea| words.iter().any(|term| term.concepts.contains(&idea)));
    let much_of = says(
        lower,
        r"\bhow much (?:weight|space|room|time|data|storage|notice|luggage|margin|memory|ram|water|load|sugar|alcohol|commission|profit|co2)\b",
    );
    let much_of = much_of
        || says(
            lower,
            r"\bhow much (?:can|could|does|do|will|may) .{0,40}\b(?:carry|hold|weigh|lift|bear|fit|store|contain|load)\b|\bcombien (?:pèse|peut porter|supporte)|\bwie viel (?:wiegt|trägt)|\bcuánto (?:pesa|aguanta)",
        );
    let duration = says(
        lower,
        r"\bhow (?:long|soon|fast|quick(?:ly)?|often)\b|\bquelle fréquence\b|\bwie oft\b|\bcuánta frecuencia\b|\b(?:how many|within how many|number of) (?:working |business )?(?:minutes|hours|days|weeks|months|years|nights)\b|\bcombien de (?:temps|jours|semaines|mois|minutes|heures)\b|\bcombien d'(?:années|heures|ans)\b|\bdurée\b|\bdélais?\b|\bdelais?\b|\bwie (?:lange|lang|schnell|viele (?:tage|wochen|stunden|jahre))\b|\b(?:sous|en|dans) combien de\b|\bà quelle vitesse\b|\bcon qué rapidez\b|\bcuánto (?:tiempo|tarda|dura)\b|\bcuántos (?:días|años|meses)\b|\bquanto tempo\b|\bwarranty period\b|\blead time\b|\bdelivery time\b|\blieferzeit\b|\bdure\b|\bdauert\b|\btarda\b",
    ) && !says(lower, r"\bhow long is the (?:desk|table|cable|bed|sofa|cord|bike|board|lead)\b");
    let opening = has("open") || has("close");
    let pays = says(
        lower,
        r"\bpay (?:extra|more|anything|something)\b|\b(?:do|will|would|must|should) (?:i|we) (?:still |also )?(?:have to |need to )?pay\b(?: for\b|\?|$)|\b(?:have|need) to pay (?:for|extra)\b|\bwhat (?:do|would|will|must|should) (?:i|we) (?:\w+ )?(?:pay|owe|lose)\b|\bwhat (?:will|would|does|is) (?:it|that|this) (?:cost|be worth)|\bextra (?:charge|cost)|\bat (?:no|an|any) (?:extra )?cost\b|\bis (?:it|that|this|there) (?:for )?free\b|\bfor free\b|\b(?:are|is|what's|what is) .{1,30} worth\b|\bpaie(?:s|r)? quelque chose|\b(?:je|on|nous) (?:dois|doit|devons) payer\b|\b(?:payante?s?|gratuite?s?)\b|\bplus chère?s?\b|\b(?:muss|müssen|soll) (?:ich|wir|man) .{0,30}(?:be)?zahlen|\bkostenlos\b|\bhay que pagar|\bes gratis\b",
    );
    let often = says(lower, r"\btous les combien\b|\bcombien de fois\b");
    let money = !much_of
        && !often
        && (pays
            || says(
                lower,
                r"\b(?:c'est|cest|ça fait|ca fait|c est) combien\b|\bcombien (?:c'est|ça fait|ca fait|cela fait|une?|le|la|les|l'|mon|ma|mes|coûtent|coutent|valent|demandez)\b|\bwie viel (?:kosten|zahle|macht)|\bwie ?viel ist\b|\ba cuánto\b|\bcuánto (?:cobran|hay que)",
            )
            || says(
                lower,
                r"\bhow much\b|\b(?:what|which|minimum|maximum) (?:amount|sum|order)\b|\bquel montant\b|\bwelche[rm]? betrag|\bqué importe|\bwhat do (?:you|ye|u) charge|\bcombien (?:ça |ca |cela )?(?:coûte|coute|vaut|faut|je|vous|pour|est)|\b(?:coûte|coute|coûtent) combien|\bcombien\s*\?|\bwie ?viel kostet|\bwas kostet|\bcuánto (?:cuesta|cuestan|vale|sale|es)|\bquanto custa",
            )
            || says(
                lower,
                r"\b(?:prices?|pricing|costs?|fees?|what(?:'s| is) the (?:price|rate|charge)|charges? for|prix|tarifs?|coûts?|coût|frais|preise?|kosten|kostet|gebühr\w*|precios?|cuesta|coste|tarifas?|preço)\b",
            ));
    let idiom = says(
        lower,
        r"\b(?:set|sets|setting) (?:me|us|you|one) back\b|\bwhat(?:'s| is| would be)? the damage\b|\b(?:come|comes|amount|amounts|add up|work out|works out) (?:to|at)\b.{0,12}(?:\?|$)|\bwhat (?:does|do|would|will|is|are) .{1,60} (?:come to|run to|run me|amount to|go for|work out at|be)\s*\?|\bhow (?:expensive|dear|pricey|costly)\b|\bwas (?:nehmt|nehmen|verlangt|verlangen|berechnet|berechnen|zahlt|zahle)\b|\bwie teuer\b|\bwomit muss ich .{0,12}rechnen|\b(?:à|a) quel prix\b|\bquanto costa|\bqué precio|\bde cuánto (?:es|sería)",
    );
    // "Roamer per month?": a period alone asks for the price of it; "what is an extra night?" does too.
    let idiom = idiom
        || says(
            lower,
            r"^\W*(?:and |what about )?[\p{L} '-]{2,40} (?:per|a|an|each|par|pro|por) (?:month|day|night|week|year|hour|person|head|mois|jour|nuit|semaine|heure|personne|monat|tag|nacht|woche|stunde|mes|día|noche|semana|hora|persona)\s*\??$|\bwhat(?:'s| is| are) (?:an? |one |each )(?:extra|additional|further|second|third|single|more)\b|\bcuánto (?:más )?(?:se )?(?:paga|pago|pagamos|pagan)\b|\bqué (?:vale|valen|cuesta|cuestan)\b",
        );
    // "I read 12 pounds, is that right?": the figure itself is asked about.
    let doubted = super::figures::has_money(lower)
        && says(
            lower,
            r"\bis (?:that|this|it) (?:right|true|correct|still)|\b(?:right|correct|true|still)\s*\?|\bwhich (?:one )?is (?:right|correct|true)|\bc'est (?:bien )?(?:ça|vrai|juste|exact)|\bstimmt (?:das|es)|\bes (?:cierto|correcto|verdad)",
        );
    // "Is it cheaper if I stay six weeks?": a reduction is asked for, not one of two things.
    let cheaper = says(
        lower,
        r"\b(?:is|are|does|do|will|would|get|gets|becomes?)\b.{1,60}\b(?:cheaper|less expensive|cost less|costs less|cost more|costs more|dearer)\b(?:\s*\?|\s*$| (?:if|when|for|from|with|in|on|per|after)\b)|\b(?:moins cher|plus cher)s?(?:\s*\?|\s*$| (?:si|quand|pour|à partir|avec|en)\b)|\b(?:billiger|günstiger|teurer)\b.{0,3}(?: wenn| ab| bei| für|\?|$)|\bmás (?:barato|caro)s?(?:\s*\?| si| para| a partir)",
    ) && !says(lower, r"\b(?:or|than|ou|que|oder|als|o)\b|\bwhich\b|\bwelche");
    let money = money || !much_of && (idiom || doubted || cheaper);
    if money && !says(lower, r"\b(?:at no|without|any) extra cost\b") {
        asks.push(Ask::Money);
    }
    if (duration || often) && !opening {
        asks.push(Ask::Duration);
    }
    if says(lower, r"\bhow far (?:can|could|does|do|will|would|is|are)\b|\bquelle distance\b|\bwie weit\b|\bqué distancia\b") {
        asks.push(Ask::Distance);
    }
    if duration && opening
        || says(
            lower,
            r"\b(?:what time|until when|from when|at what times?|till when|til what|when (?:do|does|is|are|can|will|must|should|would)|^when\b|à quelle heure|jusqu'à quelle heure|jusqua quelle heure|jusqu'à quand|quand|quels? (?:jours?|horaires)|quels jours|which days?|what days?|wann|um wie viel uhr|bis wann|welche tage|cuándo|a qué hora|qué días)\b",
        )
    {
        asks.push(Ask::Moment);
    }
    if much_of
        || !duration
            && says(
                lower,
                r"\b(?:how many|combien d['e]|combien de|wie viele|wieviele|cuánt[oa]s|quant[oa]s|max(?:imum)? (?:number|rows|users|people))\b",
            )
    {
        asks.push(Ask::Count);
    }
    let contact = says(
        lower,
        r"\b(?:your|ur|the|you|votre|ihre|su|vos) (?:\w+ )?(?:e-?mail|mail|email address|adresse mail|courriel|correo)\b|\bemail address\b",
    ) && words.iter().filter(|term| term.weight >= 1.0).count() <= 4;
    if contact && has("email") {
        asks.push(Ask::Email);
    }
    if says(
        lower,
        r"\b(?:phone|telephone|contact) number\b|\bnumber (?:can i|do i|to) (?:call|ring)|\bnumber\b.{0,12}\b(?:call|ring|phone|reach)\b|\bwho (?:do|should|can|shall) (?:i|we) (?:call|ring|phone)\b|\bqui (?:appeler|dois-je appeler)\b|\bquel numéro\b|\bwelche nummer\b|\bnuméro de téléphone\b|\btelefonnummer\b|\bnúmero de teléfono\b",
    ) {
        asks.push(Ask::Phone);
    }
    if says(
        lower,
        r"\b(?:your|the|shop|store) address\b|\bwhere (?:are you|is your|is the (?:shop|store|showroom|clinic|office|workshop))|\bvotre adresse\b|\boù (?:êtes|etes|se trouve|vous trouv)|\bwo (?:sind|befindet|finde)|\bdónde (?:está|están|se encuentra)",
    ) {
        asks.push(Ask::Address);
    }
    asks
}

/// Words that put the question and need no cover of their own.
fn is_asking(term: &Term, asks: &[Ask], extreme: Option<(Extreme, Concept)>) -> bool {
    let any = |labels: &[&str]| labels.iter().filter_map(|label| concept(label)).any(|idea| term.concepts.contains(&idea));
    let word = term.token.folded.as_str();
    if any(&["difference"])
        || matches!(
            word,
            "cheaper"
                | "dearer"
                | "compare"
                | "comparing"
                | "versus"
                | "vs"
                | "version"
                | "better"
                | "together"
                | "total"
                | "cher"
                | "chere"
                | "billiger"
                | "gunstiger"
                | "teurer"
        )
    {
        return true;
    }
    if asks.contains(&Ask::Money)
        && (any(&["price", "how much", "pay"])
            || matches!(word, "amount" | "money" | "extra" | "free" | "worth" | "gratuit" | "gratuite" | "cost"))
    {
        return true;
    }
    if asks.contains(&Ask::Duration)
        && (any(&["how long", "often"])
            || matches!(
                word,
                "delai"
                    | "delais"
                    | "lead"
                    | "long"
                    | "soon"
                    | "fast"
                    | "quickly"
                    | "temps"
                    | "lange"
                    | "duree"
                    | "days"
                    | "weeks"
                    | "jours"
                    | "schnell"
                    | "rapidement"
                    | "vite"
                    | "rapido"
            ))
    {
        return true;
    }
    if asks.contains(&Ask::Moment)
        && (matches!(
            word,
            "time"
                | "until"
                | "till"
                | "jusqu"
                | "lange"
                | "hour"
                | "hours"
                | "heures"
                | "late"
                | "heure"
                | "uhr"
                | "hora"
                | "times"
                | "days"
                | "jours"
                | "day"
                | "tage"
        ))
    {
        return true;
    }
    if asks.contains(&Ask::Distance) && matches!(word, "far" | "distance" | "weit" | "distancia") {
        return true;
    }
    if asks.contains(&Ask::Phone) && any(&["phone"]) || any(&["happen"]) {
        return true;
    }
    if asks.contains(&Ask::Count) && matches!(word, "many" | "number" | "combien" | "maximum" | "max") {
        return true;
    }
    if let Some((_, idea)) = extreme
        && (term.concepts.contains(&idea) || any(&["cheap", "expensive", "small", "large"]) || word.len() > 5 && word.ends_with("est"))
    {
        return true;
    }
    matches!(word, "detail" | "details" | "info" | "information" | "exactly" | "precise")
}

/// May this be said to the question? One that asks for the cheapest is answered by what says so, or by nothing.
pub fn keeps_extreme(reading: &Reading, said: &str) -> bool {
    let Some(asked) = reading.extreme else { return true };
    extreme(&said.to_lowercase().replace('’', "'")).is_some_and(|told| told == asked)
}

fn extreme(lower: &str) -> Option<(Extreme, Concept)> {
    let found = |expression: &'static str| says(lower, expression);
    let (extreme, label) = if found(
        r"\b(?:cheapest|least expensive|lowest[- ]priced?|most affordable|lowest price|le moins cher|la moins chère|les moins chers|moins cher|moins chère|billigste\w*|günstigste\w*|preiswerteste\w*|más barat[oa]|mais barat[oa])\b",
    ) && !found(r"moins ch\w+ que|\bcheapest to\b")
    {
        (Extreme::Least, "price")
    } else if found(r"\b(?:most expensive|dearest|priciest|le plus cher|la plus chère|teuerste\w*|más car[oa])\b") {
        (Extreme::Most, "price")
    } else if found(r"\b(?:lightest|le plus léger|la plus légère|leichteste\w*|más liger[oa])\b") {
        (Extreme::Least, "weight")
    } else if found(r"\b(?:heaviest|le plus lourd|la plus lourde|schwerste\w*|más pesad[oa])\b") {
        (Extreme::Most, "weight")
    } else if found(r"\b(?:quietest|least noisy|le plus silencieux|leiseste\w*|más silencios[oa])\b") {
        (Extreme::Least, "noise")
    } else if found(r"\b(?:biggest|largest|le plus grand|la plus grande|größte\w*|más grande)\b") {
        (Extreme::Most, "size")
    } else if found(r"\b(?:longest|la plus longue|le plus long|längste\w*)\b") {
        (Extreme::Most, "how long")
    } else if found(r"\b(?:shortest|la plus courte|le plus court|kürzeste\w*)\b") {
        (Extreme::Least, "how long")
    } else {
        return None;
    };
    concept(label).map(|idea| (extreme, idea))
}

/// The questions of a sentence that asks two things: "what does it cost, and until when are you open?"
pub fn clauses(text: &str) -> Vec<String> {
    static JOINT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i)[,;]\s+(?:and|but)\s+(?:is|are|do|does|can|will)\s+\w+|(?:[,;?.!]\s+(?:(?:and|but|or|so|et|mais|ou|und|aber|oder|y|pero|o|e|mas)\s+)?|\s+(?:and|but|et|mais|und|aber|y|pero|mas)\s+)(?:(?:what|which|who|where|when|why|how|until when|from when|is|are|do|does|did|can|could|will|would|may|must|should|has|have)\s+(?:\w+\s+){0,2}?(?:i|we|you|it|that|this|they|there|the|your|my|our|a|an|any|much|many|long|far|soon|is|are|do|does|can|time|day|kind)\b|(?:combien|quand|comment|où|pourquoi|quel|quelle|quels|quelles|est-ce|peut-on|puis-je|y a-t-il|avez-vous|livrez-vous|jusqu'à|à quelle|wann|wo|wie|was|welche[rsnm]?|kann|können|gibt|haben|ist|sind|bis wann|cuánto|cuándo|cómo|dónde|qué|cuál|puedo|se puede|hay|tienen|quanto|quando|como|onde|posso)\b)",
        )
        .expect("a fixed expression")
    });
    let mut parts = Vec::new();
    let mut begin = 0;
    for found in JOINT.find_iter(text) {
        // The question word stays with its clause.
        let joint = found.as_str();
        let start = found.start() + joint.len() - joint.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
        let start = start + leading_joint(&text[start..]);
        if text[begin..found.start()].split_whitespace().count() >= 2 {
            parts.push(text[begin..found.start()].trim().to_owned());
            begin = start;
        }
    }
    if parts.is_empty() {
        return Vec::new();
    }
    parts.push(text[begin..].trim().to_owned());
    parts.retain(|part| part.split_whitespace().count() >= 2 && (part.contains('?') || is_put(part)));
    parts
}

/// Is it put as a question, without the mark for it?
fn is_put(part: &str) -> bool {
    says(
        &part.to_lowercase(),
        r"^(?:\W*[\w']+\W+){0,3}?\W*(?:what|which|who|where|when|why|how|is|are|do|does|did|can|could|will|would|may|must|should|has|have|combien|quand|comment|où|pourquoi|quel\w*|est-ce|peut-on|puis-je|y a-t-il|\w+-vous|jusqu'à|wann|wo|wie|was|welche\w?|kann|können|gibt|haben|ist|sind|cuánto|cuándo|cómo|dónde|qué|cuál|puedo|hay|tienen|quanto|quando|como|onde|posso)\b",
    )
}

fn leading_joint(text: &str) -> usize {
    const JOINTS: [&str; 15] =
        ["and ", "but ", "or ", "so ", "et ", "mais ", "ou ", "und ", "aber ", "oder ", "y ", "pero ", "o ", "e ", "mas "];
    let lower = text.to_lowercase();
    JOINTS.iter().find(|joint| lower.starts_with(**joint)).map_or(0, |joint| joint.len())
}

/// Does it point at something by a pronoun?
pub fn points_at(text: &str) -> bool {
    says(
        &text.to_lowercase(),
        r"\b(?:it|its|them|they|he|she|him|her|that|this|those|these|there|ça|cela|ceci|il|elle|ils|elles|y|dedans|là|das|es|sie|er|da|dort|dies\w*|eso|esto|ese|esa|allí|ello|isso|isto|ele|ela|lá)\b",
    )
}

/// Is the question too short to stand alone, or does it point back?
pub fn points_back(text: &str, language: &str) -> bool {
    let lower = text.to_lowercase().replace('’', "'");
    let content: f32 = terms(text, language).iter().map(|term| term.weight).sum();
    says(&lower, r"^(?:and|et|und|y|e|or|ou|oder|but|what about|how about|same|also|then|ok and|so|pareil|qu'en est-il)\b") && content < 3.5
        || says(
            &lower,
            r"\b(?:it|its|them|they|he|she|him|her|in there|that one|this one|those|these|that|the (?:first|second|other|same|latter|former) one|both|ça|celui|celle|ceux|celles|lui|elle|dedans|là-dedans|en noir|davon|dieses|diese|dafür|ese|esa|ese modelo)\b",
        ) && content < 4.5
        || content < 1.2
}
