//! Every document is valid against Shopify's own schema, and needs no permission we do not ask for.

use super::super::documents::{Document, Part};
use super::super::scopes::SCOPES;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Where the platforms' schemas are, if they are here.
fn specs() -> Option<PathBuf> {
    let folder = std::env::var_os("QUAYSIDE_SPECS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/specs")), PathBuf::from)
        .join("shopify");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: Shopify's schema is not at {}. Set QUAYSIDE_SPECS to the folder that holds it.",
        folder.display()
    );
    None
}

/// Everything asked for, each optional part left out alone, and all of them.
fn variants() -> Vec<BTreeSet<Part>> {
    let mut variants = vec![BTreeSet::new(), Part::ALL.into_iter().collect()];
    variants.extend(Part::ALL.into_iter().map(|part| BTreeSet::from([part])));
    variants
}

#[test]
fn every_document_is_valid_against_the_schema() {
    let Some(specs) = specs() else { return };
    let text = std::fs::read_to_string(specs.join("admin-2026-07.graphql")).unwrap();
    let schema = Schema::parse_and_validate(text, "admin-2026-07.graphql")
        .unwrap_or_else(|errors| Valid::assume_valid(errors.partial));
    let mut tried = 0;
    for document in Document::ALL {
        for without in variants() {
            let text = document.text(&without);
            if let Err(errors) = ExecutableDocument::parse_and_validate(&schema, &text, document.name()) {
                panic!("{} without {without:?}:\n{}\n{text}", document.name(), errors.errors);
            }
            let bare = text.replace("@idempotent(key: $key)", "");
            assert!(!bare.contains('@') && !bare.contains("#?"), "{text}");
            tried += 1;
        }
    }
    assert_eq!(tried, Document::ALL.len() * (Part::ALL.len() + 2));
}

/// Jobs that block each other, products whose time moves by itself: nothing of the kind is sent, so none of it can go
/// wrong here. Whoever adds one meets this test, and the traps.
#[test]
fn trap_16_18_nothing_that_needs_them_is_sent() {
    for document in Document::ALL {
        let text = document.text(&BTreeSet::new());
        for word in ["inventoryAdjustQuantities", "bulkOperation", "products("] {
            assert!(!text.contains(word), "{} has {word}", document.name());
        }
        // Variants are listed whole, and never by a time that moves with every sale.
        assert_eq!(text.contains("productVariants("), document == Document::Variants, "{}", document.name());
    }
    let variants = Document::Variants.text(&BTreeSet::new());
    assert!(!variants.contains("updatedAt") && !variants.contains("query:"), "{variants}");
}

/// Every code with which the platform refuses a count or a fact has its row, and no row is for a code it does not have.
#[test]
fn the_codes_of_refusals_are_the_schemas() {
    let Some(specs) = specs() else { return };
    let text = std::fs::read_to_string(specs.join("admin-2026-07.graphql")).unwrap();
    let schema = Schema::parse_and_validate(text, "admin-2026-07.graphql")
        .unwrap_or_else(|errors| Valid::assume_valid(errors.partial));
    for (name, table) in [
        ("InventorySetQuantitiesUserErrorCode", super::super::verdicts::STOCK_CODES),
        ("MetafieldsSetUserErrorCode", super::super::verdicts::METAFIELD_CODES),
    ] {
        let codes = schema.get_enum(name).unwrap();
        let theirs: BTreeSet<&str> = codes.values.keys().map(apollo_compiler::Name::as_str).collect();
        let ours: BTreeSet<&str> = table.iter().map(|(code, ..)| *code).collect();
        assert_eq!(ours, theirs, "{name}");
        assert_eq!(ours.len(), table.len(), "{name}: a code stands in two rows");
    }
}

#[test]
fn no_document_uses_a_deprecated_field() {
    let Some(specs) = specs() else { return };
    let text = std::fs::read_to_string(specs.join("access.tsv")).unwrap();
    let deprecated: BTreeSet<(String, String)> = text
        .lines()
        .filter_map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let (type_name, field) = columns.first()?.split_once('.')?;
            columns.get(3).filter(|reason| !reason.is_empty())?;
            Some((type_name.to_owned(), field.to_owned()))
        })
        .collect();
    assert!(deprecated.contains(&("Customer".to_owned(), "email".to_owned())), "the table has lost its rows");
    let mut selected = 0;
    each_field(&specs, |type_name, field, document| {
        selected += 1;
        assert!(
            !deprecated.contains(&(type_name.to_owned(), field.to_owned())),
            "{} selects {type_name}.{field}",
            document.name()
        );
    });
    assert!(selected > 200, "{selected}");
}

/// What each field needs is among the permissions the connection form asks for.
#[test]
fn the_requested_permissions_cover_every_field() {
    let Some(specs) = specs() else { return };
    let table = std::fs::read_to_string(specs.join("access.tsv")).unwrap();
    let asked: Vec<String> = SCOPES.iter().map(|scope| scope.handle.to_owned()).collect();
    let mut judged = BTreeSet::new();
    each_field(&specs, |type_name, field, document| {
        for coordinate in [format!("{type_name}.{field}"), format!("{type_name}.*")] {
            let row = table.lines().find(|line| line.split('\t').next() == Some(coordinate.as_str()));
            let Some(needs) = row.and_then(|row| row.split('\t').nth(1)).filter(|needs| needs.contains('`')) else {
                continue;
            };
            let any_of: Vec<&str> = needs
                .split('`')
                .skip(1)
                .step_by(2)
                .filter(|word| word.starts_with("read_") || word.starts_with("write_"))
                .collect();
            if any_of.is_empty() {
                continue;
            }
            judged.insert(coordinate.clone());
            let covered = any_of.iter().any(|scope| super::super::scopes::grants(&asked, scope));
            assert!(covered, "{} needs one of {any_of:?} for {coordinate}, and none is asked for", document.name());
        }
    });
    assert!(judged.len() > 10, "{judged:?}");
}

/// Calls `f` with every (type, field) the documents select.
fn each_field(specs: &std::path::Path, mut f: impl FnMut(&str, &str, Document)) {
    use apollo_compiler::executable::{Selection, SelectionSet};
    fn walk(set: &SelectionSet, document: &ExecutableDocument, seen: &mut Vec<(String, String)>) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    seen.push((set.ty.to_string(), field.name.to_string()));
                    walk(&field.selection_set, document, seen);
                }
                Selection::InlineFragment(inline) => walk(&inline.selection_set, document, seen),
                Selection::FragmentSpread(spread) => {
                    walk(&document.fragments[&spread.fragment_name].selection_set, document, seen);
                }
            }
        }
    }
    let text = std::fs::read_to_string(specs.join("admin-2026-07.graphql")).unwrap();
    let schema = Schema::parse_and_validate(text, "admin-2026-07.graphql")
        .unwrap_or_else(|errors| Valid::assume_valid(errors.partial));
    for document in Document::ALL {
        let parsed =
            ExecutableDocument::parse_and_validate(&schema, document.text(&BTreeSet::new()), document.name()).unwrap();
        let mut seen = Vec::new();
        for operation in parsed.operations.iter() {
            walk(&operation.selection_set, &parsed, &mut seen);
        }
        for (type_name, field) in seen {
            f(&type_name, &field, document);
        }
    }
}

/// What one unit of a document costs by the dearest rule anybody reported: an object is a point, a list as many as it
/// may hold, a change ten.
fn price(schema: &Schema, document: Document) -> f64 {
    use apollo_compiler::executable::{Field, Selection, SelectionSet};
    fn times(field: &Field) -> f64 {
        let first = field.arguments.iter().find(|argument| argument.name == "first");
        // A variable is the unit that is asked about.
        first.and_then(|argument| argument.value.to_i32()).map_or(1.0, f64::from)
    }
    fn of(set: &SelectionSet, document: &ExecutableDocument) -> f64 {
        let selections = set.selections.iter().map(|selection| match selection {
            Selection::Field(field) if field.selection_set.selections.is_empty() => 0.0,
            Selection::Field(field) => {
                let name = field.ty().inner_named_type().as_str();
                let free = name.ends_with("Connection") || name == "PageInfo" || name.ends_with("Payload");
                (of(&field.selection_set, document) + if free { 0.0 } else { 1.0 }) * times(field)
            }
            Selection::InlineFragment(inline) => of(&inline.selection_set, document),
            Selection::FragmentSpread(spread) => of(&document.fragments[&spread.fragment_name].selection_set, document),
        });
        selections.sum()
    }
    let parsed = ExecutableDocument::parse_and_validate(
        Valid::assume_valid_ref(schema),
        document.text(&BTreeSet::new()),
        document.name(),
    )
    .unwrap();
    let operation = parsed.operations.iter().next().unwrap();
    of(&operation.selection_set, &parsed) + if document.is_mutation() { 10.0 } else { 0.0 }
}

#[test]
fn one_unit_of_every_document_fits_into_one_call_and_is_guessed_well() {
    let Some(specs) = specs() else { return };
    let text = std::fs::read_to_string(specs.join("admin-2026-07.graphql")).unwrap();
    let schema = Schema::parse_and_validate(text, "admin-2026-07.graphql")
        .unwrap_or_else(|errors| Valid::assume_valid(errors.partial));
    let mut wrong = Vec::new();
    for document in Document::ALL {
        let (price, guess) = (price(&schema, document), document.guess_per_unit());
        assert!(price <= 1000.0, "{} costs {price}", document.name());
        if guess < price || guess > price * 1.5 + 5.0 {
            wrong.push(format!("{} costs {price}, guessed {guess}", document.name()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
