//! Rust source as tokens, as far as a check of imports and words needs it.

use std::collections::BTreeSet;

/// An identifier, `::`, a single other sign, or `""` in the place of any literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// The tokens of a source text without comments and without what `#[cfg(test)]` guards.
pub fn tokens_of(text: &str) -> Vec<Token> {
    without_tests(&lex(text))
}

fn lex(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let (mut index, mut line) = (0, 1);
    while index < chars.len() {
        let start = index;
        let mut token = None;
        match at(index) {
            '/' if at(index + 1) == '/' => index = find(&chars, index, |c| c == '\n'),
            '/' if at(index + 1) == '*' => index = comment_end(&chars, index),
            '"' => (index, token) = (string_end(&chars, index + 1), Some("\"\"".to_owned())),
            'r' | 'b' | 'c' if raw_string(&chars, index).is_some() => {
                index = raw_string(&chars, index).unwrap_or(chars.len());
                token = Some("\"\"".to_owned());
            }
            '\'' if at(index + 1) == '\\' || at(index + 2) == '\'' => {
                // A character; '\'' and '\u{..}' included. A lifetime has no quote after it.
                index = find(&chars, index + 3, |c| c == '\'') + 1;
                if at(start + 1) != '\\' {
                    index = start + 3;
                }
                token = Some("\"\"".to_owned());
            }
            ':' if at(index + 1) == ':' => (index, token) = (index + 2, Some("::".to_owned())),
            c if is_word(c) => {
                index = find(&chars, index, |c| !is_word(c));
                token = Some(chars[start..index].iter().collect());
            }
            c if c.is_whitespace() => index += 1,
            c => (index, token) = (index + 1, Some(c.to_string())),
        }
        if let Some(text) = token {
            tokens.push(Token { text, line });
        }
        line += chars[start..index.min(chars.len())].iter().filter(|&&c| c == '\n').count();
    }
    tokens
}

fn find(chars: &[char], from: usize, end: impl Fn(char) -> bool) -> usize {
    (from..chars.len()).find(|&index| end(chars[index])).unwrap_or(chars.len())
}

fn comment_end(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut index = from;
    while index + 1 < chars.len() {
        match (chars[index], chars[index + 1]) {
            ('/', '*') => (depth, index) = (depth + 1, index + 2),
            ('*', '/') => (depth, index) = (depth - 1, index + 2),
            _ => index += 1,
        }
        if depth == 0 {
            return index;
        }
    }
    chars.len()
}

/// Behind the closing quote of a string whose opening one is behind us.
fn string_end(chars: &[char], mut index: usize) -> usize {
    while index < chars.len() {
        match chars[index] {
            '\\' => index += 2,
            '"' => return index + 1,
            _ => index += 1,
        }
    }
    chars.len()
}

/// Behind `r"…"`, `r#"…"#`, `b"…"`, `br"…"` and the like, when one begins here.
fn raw_string(chars: &[char], from: usize) -> Option<usize> {
    let quote = find(chars, from, |c| !matches!(c, 'r' | 'b' | 'c' | '#'));
    let prefix: String = chars[from..quote].iter().collect();
    let letters = prefix.trim_end_matches('#');
    let is_prefix = matches!(letters, "r" | "b" | "c" | "br" | "cr");
    if !is_prefix || chars.get(quote) != Some(&'"') || from > 0 && chars[from - 1] == '_' {
        return None;
    }
    if !letters.contains('r') {
        return Some(string_end(chars, quote + 1));
    }
    let hashes = prefix.len() - letters.len();
    let closes = |index: usize| {
        chars[index] == '"' && (1..=hashes).all(|n| chars.get(index + n) == Some(&'#'))
    };
    Some((quote + 1..chars.len()).find(|&index| closes(index))? + hashes + 1)
}

/// Leaves out every item behind a `#[cfg(test)]` (or `cfg(all(test, …))`).
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let texts: Vec<&str> = tokens[index..].iter().take(7).map(|t| t.text.as_str()).collect();
        let guarded = texts.starts_with(&["#", "[", "cfg", "(", "test", ")"])
            || texts.starts_with(&["#", "[", "cfg", "(", "all", "(", "test"]);
        if guarded {
            index = item_end(tokens, index);
        } else {
            kept.push(tokens[index].clone());
            index += 1;
        }
    }
    kept
}

/// Behind the item that begins here with its attributes.
fn item_end(tokens: &[Token], mut index: usize) -> usize {
    let text = |index: usize| tokens.get(index).map(|token| token.text.as_str());
    while text(index) == Some("#") {
        index = matching(tokens, index + 1, "[", "]");
    }
    while let Some(text) = text(index) {
        match text {
            "{" => return matching(tokens, index, "{", "}"),
            ";" => return index + 1,
            _ => index += 1,
        }
    }
    index
}

/// Behind the bracket that closes the one at `index`.
fn matching(tokens: &[Token], mut index: usize, open: &str, close: &str) -> usize {
    let mut depth = 0;
    while let Some(token) = tokens.get(index) {
        index += 1;
        if token.text == open {
            depth += 1;
        } else if token.text == close {
            depth -= 1;
            if depth == 0 {
                return index;
            }
        }
    }
    index
}

/// Every path of the tokens that begins at `crate`, `super`, `std` or `core`, trees in braces taken
/// apart, `super` resolved from `module`; with the line of each.
pub fn paths(module: &str, tokens: &[Token]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let is_root = matches!(tokens[index].text.as_str(), "crate" | "super" | "std" | "core");
        let follows = tokens.get(index + 1).is_some_and(|token| token.text == "::");
        let inside = index > 0 && tokens[index - 1].text == "::";
        if is_root && follows && !inside {
            index = tree(module, "", tokens, index, &mut found);
        } else {
            index += 1;
        }
    }
    found
}

/// Reads one path or tree from `index` on, `prefix` being what stands before it.
fn tree(
    module: &str,
    prefix: &str,
    tokens: &[Token],
    mut index: usize,
    found: &mut Vec<(usize, String)>,
) -> usize {
    let mut path = prefix.to_owned();
    let line = tokens.get(index).map_or(0, |token| token.line);
    while let Some(token) = tokens.get(index) {
        match token.text.as_str() {
            "{" => {
                index += 1;
                while tokens.get(index).is_some_and(|token| token.text != "}") {
                    if tokens[index].text == "," {
                        index += 1;
                    } else {
                        let next = tree(module, &path, tokens, index, found);
                        index = next.max(index + 1);
                    }
                }
                return index + 1;
            }
            "super" => {
                let from = if path.is_empty() { module } else { &path };
                path = from.rsplit_once("::").map_or("crate", |(parent, _)| parent).to_owned();
            }
            "self" => {}
            word if word.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                if !path.is_empty() {
                    path.push_str("::");
                }
                path.push_str(word);
            }
            _ => break,
        }
        index += 1;
        if tokens.get(index).is_none_or(|token| token.text != "::") {
            break;
        }
        index += 1;
    }
    if !path.is_empty() {
        found.push((line, path));
    }
    index
}

/// Names that a file declares as modules, or that stand in its paths into the crate itself.
pub fn own_names(tokens: &[Token]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for pair in tokens.windows(2) {
        if pair[0].text == "mod" {
            names.insert(pair[1].text.clone());
        }
    }
    for (_, path) in paths("crate::a::b", tokens) {
        if path.starts_with("crate") {
            names.extend(path.split("::").map(str::to_owned));
        }
    }
    names
}
