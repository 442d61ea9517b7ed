//! SPDX licence expressions: <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>, and the slash that
//! older crates write for OR.

/// Whether the licences that `allowed` accepts satisfy the expression; `None` when it is no expression.
/// A licence with an exception is asked for as `ID WITH EXCEPTION`.
pub(super) fn satisfied(text: &str, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let (verdict, rest) = alternatives(&tokens, allowed)?;
    rest.is_empty().then_some(verdict)
}

type Parsed<'a, 'b> = Option<(bool, &'b [&'a str])>;

fn alternatives<'a, 'b>(tokens: &'b [&'a str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'a, 'b> {
    let (mut verdict, mut rest) = conjunction(tokens, allowed)?;
    while let ["OR", more @ ..] = rest {
        let (next, after) = conjunction(more, allowed)?;
        (verdict, rest) = (verdict | next, after);
    }
    Some((verdict, rest))
}

fn conjunction<'a, 'b>(tokens: &'b [&'a str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'a, 'b> {
    let (mut verdict, mut rest) = licence(tokens, allowed)?;
    while let ["AND", more @ ..] = rest {
        let (next, after) = licence(more, allowed)?;
        (verdict, rest) = (verdict & next, after);
    }
    Some((verdict, rest))
}

fn licence<'a, 'b>(tokens: &'b [&'a str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'a, 'b> {
    match tokens {
        ["(", inner @ ..] => match alternatives(inner, allowed)? {
            (verdict, [")", rest @ ..]) => Some((verdict, rest)),
            _ => None,
        },
        [")" | "AND" | "OR" | "WITH", ..] | [] => None,
        [id, "WITH", exception, rest @ ..] => Some((allowed(&format!("{id} WITH {exception}")), rest)),
        [id, rest @ ..] => Some((allowed(id.trim_end_matches('+')), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Option<bool> {
        satisfied(text, &|id| ["MIT", "Apache-2.0", "Zlib", "Apache-2.0 WITH LLVM-exception"].contains(&id))
    }

    #[test]
    fn one_of_several_is_enough_and_all_of_several_are_needed() {
        assert_eq!(with("MIT"), Some(true));
        assert_eq!(with("GPL-3.0"), Some(false));
        assert_eq!(with("GPL-3.0 OR MIT"), Some(true));
        assert_eq!(with("GPL-3.0/MIT"), Some(true));
        assert_eq!(with("GPL-3.0 AND MIT"), Some(false));
        assert_eq!(with("(MIT OR GPL-3.0) AND Zlib"), Some(true));
        assert_eq!(with("MIT OR GPL-3.0 AND GPL-2.0"), Some(true));
        assert_eq!(with("(MIT OR GPL-3.0) AND GPL-2.0"), Some(false));
        assert_eq!(with("Apache-2.0 WITH LLVM-exception"), Some(true));
        assert_eq!(with("Apache-2.0 WITH another"), Some(false));
    }

    #[test]
    fn what_is_no_expression_is_not_judged() {
        for text in ["", "MIT AND", "OR MIT", "(MIT", "MIT)", "MIT Zlib", "MIT WITH"] {
            assert_eq!(with(text), None, "{text}");
        }
    }
}
