//! From Markdown to a page: headings that can be linked to, links that stay inside, markup shown as text.

use super::{
    PICTURES, ROLES_AT,
    documents::{DOCUMENTS, Document},
};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};
use std::collections::HashMap;

/// The content of a document's page.
pub(super) fn html(document: &Document) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut open_links = Vec::new();
    for event in Parser::new_ext(document.text, options) {
        match event {
            // Our documents hold no HTML; should one ever, it is shown and not obeyed.
            Event::Html(text) | Event::InlineHtml(text) => events.push(Event::Text(text)),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let to = destination(document.path, &dest_url);
                open_links.push(to.is_some());
                let link = |to: String| Event::Start(Tag::Link { link_type, dest_url: to.into(), title, id });
                events.extend(to.map(link));
            }
            Event::End(TagEnd::Link) => {
                if open_links.pop() == Some(true) {
                    events.push(Event::End(TagEnd::Link));
                }
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = picture(document.path, &dest_url).into();
                events.push(Event::Start(Tag::Image { link_type, dest_url, title, id }));
            }
            Event::Start(Tag::Table(columns)) => {
                // A wide table scrolls by itself, by keyboard too; the page does not.
                let frame = "<div class=\"table\" role=\"region\" aria-label=\"Table\" tabindex=\"0\">\n";
                events.push(Event::Html(frame.into()));
                events.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                events.push(Event::End(TagEnd::Table));
                events.push(Event::Html("</div>\n".into()));
            }
            other => events.push(other),
        }
    }
    name_headings(&mut events);
    let mut html = String::new();
    push_html(&mut html, events.into_iter());
    html
}

/// Gives every heading the anchor that GitHub gives it, so that one link works in both places.
fn name_headings(events: &mut [Event<'_>]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for at in 0..events.len() {
        if !matches!(events[at], Event::Start(Tag::Heading { .. })) {
            continue;
        }
        let inside =
            events[at + 1..].iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let text: String = inside
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
                _ => None,
            })
            .collect();
        let anchor = anchor(&text);
        let before = seen.entry(anchor.clone()).or_default();
        let unique = if *before == 0 { anchor } else { format!("{anchor}-{before}") };
        *before += 1;
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[at] {
            *id = Some(CowStr::from(unique));
        }
    }
}

fn anchor(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

/// Where a link leads from a page of ours; `None` for files of the repository that are not built in.
fn destination(from: &str, link: &str) -> Option<String> {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| link.starts_with(scheme))
        || link.starts_with('#')
    {
        return Some(link.to_owned());
    }
    let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let path = resolve(from, file);
    if path == ROLES_AT.1 {
        return Some(format!("/help/{}", ROLES_AT.0));
    }
    let document = DOCUMENTS.iter().find(|document| document.path == path)?;
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    Some(format!("/help/{}{anchor}", document.page))
}

fn picture(from: &str, link: &str) -> String {
    let path = resolve(from, link);
    let found = PICTURES.iter().find(|picture| picture.path == path);
    found.map(|picture| format!("/help/{}", picture.name)).unwrap_or_default()
}

/// A relative path as one from the repository's root.
fn resolve(from: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_the_one_that_github_makes() {
        assert_eq!(anchor("What is not there yet"), "what-is-not-there-yet");
        assert_eq!(anchor("1. A `seq`, in order: yes"), "1-a-seq-in-order-yes");
    }

    #[test]
    fn a_path_is_resolved_from_its_document() {
        assert_eq!(resolve("docs/security.md", "../SECURITY.md"), "SECURITY.md");
        assert_eq!(resolve("README.md", "docs/./api.md"), "docs/api.md");
        assert_eq!(
            destination("docs/api.md", "operations.md#tokens").as_deref(),
            Some("/help/operations#tokens")
        );
        assert_eq!(destination("ARCHITECTURE.md", "crates/store/src/schema.rs"), None);
    }

    #[test]
    fn markup_in_a_document_is_shown_and_not_obeyed() {
        let document = Document {
            text: "# A\n\n<script>alert(1)</script>\n\nb <img src=x onerror=y> `<i>`\n\n# A\n",
            ..*documents_first()
        };
        let html = html(&document);
        assert!(
            !html.contains("<script") && !html.contains("<img") && html.contains("&lt;script&gt;"),
            "{html}"
        );
        assert!(html.contains("<h1 id=\"a\">") && html.contains("<h1 id=\"a-1\">"), "{html}");
    }

    fn documents_first() -> &'static Document {
        &DOCUMENTS[0]
    }
}
