//! How far a mail's `From` is trusted: by what our own receiving server found, and by nothing that a sender can write.
//!
//! <https://www.rfc-editor.org/rfc/rfc8601>, <https://www.rfc-editor.org/rfc/rfc7489#section-3.1>

/// Whose findings count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trusted {
    /// The server that calls itself so.
    Named(String),
    /// A server of this domain or this host, as long as its findings stand above every trace of delivery, where only
    /// the last server writes.
    Near { domain: String, host: String },
}

/// What a mail says of its way here, as far as it matters.
#[derive(Debug, Default)]
pub(super) struct Traces<'a> {
    /// `Authentication-Results`, topmost first, with whether a `Received` stands above it.
    pub results: Vec<(&'a str, bool)>,
    /// `DKIM-Signature` headers.
    pub signatures: Vec<&'a str>,
}

/// `pass`, `fail` or `none`.
pub(super) fn verdict(traces: &Traces<'_>, from_domain: &str, trusted: &Trusted) -> &'static str {
    // Only the topmost counts: a server adds its own above whatever it did not take out.
    let Some((header, is_below_a_trace)) = traces.results.first() else { return "none" };
    let bare = without_comments(header);
    let mut parts = bare.split(';').map(str::trim);
    let Some(server) = parts.next().and_then(|first| first.split_whitespace().next()) else { return "none" };
    let server = server.trim_matches('"').to_ascii_lowercase();
    let counts = match trusted {
        Trusted::Named(name) => server == name.to_ascii_lowercase(),
        Trusted::Near { domain, host } => {
            !is_below_a_trace && (server == *host || server == *domain || server.ends_with(&format!(".{domain}")))
        }
    };
    if !counts || from_domain.is_empty() {
        return "none";
    }
    let findings: Vec<Finding> = parts.filter_map(Finding::read).collect();
    let spf_aligned = findings.iter().any(|one| one.method == "spf" && one.passed() && one.is_aligned(&["smtp.mailfrom"], from_domain));
    if only_part_is_signed(traces, from_domain) && !spf_aligned {
        return "fail";
    }
    let dmarc: Vec<&Finding> = findings.iter().filter(|one| one.method == "dmarc").collect();
    if dmarc.iter().any(|one| !one.passed() && matches!(one.result.as_str(), "fail" | "reject" | "quarantine" | "permerror")) {
        return "fail";
    }
    let names_another = |one: &&Finding| one.property(&["header.from"]).is_some_and(|named| domain_of(named) != from_domain);
    if dmarc.iter().any(|one| one.passed() && !names_another(one)) {
        return "pass";
    }
    // A domain without a policy: the same proof, aligned, but nobody was asked to look.
    let dkim_aligned =
        findings.iter().any(|one| one.method == "dkim" && one.passed() && one.is_aligned(&["header.d", "header.i"], from_domain));
    if dmarc.iter().all(|one| one.result == "none") && (dkim_aligned || spf_aligned) { "pass" } else { "none" }
}

/// Is every signature of this domain one that leaves the end of the body open (`l=`)? Anybody may have added to it.
fn only_part_is_signed(traces: &Traces<'_>, from_domain: &str) -> bool {
    let tags = |header: &str| -> Vec<(String, String)> {
        let pairs = header.split(';').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.split_whitespace().collect())).collect()
    };
    let aligned: Vec<Vec<(String, String)>> = traces
        .signatures
        .iter()
        .map(|header| tags(header))
        .filter(|tags| tags.iter().any(|(name, value)| name == "d" && are_aligned(&value.to_ascii_lowercase(), from_domain)))
        .collect();
    !aligned.is_empty() && aligned.iter().all(|tags| tags.iter().any(|(name, _)| name == "l"))
}

struct Finding {
    method: String,
    result: String,
    properties: Vec<(String, String)>,
}

impl Finding {
    fn read(text: &str) -> Option<Self> {
        let spaced = text.replace(" =", "=").replace("= ", "=");
        let mut words = spaced.split_whitespace();
        let (method, result) = words.next()?.split_once('=')?;
        let method = method.split('/').next().unwrap_or_default().to_ascii_lowercase();
        let properties = words.filter_map(|word| word.split_once('='));
        let properties = properties.map(|(name, value)| (name.to_ascii_lowercase(), value.trim_matches('"').to_ascii_lowercase()));
        Some(Self { method, result: result.to_ascii_lowercase(), properties: properties.collect() })
    }

    fn passed(&self) -> bool {
        self.result == "pass"
    }

    fn property(&self, names: &[&str]) -> Option<&str> {
        self.properties.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value.as_str())
    }

    fn is_aligned(&self, names: &[&str], from_domain: &str) -> bool {
        self.property(names).is_some_and(|value| are_aligned(domain_of(value), from_domain))
    }
}

fn domain_of(value: &str) -> &str {
    value.rsplit('@').next().unwrap_or(value).trim_end_matches('.')
}

/// Relaxed alignment without a list of public suffixes: one is the other or stands above it, and is no bare suffix.
pub(super) fn are_aligned(signed: &str, from: &str) -> bool {
    let within = |inner: &str, outer: &str| inner.ends_with(outer) && inner[..inner.len() - outer.len()].ends_with('.');
    signed == from || signed.contains('.') && from.contains('.') && (within(from, signed) || within(signed, from))
}

fn without_comments(text: &str) -> String {
    let (mut depth, mut out) = (0_usize, String::new());
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(if letter.is_whitespace() { ' ' } else { letter }),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(results: &[&str], signatures: &[&str], expected: &str) {
        let trusted = Trusted::Named("mx.shop.test".to_owned());
        let traces = Traces { results: results.iter().map(|one| (*one, true)).collect(), signatures: signatures.to_vec() };
        assert_eq!(verdict(&traces, "example.com", &trusted), expected, "{results:?} {signatures:?}");
    }

    #[test]
    fn only_what_our_own_server_found_on_top_counts() {
        check(
            &[
                "mx.shop.test; spf=pass smtp.mailfrom=example.com; dkim=pass header.d=example.com; dmarc=pass (p=none) header.from=example.com",
            ],
            &[],
            "pass",
        );
        check(&["MX.shop.test 1; dmarc=pass header.from=example.com"], &[], "pass");
        check(&["mx.evil.test; dmarc=pass header.from=example.com"], &[], "none");
        check(&["mx.evil.test; dmarc=pass", "mx.shop.test; dmarc=pass header.from=example.com"], &[], "none");
        check(&["mx.shop.test; dmarc=fail header.from=example.com", "mx.shop.test; dmarc=pass header.from=example.com"], &[], "fail");
        check(&["mx.shop.test; none"], &[], "none");
        check(&[], &[], "none");
        check(&["mx.shop.test; (dmarc=pass) dmarc=fail"], &[], "fail");
        check(&["mx.shop.test; dmarc=pass header.from=evil.test"], &[], "none");
    }

    #[test]
    fn what_passes_for_another_domain_proves_nothing() {
        check(&["mx.shop.test; spf=pass smtp.mailfrom=attacker.example"], &[], "none");
        check(&["mx.shop.test; dkim=pass header.d=attacker.example; spf=pass smtp.mailfrom=x@attacker.example"], &[], "none");
        check(&["mx.shop.test; dkim=pass header.d=notexample.com"], &[], "none");
        check(&["mx.shop.test; dkim=pass header.d=com"], &[], "none");
        check(&["mx.shop.test; dkim=pass header.d=mail.example.com; dmarc=none"], &[], "pass");
        check(&["mx.shop.test; dkim=pass header.i=@example.com"], &[], "pass");
        check(&["mx.shop.test; spf=pass smtp.mailfrom=bounce@example.com; dmarc=fail"], &[], "fail");
    }

    #[test]
    fn a_signature_over_part_of_the_body_counts_as_none() {
        let open = "v=1; a=rsa-sha256; d=example.com; s=a; l=120; bh=x; b=y";
        check(&["mx.shop.test; dkim=pass header.d=example.com; dmarc=pass header.from=example.com"], &[open], "fail");
        let whole = "v=1; a=rsa-sha256; d=example.com; s=a; bh=x; b=y";
        check(&["mx.shop.test; dkim=pass header.d=example.com; dmarc=pass header.from=example.com"], &[open, whole], "pass");
        check(&["mx.shop.test; spf=pass smtp.mailfrom=example.com; dmarc=pass header.from=example.com"], &[open], "pass");
    }

    #[test]
    fn without_a_name_only_a_server_nearby_above_all_traces_counts() {
        let trusted = Trusted::Near { domain: "shop.test".to_owned(), host: "imap.host.test".to_owned() };
        let check = |header: &str, below: bool, expected: &str| {
            let traces = Traces { results: vec![(header, below)], signatures: Vec::new() };
            assert_eq!(verdict(&traces, "example.com", &trusted), expected, "{header}");
        };
        check("mx.shop.test; dmarc=pass header.from=example.com", false, "pass");
        check("imap.host.test; dmarc=pass header.from=example.com", false, "pass");
        check("mx.shop.test; dmarc=pass header.from=example.com", true, "none");
        check("mx.notshop.test; dmarc=pass header.from=example.com", false, "none");
    }
}
