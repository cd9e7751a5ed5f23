//! The served schema, parsed once.

use super::AstValue;
use graphql_parser::schema as ast;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

const TEXT: &str = include_str!("../schema.graphql");

/// All types by name.
#[derive(Debug, Default)]
pub struct Schema {
    types: HashMap<String, Type>,
}

/// One named type.
#[derive(Debug)]
pub enum Type {
    /// Object or interface.
    Object {
        /// Fields by name.
        fields: HashMap<String, FieldDef>,
        /// Interfaces it implements.
        implements: BTreeSet<String>,
        /// It is an interface itself.
        is_interface: bool,
    },
    /// Input object.
    Input {
        /// Fields by name, in no particular order.
        fields: BTreeMap<String, ArgDef>,
        /// Exactly one field must be given.
        one_of: bool,
    },
    /// Enumeration.
    Enum(BTreeSet<String>),
    /// Scalar.
    Scalar,
}

/// A field of an object.
#[derive(Debug)]
pub struct FieldDef {
    /// Its type.
    pub ty: Ty,
    /// Its arguments.
    pub args: BTreeMap<String, ArgDef>,
}

/// An argument or input field.
#[derive(Debug)]
pub struct ArgDef {
    /// Its type.
    pub ty: Ty,
    /// Its default.
    pub default: Option<AstValue>,
}

impl ArgDef {
    /// It has to be given.
    pub fn required(&self) -> bool {
        self.ty.non_null() && self.default.is_none()
    }
}

/// A type with its wrappings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// A named type.
    Named(String),
    /// `[T]`.
    List(Box<Ty>),
    /// `T!`.
    NonNull(Box<Ty>),
}

impl Ty {
    /// From either half of the parser.
    pub fn of(ty: &ast::Type<'static, String>) -> Self {
        match ty {
            ast::Type::NamedType(name) => Self::Named(name.clone()),
            ast::Type::ListType(inner) => Self::List(Box::new(Self::of(inner))),
            ast::Type::NonNullType(inner) => Self::NonNull(Box::new(Self::of(inner))),
        }
    }
    /// `T!`.
    pub fn non_null(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
    /// Without an outer `!`.
    pub fn nullable(&self) -> &Self {
        match self {
            Self::NonNull(inner) => inner,
            other => other,
        }
    }
    /// The name within all wrappings.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.name(),
        }
    }
    /// A list, whatever its nullability.
    pub fn item(&self) -> Option<&Self> {
        match self.nullable() {
            Self::List(inner) => Some(inner),
            _ => None,
        }
    }
    /// A variable of this type may stand where `wanted` is asked.
    pub fn fits(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::NonNull(have), want) => have.fits(want.nullable()),
            (Self::List(have), Self::List(want)) => have.fits(want),
            (Self::Named(have), Self::Named(want)) => have == want,
            _ => false,
        }
    }
}

impl std::fmt::Display for Ty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::List(inner) => write!(f, "[{inner}]"),
            Self::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

impl Schema {
    /// The served schema.
    pub fn served() -> &'static Self {
        static SERVED: LazyLock<Schema> = LazyLock::new(|| Schema::parse(TEXT));
        &SERVED
    }

    /// The text it was made of.
    pub fn text() -> &'static str {
        TEXT
    }

    /// Reads a schema; a text that does not parse gives an empty one, which refuses every field.
    fn parse(text: &str) -> Self {
        let Ok(document) = ast::parse_schema::<String>(text) else { return Self::default() };
        let mut types = HashMap::new();
        for scalar in ["Int", "Float", "String", "Boolean", "ID"] {
            types.insert(scalar.to_owned(), Type::Scalar);
        }
        for definition in document.into_static().definitions {
            if let ast::Definition::TypeDefinition(definition) = definition
                && let Some((name, ty)) = read(definition)
            {
                types.insert(name, ty);
            }
        }
        Self { types }
    }

    /// The type of that name.
    pub fn get(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// A field of an object type.
    pub fn field(&self, type_name: &str, field: &str) -> Option<&FieldDef> {
        match self.types.get(type_name)? {
            Type::Object { fields, .. } => fields.get(field),
            _ => None,
        }
    }

    /// It has fields that must be selected.
    pub fn is_composite(&self, name: &str) -> bool {
        matches!(self.types.get(name), Some(Type::Object { .. }))
    }

    /// Things of type `concrete` satisfy a fragment on `condition`.
    pub fn applies(&self, condition: &str, concrete: &str) -> bool {
        condition == concrete
            || matches!(self.types.get(concrete), Some(Type::Object { implements, .. }) if implements.contains(condition))
    }

    /// Some thing could be both.
    pub fn overlaps(&self, one: &str, other: &str) -> bool {
        self.applies(one, other)
            || self.applies(other, one)
            || self.types.iter().any(|(name, ty)| {
                matches!(ty, Type::Object { is_interface: false, .. })
                    && self.applies(one, name)
                    && self.applies(other, name)
            })
    }
}

fn read(definition: ast::TypeDefinition<'static, String>) -> Option<(String, Type)> {
    Some(match definition {
        ast::TypeDefinition::Scalar(scalar) => (scalar.name, Type::Scalar),
        ast::TypeDefinition::Object(object) => {
            (object.name, object_type(object.fields, object.implements_interfaces, false))
        }
        ast::TypeDefinition::Interface(interface) => {
            (interface.name, object_type(interface.fields, interface.implements_interfaces, true))
        }
        ast::TypeDefinition::Enum(word) => {
            (word.name, Type::Enum(word.values.into_iter().map(|value| value.name).collect()))
        }
        ast::TypeDefinition::InputObject(input) => {
            let one_of = input.directives.iter().any(|directive| directive.name == "oneOf");
            (input.name, Type::Input { fields: input.fields.into_iter().map(argument).collect(), one_of })
        }
        ast::TypeDefinition::Union(_) => return None,
    })
}

fn object_type(fields: Vec<ast::Field<'static, String>>, implements: Vec<String>, is_interface: bool) -> Type {
    let fields = fields.into_iter().map(|field| {
        let args = field.arguments.into_iter().map(argument).collect();
        (field.name, FieldDef { ty: Ty::of(&field.field_type), args })
    });
    Type::Object { fields: fields.collect(), implements: implements.into_iter().collect(), is_interface }
}

fn argument(input: ast::InputValue<'static, String>) -> (String, ArgDef) {
    (input.name, ArgDef { ty: Ty::of(&input.value_type), default: input.default_value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_served_schema_parses_and_every_type_it_names_exists() {
        let schema = Schema::served();
        assert!(schema.field("QueryRoot", "orders").is_some());
        for (name, ty) in &schema.types {
            let used: Vec<&str> = match ty {
                Type::Object { fields, .. } => {
                    fields.values().flat_map(|f| f.args.values().map(|a| a.ty.name()).chain([f.ty.name()])).collect()
                }
                Type::Input { fields, .. } => fields.values().map(|f| f.ty.name()).collect(),
                Type::Enum(_) | Type::Scalar => Vec::new(),
            };
            for used in used {
                assert!(schema.get(used).is_some(), "{name} uses {used}, which is not there");
            }
        }
    }
}
