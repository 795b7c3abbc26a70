//! What a customer wants to be done with an order: sent back, or swapped for something else.

use std::sync::LazyLock;

use domain::action::Deed;
use domain::conversation::Pending;
use domain::fact::Predicate;
use domain::lexicon::{self, Concept};
use domain::signal::{Act, Wish};
use regex::Regex;

use super::analyst::Reading;

/// What a message says about having something done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// They want it, now.
    Wants(Wish),
    /// They ask about it, or wonder whether to.
    Considers(Wish),
    /// Something does not fit; what to do about it is open.
    Misfit(Wish),
    /// Yes to what we would do.
    Agrees(Deed),
    /// No to it.
    Refuses(Deed),
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

static WANTS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:want|would like|i'd like|we'd like|i'd rather|we'd rather|would rather|would prefer|i'd prefer|prefer|need to|have to|wish to|please|je (?:veux|voudrais|souhaite|dois|pr[ée]f[èe]re(?:rais)?)|j'aimerais|nous (?:voulons|voudrions|souhaitons|devons|pr[ée]f[ée]rons)|merci de|svp|s'il vous pla[iî]t|ich (?:will|m[öo]chte|muss|w[üu]rde)|wir (?:wollen|m[öo]chten|m[üu]ssen|w[üu]rden)|bitte|lieber|quiero|quisiera|queremos|necesito|prefiero|preferir[íi]a|me gustar[íi]a|por favor|quero|queria|gostaria|preciso|prefiro)\b",
    )
});
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:return|returns|shipping|postage|prepaid|mailing) (?:label|slip|form|sticker)|label for (?:the|my) return|(?:[ée]tiquette|bon|bordereau) (?:de )?(?:retour|renvoi)|(?:r[üu]cksende|retouren?)(?:[ -]?)(?:etikett|schein|label|aufkleber)|etiqueta de (?:devoluci[óo]n|devolu[çc][ãa]o|retorno|env[íi]o))\b",
    )
});
/// "Send the chair back": the words of it stand apart.
static BACK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:send|sending|bring|bringing|give|giving|take|taking|hand|ship|mail)\s+(?:it|them|this|that|these|those|one|(?:the|my|this|that|our)(?:\s[\w-]+){1,4})\s+back\b|\b(?:schick|send|geb)\w*\s[^.,;!?]{1,40}\szur[üu]ck\b",
    )
});
static THE_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:the|my|that|a new|another) (?:label|sticker)\b|\b(?:l'|mon |une autre |la )[ée]tiquette\b|\b(?:das|mein|ein neues) (?:etikett|label)\b|\b(?:la|mi|otra|minha|a) etiqueta\b",
    )
});
static ARRANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:start|open|register|arrange|organi[sz]e|set up|initiate|process|do|make) (?:the|a|my|that|this) (?:return|exchange|swap)|(?:lancer|enregistrer|organiser|faire|initier) (?:le|un|mon|l'|cet?) ?(?:retour|[ée]change)|(?:die|eine|meine|den|einen|meinen) (?:retoure|r[üu]cksendung|r[üu]ckgabe|umtausch) (?:starten|anmelden|veranlassen|einleiten))\b",
    )
});
static ASKS_HOW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:can|could|may|how (?:do|can|would|to)|is it possible|am i able|puis-je|peut-on|pouvons-nous|comment|est-ce que je peux|possible de|kann ich|k[öo]nnen wir|wie|darf ich|geht|puedo|podemos|podr[íi]a|c[óo]mo|posso)\b",
    )
});
/// Said of somebody else, of the past, of what might be, or not wanted.
static NOT_NOW: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:do|did|does|would|wo|don)(?:n't| not)|not|no longer|never|ne|nicht|kein\w*|n[ãa]o)\s+(?:\w+\s+){0,2}(?:want|wish|need|like|veux|voudrais|souhaite|will|m[öo]chte|quiero|quero|plan|have)\b|\b(?:have|has|had|already|'ve|just) (?:\w+ )?(?:returned|sent (?:it|them|that|the \w+) back|exchanged|swapped)|\bi (?:returned|sent (?:it|them|that) back|exchanged)\b|\bj'ai (?:d[ée]j[àa] )?(?:renvoy|retourn|rendu|[ée]chang)|\b(?:zur[üu]ckgeschickt|zur[üu]ckgesendet|umgetauscht)\b|\b(?:he|hemos) devuelto\b|\bdevolv[íi]\b",
    )
});
static HEDGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:might|maybe|perhaps|possibly|thinking (?:of|about)|considering|wondering|in case|if|unless|whether|peut-[êe]tre|au cas o[ùu]|si|vielleicht|eventuell|falls|wenn|ob|quiz[áa]s?|tal vez|talvez|caso)\b",
    )
});
static MISFIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:too|bit|much too|far too|way too) (?:small|big|large|tight|long|short|wide|narrow|high|low)|(?:does(?:n't| not)|do(?:n't| not)|did(?:n't| not)) fit|(?:wrong|incorrect) (?:size|colou?r|model|item|product|one|article)|trop (?:petite?|grande?|large|[ée]troite?|serr[ée]e?|longue?|courte?|haute?|basse?)s?|ne (?:me )?va pas|(?:mauvaise?|pas la bonne|pas le bon) (?:taille|couleur|mod[èe]le|article)|zu (?:klein|gro(?:ß|ss)|eng|weit|lang|kurz|schmal|breit|hoch|niedrig)|passt (?:mir )?nicht|falsche[sr]? (?:gr[öo](?:ß|ss)e|farbe|modell|artikel)|(?:demasiado|muy) (?:peque[ñn][oa]|grande|estrech[oa]|larg[oa]|cort[oa])s?|no me (?:queda|vale|sirve)|(?:talla|color) equivocad[oa]|(?:muito|demasiado) (?:pequen[oa]|grande|apertad[oa]|comprid[oa]|curt[oa])s?|n[ãa]o (?:me )?serve|(?:tamanho|cor) errad[oa])\b",
    )
});
static FOR_WHAT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)
        \b(?:exchang\w*|swap\w*|chang\w*|switch\w*|trad\w*)\s+(?:[^.,;!?]{0,40}?\s)?(?:for|to|with|into)\s+(?P<en>[^.,;!?]{2,60})
        |\b(?:[ée]chang\w*|chang\w*)\s+(?:[^.,;!?]{0,40}?\s)?(?:contre|pour)\s+(?P<fr>[^.,;!?]{2,60})
        |\bgegen\s+(?P<de>[^.,;!?]{2,60}?)\s*(?:umtausch\w*|tausch\w*|austausch\w*|eintausch\w*|$|[.,;!?])
        |\b(?:cambi\w*|canje\w*|troc\w*)\s+(?:[^.,;!?]{0,40}?\s)?(?:por|pela|pelo|para)\s+(?P<es>[^.,;!?]{2,60})",
    )
});
/// What is said after the thing itself: "for a larger one than get my money back".
static REST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\s+(?:than|rather than|instead|instead of|please|and|but|because|since|if|when|thanks|plut[ôo]t|au lieu|s'il|svp|et|mais|parce|car|si|statt|anstatt|bitte|und|aber|weil|wenn|en vez|en lugar|por favor|y|pero|porque|em vez|e|mas|que|of order|de la commande)\b.*$",
    )
});
/// "For a larger one", as an answer to "for what?".
static FOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:yes|ok|oui|ja|s[íi]|sim)[, ]+)?(?:(?:i(?:'d| would)? (?:like|want|take)|i'll take|je (?:voudrais|veux|prends)|ich (?:m[öo]chte|nehme|h[äa]tte gern)|quiero|quero)\s+)?(?:(?:for|to|with|contre|pour|par|gegen|f[üu]r|por|para)\s+)?",
    )
});
/// An order's own number is nothing that one swaps for.
static IS_ORDER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:my |the )?(?:money|refund|cash|remboursement|geld|dinero|dinheiro|order|commande|bestellung)\b"));

/// Ideas that name what is to be done, in the order said.
fn ideas(text: &str, language: &str) -> Vec<&'static str> {
    let known: Vec<(Concept, &'static str)> =
        ["return", "exchange"].into_iter().filter_map(|name| lexicon::concept(name).map(|idea| (idea, name))).collect();
    let mut found = Vec::new();
    for term in lexicon::terms(text, language) {
        for (idea, name) in &known {
            if term.concepts.contains(idea) && !found.contains(name) {
                found.push(*name);
            }
        }
    }
    found
}

/// What the messages of a turn say about having something done; `None`: nothing. `has_label`: one was made for them, and "the label"
/// is that one.
pub fn read(reading: &Reading, pending: Option<&Pending>, has_label: bool) -> Option<Said> {
    let text = reading.text.trim();
    let has = |act: Act| reading.signals.acts.contains(&act);
    let order =
        reading.signals.learned.iter().rev().find(|fact| fact.predicate == Predicate::Order && fact.holds).map(|fact| fact.value.clone());
    let short = text.split_whitespace().count() <= 6;
    let found = ideas(text, &reading.language);
    let wants_label = asks_for_label(text, has_label);
    let swaps = found.contains(&"exchange") && (!found.contains(&"return") || is_swap(text));
    let names_it = swaps || found.contains(&"return") || wants_label || BACK.is_match(text);
    if let Some(Pending::Action { deed }) = pending {
        if has(Act::Yes) && !has(Act::No) && !swaps {
            return Some(Said::Agrees(deed.clone()));
        }
        if has(Act::No) && !names_it {
            return Some(Said::Refuses(deed.clone()));
        }
    }
    let detailed = match pending {
        Some(Pending::Details { wish }) => {
            completed(wish, text, order.as_deref(), short && reading.signals.questions.is_empty(), has(Act::No))
        }
        _ => None,
    };
    if !names_it {
        if let Some(wish) = detailed {
            return Some(Said::Wants(wish));
        }
        let misfit = MISFIT.find(text)?;
        let reason = Some(misfit.as_str().to_owned());
        return reading.signals.questions.is_empty().then(|| Said::Misfit(Wish::Return { order, reason }));
    }
    if NOT_NOW.is_match(text) {
        return None;
    }
    let earlier = match pending {
        Some(Pending::Details { wish }) => wish.order().map(str::to_owned),
        Some(Pending::Action { deed }) => deed.order().map(str::to_owned),
        _ => None,
    };
    let order = order.or(earlier);
    let reason = MISFIT.find(text).map(|found| found.as_str().to_owned());
    let wish = if swaps { Wish::Exchange { order, wanted: wanted(text) } } else { Wish::Return { order, reason } };
    let is_answer = short && matches!(pending, Some(Pending::Details { .. } | Pending::Action { .. }));
    let asks = !reading.signals.questions.is_empty();
    let asks_for_it = wants_label || ARRANGE.is_match(text);
    let says_so = WANTS.is_match(text) && !asks;
    let firm = (is_answer && !asks || asks_for_it && !HEDGED.is_match(text) || says_so && !HEDGED.is_match(text)) && !has(Act::NotSure);
    if firm {
        Some(Said::Wants(wish))
    } else if WANTS.is_match(text) || ASKS_HOW.is_match(text) || has_reason(&wish) {
        Some(Said::Considers(wish))
    } else {
        None
    }
}

/// Is it the paper that they want? `has_label`: one was made for them.
pub fn asks_for_label(text: &str, has_label: bool) -> bool {
    LABEL.is_match(text) || has_label && THE_LABEL.is_match(text)
}

fn has_reason(wish: &Wish) -> bool {
    matches!(wish, Wish::Return { reason: Some(_), .. })
}

/// "Rather an exchange than my money back", "swap, not return": the swap is what is wanted. In German one word means both.
fn is_swap(text: &str) -> bool {
    static SWAP: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:exchang\w*|swap\w*|[ée]chang\w*|canje\w*|troc\w*)\b|\bgegen\s+\S+|\b(?:cambiar\w*|cambio)\s+por\b")
    });
    SWAP.is_match(text)
}

/// What it is to be swapped for.
fn wanted(text: &str) -> Option<String> {
    let found = FOR_WHAT.captures(text)?;
    let what = ["en", "fr", "de", "es"].iter().find_map(|name| found.name(name))?.as_str();
    let what = REST.replace(what, "");
    let what = what.trim().trim_end_matches(['.', ',']).trim();
    (what.chars().count() >= 1 && !IS_ORDER.is_match(what)).then(|| what.to_owned())
}

/// The answer to "which order?" or "for what?" put into the wish.
fn completed(wish: &Wish, text: &str, order: Option<&str>, is_short_statement: bool, refused: bool) -> Option<Wish> {
    if refused {
        return None;
    }
    if wish.order().is_none() {
        let named = order.map(str::to_owned).or_else(|| is_short_statement.then(|| text.trim_matches(['.', '#', ' ']).to_owned()))?;
        return Some(wish.clone().about(&named));
    }
    match wish {
        Wish::Exchange { order, wanted: None } if is_short_statement && !text.is_empty() => {
            let wanted = FOR.replace(text.trim_end_matches('.').trim(), "").into_owned();
            Some(Wish::Exchange { order: order.clone(), wanted: Some(wanted) })
        }
        Wish::Exchange { .. } | Wish::Return { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reasoning::builtin::sense;

    fn said(text: &str, language: &str, pending: Option<&Pending>) -> Option<Said> {
        let sensed = sense::sense(text, &sense::Sensing::alone(language));
        let mut reading = Reading { text: text.to_owned(), language: language.to_owned(), ..Reading::default() };
        reading.signals.acts = sensed.acts;
        reading.signals.questions = sensed.questions;
        read(&reading, pending, false)
    }

    #[test]
    fn who_wants_it_sent_back_gets_it_and_who_wonders_is_asked() {
        for (language, text) in [
            ("en", "I want to return it."),
            ("en", "Please send me the return label for the order I mentioned yesterday on your chat."),
            ("en", "Could you send me the return label?"),
            ("en", "I'd like to send the chair back"),
            ("fr", "Je voudrais renvoyer la chaise."),
            ("fr", "Merci de m'envoyer l'étiquette de retour"),
            ("de", "Ich möchte den Stuhl zurückschicken."),
            ("es", "Quiero devolver la silla."),
        ] {
            assert!(
                matches!(said(text, language, None), Some(Said::Wants(Wish::Return { .. }))),
                "{text}: {:?}",
                said(text, language, None)
            );
        }
        for (language, text) in [
            ("en", "Can I return it?"),
            ("en", "How do I send it back?"),
            ("en", "I might want to return it"),
            ("fr", "Puis-je renvoyer la chaise ?"),
            ("de", "Kann ich ihn zurückgeben?"),
        ] {
            assert!(matches!(said(text, language, None), Some(Said::Considers(_))), "{text}: {:?}", said(text, language, None));
        }
    }

    #[test]
    fn what_was_sent_back_before_or_is_not_wanted_starts_nothing() {
        for text in [
            "I have already returned it, where is my money?",
            "I sent it back last week",
            "I don't want to return it",
            "My return flight is on Monday",
            "Thanks, it arrived",
        ] {
            assert!(!matches!(said(text, "en", None), Some(Said::Wants(_))), "{text}: {:?}", said(text, "en", None));
        }
    }

    #[test]
    fn a_swap_says_for_what() {
        for (language, text, expected) in [
            ("en", "I would rather exchange it for a larger one than get my money back.", "a larger one"),
            ("en", "Please swap it for size L", "size L"),
            ("fr", "Je voudrais l'échanger contre une taille L, svp", "une taille L"),
            ("de", "Ich möchte ihn gegen Größe L umtauschen", "Größe L"),
            ("es", "Quiero cambiarla por una más grande", "una más grande"),
        ] {
            match said(text, language, None) {
                Some(Said::Wants(Wish::Exchange { wanted: Some(wanted), .. })) => assert_eq!(wanted, expected, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert!(matches!(said("I'd like to exchange it", "en", None), Some(Said::Wants(Wish::Exchange { wanted: None, .. }))));
    }

    #[test]
    fn an_answer_completes_the_wish() {
        let open = Pending::Details { wish: Wish::Exchange { order: Some("A-1".to_owned()), wanted: None } };
        assert_eq!(
            said("Size L", "en", Some(&open)),
            Some(Said::Wants(Wish::Exchange { order: Some("A-1".to_owned()), wanted: Some("Size L".to_owned()) }))
        );
        let deed = Deed::Return { order: "A-1".to_owned(), reason: None };
        let offered = Pending::Action { deed: deed.clone() };
        assert_eq!(said("Yes please", "en", Some(&offered)), Some(Said::Agrees(deed.clone())));
        assert_eq!(said("No thanks", "en", Some(&offered)), Some(Said::Refuses(deed)));
        assert_eq!(said("What are your opening hours?", "en", Some(&offered)), None);
    }

    #[test]
    fn what_does_not_fit_is_heard() {
        for (language, text) in [
            ("en", "The chair of order EC-30417 is too small for me."),
            ("fr", "La chaise est trop petite pour moi."),
            ("de", "Der Stuhl ist mir zu klein."),
        ] {
            assert!(matches!(said(text, language, None), Some(Said::Misfit(_))), "{text}");
        }
    }
}
