//! A message as text for the trace, without what must not be written anywhere.

/// The message as text with its secrets masked: digest responses, SDES keys and passwords in URIs.
/// Octets that are no UTF-8 are replaced.
pub fn scrub(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    let mut clean = String::with_capacity(text.len());
    let mut in_authorization = false;
    for line in text.split_inclusive('\n') {
        let folded = line.starts_with([' ', '\t']);
        if !folded {
            let name = line.split(':').next().unwrap_or("").trim().to_ascii_lowercase();
            in_authorization = matches!(
                name.as_str(),
                "authorization" | "proxy-authorization" | "authentication-info"
            );
        }
        let lower = line.to_ascii_lowercase();
        if in_authorization {
            clean.push_str(&mask_digest(line));
        } else if lower.starts_with("a=crypto:") {
            clean.push_str(&mask_keys(line));
        } else if lower.starts_with("k=") {
            clean.push_str("k=***\r\n");
        } else {
            clean.push_str(&mask_uri_passwords(line));
        }
    }
    clean
}

/// Masks `response`, `rspauth` and `cnonce`: the three that an offline guess needs.
fn mask_digest(line: &str) -> String {
    let mut clean = line.to_owned();
    for name in ["response=", "rspauth=", "cnonce="] {
        let mut from = 0;
        while let Some(at) = clean[from..].to_ascii_lowercase().find(name).map(|at| from + at) {
            let start = at + name.len();
            let rest = &clean[start..];
            let end = match rest.strip_prefix('"') {
                Some(inner) => start + 1 + inner.find('"').map_or(inner.len(), |end| end + 1),
                None => start + rest.find([',', '\r', '\n', ' ']).unwrap_or(rest.len()),
            };
            clean.replace_range(start..end, "\"***\"");
            from = start;
        }
    }
    // Basic credentials, should anyone still send them, are the password itself.
    match clean.to_ascii_lowercase().find("basic ") {
        Some(at) => format!("{}***\r\n", &clean[..at + 6]),
        None => clean,
    }
}

fn mask_keys(line: &str) -> String {
    let mut clean = line.to_owned();
    let mut from = 0;
    while let Some(at) = clean[from..].to_ascii_lowercase().find("inline:").map(|at| from + at) {
        let start = at + "inline:".len();
        let rest = &clean[start..];
        let end = start + rest.find(['|', ';', ' ', '\r', '\n']).unwrap_or(rest.len());
        clean.replace_range(start..end, "***");
        from = start;
    }
    clean
}

/// `sip:user:password@host` loses its password.
fn mask_uri_passwords(line: &str) -> String {
    let mut clean = line.to_owned();
    let mut from = 0;
    while let Some(at) = clean[from..].to_ascii_lowercase().find("sip").map(|at| from + at) {
        from = at + 3;
        let rest = &clean[from..];
        let Some(user) = rest.strip_prefix("s:").or_else(|| rest.strip_prefix(':')) else {
            continue;
        };
        let start = clean.len() - user.len();
        let end = user.find(['@', ' ', '>', '\r', '\n', '<']).unwrap_or(user.len());
        if !user[end..].starts_with('@') {
            continue;
        }
        if let Some(colon) = user[..end].find(':') {
            clean.replace_range(start + colon + 1..start + end, "***");
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_stays_in_the_trace() {
        let text = scrub(
            b"INVITE sip:bob:hunter2@example.com SIP/2.0\r\n\
              Authorization: Digest username=\"al\",realm=\"r\",\r\n  response=\"0123abc\", cnonce=qqq,nc=1\r\n\
              Proxy-Authorization: Digest response=\"456\"\r\nSubject: response=\"kept\"\r\n\r\n\
              a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:S3cr3t|2^31;inline:0th3r\r\nk=clear:pw\r\n",
        );
        for secret in ["hunter2", "0123abc", "qqq", "456", "S3cr3t", "0th3r", "clear:pw"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        for kept in ["username=\"al\"", "nc=1", "response=\"kept\"", "|2^31", "sip:bob:***@example"]
        {
            assert!(text.contains(kept), "{kept} not in {text}");
        }
    }
}
