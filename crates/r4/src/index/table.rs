//! Which parameters a resource can have values for, told by the keys it has: an Observation without components needs
//! a third of Observation's expressions.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::params::SearchParam;

/// Parameters behind the first 128 are always asked; no type of R4 has that many.
type Bits = u128;

/// The parameters of one type.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) params: Vec<SearchParam>,
    /// Those that may find something in any resource.
    always: Bits,
    /// Those that begin at a key.
    by_key: FxHashMap<Box<str>, Bits>,
}

impl Table {
    pub(super) fn new(params: Vec<SearchParam>) -> Table {
        let mut table = Table::default();
        for (at, param) in params.iter().enumerate() {
            let bit = bit(at);
            match first_keys(param) {
                None => table.always |= bit,
                Some(keys) => {
                    keys.iter().for_each(|key| *table.by_key.entry((*key).into()).or_default() |= bit)
                }
            }
        }
        table.params = params;
        table
    }

    /// The parameters that may have a value in `resource`, in order.
    pub(super) fn asked(
        &'static self,
        resource: &Map<String, Value>,
    ) -> impl Iterator<Item = &'static SearchParam> {
        let mut asked = self.always;
        for key in resource.keys() {
            let key = key.strip_prefix('_').unwrap_or(key);
            asked |= self.by_key.get(key).copied().unwrap_or_default();
        }
        let is_asked = move |at: usize| asked & bit(at) != 0 || bit(at) == 0;
        self.params.iter().enumerate().filter(move |(at, _)| is_asked(*at)).map(|(_, param)| param)
    }
}

fn bit(at: usize) -> Bits {
    u32::try_from(at).ok().and_then(|at| Bits::checked_shl(1, at)).unwrap_or(0)
}

/// The keys of which one must be there; `None` where there may be a value without.
fn first_keys(param: &SearchParam) -> Option<Vec<&str>> {
    let (mut keys, is_needed) = param.path.as_ref()?.first_keys();
    if is_needed {
        return Some(keys);
    }
    // A composite of the resource itself has no value where its last part has none.
    let last = &param.components.last()?.paths;
    let (_, path) = last.iter().find(|(of, _)| *of == param.type_id)?;
    let (more, is_needed) = path.first_keys();
    keys.extend(more);
    is_needed.then_some(keys)
}
