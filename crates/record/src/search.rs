//! [search](https://hl7.org/fhir/R4/http.html#search): compile, run, finish, include, sign.

use crate::{
    Record,
    compile::{self, Budget, Compiled, Unknown},
    cursor::Cursor,
    error::Error,
    read::touch,
    show, sort,
};
use access::{
    act::Act,
    audit::{Entry, Outcome},
    grant::Grant,
    scope::Permission,
};
use fhir::{
    outcome::{Issue, IssueCode, Severity},
    query::{
        self, Query,
        result::{Summary, Total},
    },
};
use r4::index;
use store::{
    read::Stored,
    select::{Position, Select, Test},
};

/// A search as a door hands it in.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// The type to search.
    pub resource_type: String,
    /// The raw query string.
    pub query: String,
    /// `Prefer: handling=lenient`: leave out what is not known, and say so.
    pub lenient: bool,
    /// Only within this compartment: type and id of its owner.
    pub compartment: Option<(String, String)>,
}

/// Why an entry is on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It matches.
    Match,
    /// It was asked for with the matches.
    Include,
}

/// One entry of a page.
#[derive(Clone, Debug)]
pub struct PageEntry {
    /// Why it is here.
    pub mode: Mode,
    /// Its type.
    pub resource_type: String,
    /// Its logical id.
    pub id: String,
    /// The resource as JSON.
    pub body: Vec<u8>,
}

/// A page of results.
#[derive(Clone, Debug)]
pub struct Page {
    /// Matches in order, then what was included.
    pub entries: Vec<PageEntry>,
    /// How many match in all, where that was asked for or is plain from the page.
    pub total: Option<u64>,
    /// The query string of the next page.
    pub next: Option<String>,
    /// What a lenient search left out.
    pub issues: Vec<Issue>,
}

/// A search made ready: every clause understood.
pub(crate) struct Ready {
    pub(crate) select: Select,
    pub(crate) finish: Vec<crate::finish::Finish>,
    pub(crate) sort: Vec<sort::Key>,
    pub(crate) issues: Vec<Issue>,
}

impl Record {
    /// One page of a search.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a query that is not understood, [`Error::Refused`], [`Error::TooCostly`].
    pub fn search(&self, act: &Act, request: &SearchRequest) -> Result<Page, Error> {
        let mut query = parse(&request.query)?;
        let cursor_text =
            query.take("_cursor").first().and_then(|c| c.values.first().map(|v| v.text().into_owned()));
        let shape = format!("{}?{}", request.resource_type, query.shape());
        let grant = self.decide(act, "search", Permission::Search, Some(&request.resource_type), &shape)?;
        let mut ready = self.ready(&request.resource_type, &query, request.lenient)?;
        if let Some((kind, id)) = &request.compartment {
            ready.select.tests.push(within(kind, id, &request.resource_type));
        }
        let purpose = purpose(request);
        let cursor = cursor_text.map(|text| self.parse_cursor(&purpose, &text)).transpose()?;
        ready.select.newest_rid = match cursor {
            Some(cursor) => cursor.newest_rid,
            None => self.store.newest_rid()?,
        };
        ready.select.after = cursor.map(|cursor| cursor.after);
        let limit = self.limit(&query);
        let (rows, more) = self.page(&grant, &ready, limit)?;
        let total = self.total(&grant, &query, &ready, cursor.is_none() && !more, rows.len())?;
        if cursor.is_none() && ready.finish.is_empty() {
            ready.issues.extend(self.withheld(&grant, &ready.select)?);
        }
        let included =
            self.included(act, &query, &request.resource_type, rows.iter().map(|(_, stored)| stored))?;
        let mut entry = Entry::new(act, "search", shape, Outcome::Done);
        touch(&mut entry, rows.iter().map(|(_, stored)| stored).chain(&included));
        self.store.witness(entry)?;
        let next = match rows.last() {
            Some((after, _)) if more => {
                let cursor = Cursor { after: *after, newest_rid: ready.select.newest_rid };
                Some(next_query(&request.query, &self.render_cursor(&purpose, cursor)))
            }
            _ => None,
        };
        let matches = rows.into_iter().map(|(_, stored)| page_entry(act, Mode::Match, stored));
        let included = included.into_iter().map(|stored| page_entry(act, Mode::Include, stored));
        let entries = matches.chain(included).collect::<Result<_, Error>>()?;
        Ok(Page { entries, total, next, issues: ready.issues })
    }

    /// Says that something is kept back, and not what.
    fn withheld(&self, grant: &Grant, select: &Select) -> Result<Option<Issue>, Error> {
        let many = self.store.withheld(grant, select)?;
        let text = format!("{many} more are restricted, by the patient or because they are sensitive");
        let issue = Issue { severity: Severity::Information, ..Issue::warning(IssueCode::Suppressed, text) };
        Ok((many > 0).then_some(issue))
    }

    fn limit(&self, query: &Query) -> usize {
        let asked = query.result.count.map_or(self.settings.page, |count| count as usize);
        match query.result.summary {
            Some(Summary::Count) => 0,
            _ => asked.min(self.settings.page_most),
        }
    }

    /// Understands every clause, or says which it does not.
    pub(crate) fn ready(&self, resource_type: &str, query: &Query, lenient: bool) -> Result<Ready, Error> {
        let mut issues = Vec::new();
        let mut tests = Vec::new();
        let mut finish = Vec::new();
        let budget = Budget::new();
        for clause in &query.clauses {
            let compiled = compile::clause(&self.settings.bases, &budget, resource_type, clause);
            match compiled.and_then(|compiled| budget.take(0).map(|()| compiled)) {
                Ok(Compiled { tests: more, finish: rest }) => {
                    tests.extend(more);
                    finish.extend(rest);
                }
                Err(Unknown(issue)) => issues.push(issue),
            }
        }
        let (order, sort) = sort::order(resource_type, query, &mut issues);
        not_offered(query, &mut issues);
        if !issues.is_empty() && !lenient {
            return Err(compile::refused(issues));
        }
        issues.iter_mut().for_each(|issue| issue.severity = Severity::Warning);
        let select = Select {
            resource_type: resource_type.to_owned(),
            tests,
            order,
            after: None,
            newest_rid: i64::MAX,
            limit: 0,
        };
        Ok(Ready { select, finish, sort, issues })
    }

    /// A page of matches, decrypting on until it is full where the index alone cannot tell.
    pub(crate) fn page(
        &self,
        grant: &Grant,
        ready: &Ready,
        limit: usize,
    ) -> Result<(Vec<(Position, Stored)>, bool), Error> {
        if limit == 0 {
            return Ok((Vec::new(), false));
        }
        if !ready.sort.is_empty() {
            return self.sorted_page(grant, ready, &ready.sort, limit);
        }
        let mut select = Select { limit, ..ready.select.clone() };
        let mut rows = Vec::with_capacity(limit);
        let mut looked_at = 0;
        loop {
            let found = self.store.search(grant, &select)?;
            let found = found.peek();
            looked_at += found.rows.len();
            for (position, stored) in &found.rows {
                if rows.len() == limit {
                    return Ok((rows, true));
                }
                if holds(ready, stored)? {
                    rows.push((*position, stored.clone()));
                }
            }
            match found.rows.last() {
                Some((position, _)) if found.more && (rows.len() < limit || !ready.finish.is_empty()) => {
                    select.after = Some(*position);
                }
                _ => return Ok((rows, found.more)),
            }
            if looked_at > self.settings.finish_most {
                let what = "this text search would have to open too many records: add another parameter, such as a birth date";
                return Err(Error::TooCostly(what.into()));
            }
        }
    }

    fn total(
        &self,
        grant: &Grant,
        query: &Query,
        ready: &Ready,
        whole: bool,
        rows: usize,
    ) -> Result<Option<u64>, Error> {
        let counting = query.result.summary == Some(Summary::Count) || query.result.count == Some(0);
        let asked = counting || matches!(query.result.total, Some(Total::Accurate | Total::Estimate));
        if whole && !counting {
            return Ok(Some(rows as u64));
        }
        if !asked {
            return Ok(None);
        }
        if ready.finish.is_empty() {
            return Ok(Some(self.store.count(grant, &ready.select)?.unsigned_abs()));
        }
        let unpaged = Ready {
            select: Select { after: None, ..ready.select.clone() },
            finish: Vec::new(),
            sort: Vec::new(),
            issues: Vec::new(),
        };
        let (rows, more) = self.page(grant, &unpaged, self.settings.finish_most)?;
        if more {
            return Err(Error::TooCostly(
                "the total of this text search is too costly to count: leave _total out".into(),
            ));
        }
        let mut total = 0;
        for (_, stored) in &rows {
            total += u64::from(holds(ready, stored)?);
        }
        Ok(Some(total))
    }
}

/// Reads a query string.
pub(crate) fn parse(text: &str) -> Result<Query, Error> {
    query::parse(text).map_err(|e| Error::Invalid(vec![Issue::error(IssueCode::Value, e.to_string())]))
}

fn holds(ready: &Ready, stored: &Stored) -> Result<bool, Error> {
    if ready.finish.is_empty() {
        return Ok(true);
    }
    let resource = stored_value(stored)?;
    Ok(ready.finish.iter().all(|finish| finish.holds(&resource)))
}

/// The resource as a value.
pub(crate) fn stored_value(stored: &Stored) -> Result<serde_json::Value, Error> {
    value_of(&stored.body)
}

/// A stored text as a value. It was checked when it came, so whatever was taken can be read again.
pub(crate) fn value_of(body: &[u8]) -> Result<serde_json::Value, Error> {
    let limits = fhir::json::Limits { depth: fhir::json::MAX_DEPTH, values: usize::MAX };
    fhir::json::parse(body, limits).map_err(|e| Error::Fault(Box::new(e)))
}

pub(crate) fn page_entry(act: &Act, mode: Mode, stored: Stored) -> Result<PageEntry, Error> {
    let (resource_type, id) = name(&stored.body);
    Ok(PageEntry { mode, resource_type, id, body: show::body(act, stored.body)? })
}

/// Type and id of a stored body, which begins with them in this order.
pub(crate) fn name(body: &[u8]) -> (String, String) {
    let text = |from: usize| {
        let rest = body.get(from..).unwrap_or_default();
        let end = rest.iter().position(|b| *b == b'"').unwrap_or(0);
        (String::from_utf8_lossy(&rest[..end]).into_owned(), from + end)
    };
    let (resource_type, end) = text("{\"resourceType\":\"".len());
    let (id, _) = text(end + "\",\"id\":\"".len());
    (resource_type, id)
}

fn purpose(request: &SearchRequest) -> String {
    let compartment =
        request.compartment.as_ref().map(|(kind, id)| format!("{kind}/{id}")).unwrap_or_default();
    format!("{} {compartment} {}", request.resource_type, without_cursor(&request.query))
}

/// The query that all pages share: empty parts and the cursor left out.
fn without_cursor(query: &str) -> String {
    let kept: Vec<&str> =
        query.split('&').filter(|part| !part.is_empty() && !part.starts_with("_cursor=")).collect();
    kept.join("&")
}

fn next_query(query: &str, cursor: &str) -> String {
    let kept = without_cursor(query);
    let and = if kept.is_empty() { "" } else { "&" };
    format!("{kept}{and}_cursor={cursor}")
}

/// Rows of a type that are in a compartment.
pub(crate) fn within(owner: &str, id: &str, member: &str) -> Test {
    if owner == member {
        return Test::Id { resource_type: owner.to_owned(), id: id.to_owned() };
    }
    let params = index::compartment::params(owner, member);
    Test::Any(
        params
            .iter()
            .map(|param| Test::Refers {
                param: param.number,
                resource_type: owner.to_owned(),
                id: id.to_owned(),
            })
            .collect(),
    )
}

/// Result parameters that would change what is returned and are not offered: silence would be a lie.
fn not_offered(query: &Query, issues: &mut Vec<Issue>) {
    let result = &query.result;
    let mut refuse = |name: &str| {
        issues.push(Issue::error(IssueCode::NotSupported, format!("{name} is not supported yet")));
    };
    if !matches!(result.summary, None | Some(Summary::Count | Summary::False)) {
        refuse("_summary, other than count and false,");
    }
    if !result.elements.is_empty() {
        refuse("_elements");
    }
    if result.contained.is_some_and(|c| c != query::result::Contained::False) {
        refuse("_contained");
    }
}
