//! What is never answered from the sources: other people's data, live data we do not hold, attempts on the machine itself.

use super::figures::says;

/// Why a question is left alone before any source is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// About another person's order, appointment or account.
    SomebodyElse,
    /// About the state of an order, an account, a stock or a calendar, which no page holds.
    LiveState,
    /// Wants instructions, internal papers or figures that no business publishes.
    Machine,
}

/// The limit a question runs into, if any. `text` is as written, because names carry capitals.
pub fn limit(text: &str) -> Option<Limit> {
    let lower = text.to_lowercase().replace('’', "'");
    if is_machine(&lower) || is_inside(&lower) {
        Some(Limit::Machine)
    } else if is_somebody_else(text, &lower) {
        Some(Limit::SomebodyElse)
    } else if is_live(&lower) {
        Some(Limit::LiveState)
    } else {
        None
    }
}

fn is_machine(lower: &str) -> bool {
    says(
        lower,
        r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:instruction|rule|prompt|guideline|previous|above)|system prompt|your (?:prompt|instructions)\b|\b(?:internal|confidential|staff[- ]only|secret)\b.{0,20}\b(?:document|note|page|roadmap|price|code|file|memo|list)|\b(?:ignore[zr]?|oublie[zr]?)\b.{0,20}\b(?:instructions|règles|consignes)|\b(?:ignorier\w*|vergiss)\b.{0,20}\banweisungen|ignora\w*.{0,20}instrucciones|\b(?:door|entry|alarm|access|admin|master) (?:code|password|pin)\b|\b(?:code|mot de passe) (?:de la|du) (?:porte|personnel|alarme)",
    )
}

/// What the business pays, earns or plans for itself.
fn is_inside(lower: &str) -> bool {
    says(
        lower,
        r"\b(?:your|ur|the) (?:purchase|cost|buying|wholesale cost) price|\b(?:profit )?margins?\b.{0,20}\b(?:do you|on the|make)|\bhow much (?:margin|profit|markup)|\byou pay (?:for it|your supplier)|\bprix d'achat\b|\b(?:votre|quelle) marge\b|\beinkaufspreis|\b(?:ihre|welche) (?:marge|gewinnspanne)|\bprecio de compra de ustedes|\bsu margen\b|\bvoucher codes? you (?:know|have)|\b(?:pays?|paid) you\b|\bwhat (?:do|does|did) .{1,40} costs? (?:you|ye|yourselves)\b|\bwhat (?:did|do) you pay\b|\b(?:do|does) (?:you|your (?:\w+ )?(?:staff|team|teachers?|employees?|people|workers?|drivers?|boss|owner|manager)) (?:earn|make a)|\bsalar(?:y|ies)\b.{0,20}\b(?:your|of the)|\byour .{0,20}\bsalar(?:y|ies)\b|\bcombien gagne|\bvous (?:paie|paye|verse)\b|\bwie viel verdien|\bcuánto gana",
    )
}

fn is_somebody_else(text: &str, lower: &str) -> bool {
    let relation = r"\b(?:my|our) (?:neighbou?r|wife|husband|partner|girlfriend|boyfriend|friend|colleague|boss|mother|father|mum|mom|dad|brother|sister|son|daughter|ex|tenant|flatmate|landlord|employee|client)\b|\b(?:mon|ma|mes) (?:voisine?|femme|mari|conjointe?|amie?|copine?|collègue|patronn?e?|mère|père|frère|sœur|soeur|fils|fille|ex)\b|\bmeine?[mnr]? (?:nachbar\w*|frau|mann|partner\w*|freund\w*|kolleg\w*|chef\w*|mutter|vater|bruder|schwester|sohn|tochter)\b|\bmi (?:vecin[oa]|mujer|marido|pareja|amig[oa]|novi[oa]|colega|jef[ea]|madre|padre|herman[oa]|hij[oa])\b";
    let record = r"\b(?:appointment|order|booking|reservation|account|invoice|bill|subscription|delivery|delivered|record|results?|address|phone number|email|attend(?:ed)?|paid|bought|booked|rendez-vous|commande|réservation|compte|facture|dossier|abonnement|livraison|livré|adresse|numéro|termin|bestellung|buchung|konto|rechnung|cita|pedido|reserva|cuenta|factura|plan is|is on)\b";
    let asks_state = r"\b(?:when|what|which|where|has|did|is|was|confirm|tell me|give me|show me|quand|est-ce que|a bien|a-t-|savoir|confirmer|wann|hat|ist|cuándo|ha |tiene)\b";
    // Who else was here is nobody's business.
    if says(
        lower,
        r"^(?:and |so )?who (?:else )?(?:hired|rented|booked|bought|ordered|reserved|borrowed|came|visited|paid|stayed)\b|^(?:et )?qui (?:d'autre )?(?:a|avait) (?:loué|réservé|acheté|commandé|payé|emprunté)|^wer hat .{0,40}(?:gemietet|gebucht|gekauft|bestellt|reserviert)|^quién (?:ha )?(?:alquil|reserv|compr)",
    ) {
        return true;
    }
    if says(lower, relation) && says(lower, record) && says(lower, asks_state) {
        // A relation with a name, or the record said to be his or hers.
        let named = says(
            text,
            r"(?:wife|husband|partner|friend|colleague|boss|mother|father|brother|sister|son|daughter|neighbou?r|voisine?|femme|mari|amie?|collègue|Nachbarin|Nachbar|Frau|Mann|vecin[oa]|mujer|marido)(?:,)? (?:(?:Mr|Mrs|Ms|Dr|madame|monsieur|Madame|Monsieur|Herr|Frau|señor|señora)\.? )?[A-ZÀ-Þ][a-zß-ÿ]+",
        );
        let theirs = says(
            lower,
            r"\b(?:her|his|their|son|sa|ses|sein\w*|ihr\w*) (?:next |last |prochaine? |dernière? )?(?:appointment|order|booking|reservation|account|invoice|bill|subscription|rendez-vous|commande|réservation|compte|facture|termin|bestellung|cita|pedido|reserva)|(?:neighbou?r|wife|husband|friend|colleague|boss)'s (?:next |last )?(?:appointment|order|booking|account|invoice|delivery|desk|chair|bike|car|package|parcel)",
        );
        if named || theirs {
            return true;
        }
    }
    says(
        text,
        r"(?:confirm|tell me|know)\b.{0,20}\b(?:that|if|whether) [A-ZÀ-Þ][a-zß-ÿ]+ [A-ZÀ-Þ][a-zß-ÿ]+ (?:in .{1,20} )?(?:attended|came|visited|was|is|has|bought|booked|works)",
    ) || says(
        text,
        r"\b(?:Mr|Mrs|Ms|Monsieur|Madame|Herr|Frau)\.? [A-ZÀ-Þ][a-zß-ÿ]+'s? (?:order|appointment|booking|account|desk|chair|delivery|invoice)",
    ) || says(
        lower,
        r"\b(?:what|which) (?:plan|subscription|package) (?:is|does) [a-z0-9-]+(?:\.[a-z0-9-]+)+|\b(?:address|phone number|email|home address) of (?:another|a|your) (?:customer|client|patient|guest|member)",
    )
}

fn is_live(lower: &str) -> bool {
    says(
        lower,
        r"\bwhere(?:'s| is| are) my (?:order|parcel|package|delivery|stuff|refund|invoice|bike|car|chair|desk)|\bstatus of (?:my|our|the) |\b(?:my|our) (?:order|parcel|booking|appointment|refund|invoice|repair|bike|car)\b.{0,20}\b(?:arrived|shipped|ready yet|been (?:sent|shipped|processed|paid|received|repaired)|still not|status|is it)\b|\b(?:when|what time) is my (?:next )?(?:appointment|booking|delivery|order|lesson|session)|\bmy (?:current |account )?(?:balance|points|password is)|\b(?:which|what)\b.{0,20}\bdid (?:i|we) (?:order|buy|book|place|get|purchase|rent|choose)\b|\bqu'est-ce que (?:j'ai|nous avons) (?:commandé|acheté|réservé)|\bwas habe(?:n wir| ich) (?:bestellt|gekauft|gebucht)|\bqué (?:pedí|compré|reservé)|\bdid you (?:get|receive) my\b|\bhave you (?:got|received|sent|shipped) my\b|\bis my (?:\w+ )?(?:ready|done|finished|shipped|on its way)|\boù (?:est|en est) ma (?:commande|livraison)|\boù en est mon|\bwo (?:ist|bleibt) mein|\bdónde está mi (?:pedido|paquete)",
    ) || says(
        lower,
        r"\b(?:in stock|left|still available|en stock|auf lager)\b.{0,12}\b(?:right now|today|at the moment|now|currently)|\b(?:how many|combien)\b.{0,40}\b(?:in stock|do you have left|are left|en stock|left right now)",
    ) || says(
        lower,
        r"\b(?:free|available|availability|any (?:slots?|tables?|rooms?|appointments?|spaces?|places?|spots?)|vacanc\w+|slot|disponible|libre|frei)\b.{0,40}\b(?:next (?:mon|tues|wednes|thurs|fri|satur|sun)day|next week|tomorrow|tonight|this (?:afternoon|evening|weekend|mon|tues|wednes|thurs|fri|satur|sun)|demain|ce soir|morgen|heute|mañana|hoy|on the \d)",
    )
}
