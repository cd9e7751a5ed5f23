//! What a document costs before it is run.
//!
//! A scalar costs nothing, an object one point, a list with `first` or `last`
//! that many times its element, a list of ids likewise, an interface its dearest
//! branch, a mutation ten. The real formula for connections is unpublished and
//! not quite linear; this one is what public measurements fit, and never cheaper.

use super::input::literal;
use super::schema::Schema;
use super::{Args, Document, Field, Operation, SelectionSet, condition, fragment};
use graphql_parser::query::Selection;

/// Points of one mutation.
pub const MUTATION: u64 = 10;

/// Points of an operation, as requested.
pub fn requested(document: &Document, operation: &Operation<'_>, variables: &Args, schema: &Schema) -> u64 {
    let count = Count { document, variables, schema };
    if operation.mutation {
        let roots = operation.selection.items.len() as u64;
        return MUTATION * roots.max(1) + count.set(operation.selection, operation.root(), true);
    }
    count.set(operation.selection, operation.root(), false)
}

struct Count<'d> {
    document: &'d Document,
    variables: &'d Args,
    schema: &'d Schema,
}

impl Count<'_> {
    /// `payload`: fields of this set are mutations, whose payload objects are free.
    fn set(&self, set: &SelectionSet, type_name: &str, payload: bool) -> u64 {
        let mut own = 0;
        let mut branch_max = 0;
        for item in &set.items {
            match item {
                Selection::Field(field) => own += self.field(field, type_name, payload),
                Selection::InlineFragment(inline) => {
                    let on = inline.type_condition.as_ref().map_or(type_name, |on| condition(on));
                    self.branch(&inline.selection_set, on, type_name, &mut own, &mut branch_max);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = fragment(self.document, &spread.fragment_name) {
                        let on = condition(&fragment.type_condition);
                        self.branch(&fragment.selection_set, on, type_name, &mut own, &mut branch_max);
                    }
                }
            }
        }
        own + branch_max
    }

    fn branch(&self, set: &SelectionSet, on: &str, within: &str, own: &mut u64, branch_max: &mut u64) {
        let points = self.set(set, on, false);
        if on == within { *own += points } else { *branch_max = (*branch_max).max(points) }
    }

    fn field(&self, field: &Field, type_name: &str, payload: bool) -> u64 {
        let Some(def) = self.schema.field(type_name, &field.name) else { return 0 };
        let inner = def.ty.name();
        if !self.schema.is_composite(inner) {
            return 0;
        }
        let below = self.set(&field.selection_set, inner, false);
        let wrapper = inner.ends_with("Connection") || inner.ends_with("Edge") || inner == "PageInfo" || payload;
        let in_connection = type_name.ends_with("Connection") && matches!(field.name.as_str(), "nodes" | "edges");
        let each = if wrapper && !(in_connection && field.name == "edges") { below } else { below + 1 };
        // `edges { node { … } }` counts the node once: the edge stands for it.
        let each = if type_name.ends_with("Edge") { below } else { each };
        each * self.times(field)
    }

    /// How many elements the client asks for.
    fn times(&self, field: &Field) -> u64 {
        let value = |wanted: &[&str]| {
            let (_, value) = field.arguments.iter().find(|(name, _)| wanted.contains(&name.as_str()))?;
            literal(value, self.variables)
        };
        if let Some(size) = value(&["first", "last"]).and_then(|value| value.as_u64()) {
            return size.max(1);
        }
        value(&["ids"]).and_then(|value| value.as_array().map(|ids| ids.len() as u64)).unwrap_or(1).max(1)
    }
}
