//! Composites: <https://hl7.org/fhir/R4/search.html#combining>.

use fhir::model::TypeId;
use fhir::path::{self, Node, Path};

use crate::definitions::{SearchKind, ValueSet, definitions};

use super::convert::convert;
use super::value::IndexValue;

/// More combinations than this from one element are refused, not cut.
const LIMIT_COMBINATIONS: usize = 4096;

/// One part of a composite parameter.
#[derive(Debug)]
pub struct Component {
    /// The type of the part's own parameter.
    pub kind: SearchKind,
    /// One path per type that the composite's expression may give.
    pub(super) paths: Vec<(TypeId, Path)>,
    pub(super) value_set: Option<&'static ValueSet>,
}

impl Component {
    fn values<'a>(
        &'static self,
        node: &Node<'a>,
        root: &Node<'a>,
    ) -> Result<Vec<IndexValue<'a>>, path::Error> {
        let mut values = Vec::new();
        let Some((_, path)) = self.paths.iter().find(|(of, _)| *of == node.type_id) else {
            return Ok(values);
        };
        path.each_within(node, root, &definitions().model, &mut |found| {
            convert(&found, self.kind, self.value_set, &mut |value| values.push(value));
        })?;
        // What `:text` and its like look at is no value of its own.
        let is_text = self.kind == SearchKind::String;
        values.retain(|value| match value {
            IndexValue::Text(_) => is_text,
            IndexValue::OfType { .. } => false,
            _ => true,
        });
        Ok(values)
    }
}

/// Hands every combination of the parts' values in `node` to `visit`; none where a part has no value.
pub(super) fn combine<'a>(
    components: &'static [Component],
    node: &Node<'a>,
    root: &Node<'a>,
    visit: &mut dyn FnMut(IndexValue<'a>),
) -> Result<(), path::Error> {
    let mut rows: Vec<Vec<IndexValue<'a>>> = vec![Vec::with_capacity(components.len())];
    for component in components {
        let values = component.values(node, root)?;
        if values.is_empty() {
            return Ok(());
        }
        if rows.len().saturating_mul(values.len()) > LIMIT_COMBINATIONS {
            return Err(path::Error::TooMuch { limit: LIMIT_COMBINATIONS as u32 });
        }
        let with = |row: &Vec<IndexValue<'a>>, value: &IndexValue<'a>| {
            let mut row = row.clone();
            row.push(value.clone());
            row
        };
        rows = rows.iter().flat_map(|row| values.iter().map(move |value| with(row, value))).collect();
    }
    rows.into_iter().map(IndexValue::Composite).for_each(visit);
    Ok(())
}
