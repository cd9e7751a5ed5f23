//! A small, generic GraphQL server: parses and checks documents against a
//! schema, coerces variables, counts cost, and runs selections over whatever
//! answers to [`execute::Source`].
//!
//! It knows nothing of shops and orders. Left out: subscriptions,
//! introspection and the check for conflicting fields of one name, none of which
//! a client of the Admin API runs into.

pub mod check;
pub mod cost;
pub mod errors;
pub mod execute;
pub mod input;
pub mod schema;

use graphql_parser::query as ast;

/// The documents own their text.
pub type Document = ast::Document<'static, String>;
/// See [`Document`].
pub type Field = ast::Field<'static, String>;
/// See [`Document`].
pub type SelectionSet = ast::SelectionSet<'static, String>;
/// See [`Document`].
pub type Fragment = ast::FragmentDefinition<'static, String>;
/// See [`Document`].
pub type AstType = ast::Type<'static, String>;
/// See [`Document`].
pub type AstValue = ast::Value<'static, String>;
/// See [`Document`].
pub type VariableDefinition = ast::VariableDefinition<'static, String>;
/// See [`Document`].
pub type Directive = ast::Directive<'static, String>;

use serde_json::{Map, Value as Json};

/// Coerced arguments of one field: what was given and what has a default. An explicit `null` is kept.
pub type Args = Map<String, Json>;

/// The one operation of a document that is to be run.
pub struct Operation<'d> {
    /// Its name, if it has one.
    pub name: Option<&'d str>,
    /// `query` or `mutation`.
    pub mutation: bool,
    /// Declared variables.
    pub variables: &'d [VariableDefinition],
    /// What is asked.
    pub selection: &'d SelectionSet,
}

impl Operation<'_> {
    /// As error paths begin: `query OrdersPage`.
    pub fn title(&self) -> String {
        let word = if self.mutation { "mutation" } else { "query" };
        self.name.map_or_else(|| word.to_owned(), |name| format!("{word} {name}"))
    }
    /// Name of the root type.
    pub fn root(&self) -> &'static str {
        if self.mutation { "Mutation" } else { "QueryRoot" }
    }
}

/// Every operation of a document.
pub fn operations(document: &Document) -> Vec<Operation<'_>> {
    document.definitions.iter().filter_map(operation).collect()
}

fn operation<'d>(definition: &'d ast::Definition<'static, String>) -> Option<Operation<'d>> {
    let ast::Definition::Operation(operation) = definition else { return None };
    Some(match operation {
        ast::OperationDefinition::SelectionSet(selection) => {
            Operation { name: None, mutation: false, variables: &[], selection }
        }
        ast::OperationDefinition::Query(query) => Operation {
            name: query.name.as_deref(),
            mutation: false,
            variables: &query.variable_definitions,
            selection: &query.selection_set,
        },
        ast::OperationDefinition::Mutation(mutation) => Operation {
            name: mutation.name.as_deref(),
            mutation: true,
            variables: &mutation.variable_definitions,
            selection: &mutation.selection_set,
        },
        // The Admin API has no subscriptions; refused in the checks by its root type's absence.
        ast::OperationDefinition::Subscription(_) => return None,
    })
}

/// The fragment of that name.
pub fn fragment<'d>(document: &'d Document, name: &str) -> Option<&'d Fragment> {
    document.definitions.iter().find_map(|definition| match definition {
        ast::Definition::Fragment(fragment) if fragment.name == name => Some(fragment),
        _ => None,
    })
}

/// The type a fragment is for.
pub fn condition<'d>(condition: &'d ast::TypeCondition<'static, String>) -> &'d str {
    let ast::TypeCondition::On(name) = condition;
    name
}
