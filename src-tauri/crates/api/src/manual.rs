//! `docs/automations.md`, made from the automations and the platforms as they are declared.
//!
//! A test fails when the page is stale: `UPDATE_EXPECT=1 cargo test -p quayside-api manual` writes it anew.

use quayside_connectors::registry;
use quayside_flows::{AutomationDecl, Need, automations, why};
use quayside_model::Declaration;
use std::fmt::Write as _;

/// The page.
pub fn automations_page() -> String {
    let mut out = String::from(
        "# Automations\n\n\
         Made from the code (`src-tauri/crates/api/src/manual.rs`); a test fails when it is stale. \
         An automation works between parts that platforms play, so this table follows from what each platform says it can do.\n\n\
         ## Which platform can take part\n\n",
    );
    let declarations: Vec<&Declaration> = registry().iter().map(|platform| platform.declaration).collect();
    // Writing to a String does not fail.
    let _ = writeln!(out, "| automation | {} |", declarations.iter().map(|d| d.title).collect::<Vec<_>>().join(" | "));
    let _ = writeln!(out, "|---|{}", "---|".repeat(declarations.len()));
    for automation in automations() {
        let cells: Vec<String> = declarations.iter().map(|declaration| cell(automation, declaration)).collect();
        let _ = writeln!(out, "| {} | {} |", automation.title, cells.join(" | "));
    }
    for automation in automations() {
        let _ = write!(out, "\n## {}\n\n{}\n\n", automation.title, automation.summary);
        for (when, then) in automation.examples {
            let _ = writeln!(out, "- {when} → {then}");
        }
        let _ = write!(out, "\nUndo: {}\n", automation.undo);
    }
    out.push_str("\n## Why an order is not shipped\n\n| reason | what it means | what to do |\n|---|---|---|\n");
    for (code, title, help) in why::reasons() {
        let _ = writeln!(out, "| `{code}` | {title} | {help} |");
    }
    out
}

/// Yes, or why not; a platform that plays none of the parts has no business with it.
fn cell(automation: &AutomationDecl, declaration: &Declaration) -> String {
    let concerned: Vec<&Need> =
        automation.needs.iter().filter(|need| declaration.roles.contains(&need.role())).collect();
    if concerned.is_empty() {
        return "no part in it".into();
    }
    let lacks: Vec<String> =
        concerned.into_iter().filter(|need| !can(declaration, **need)).map(|need| need.words()).collect();
    if lacks.is_empty() { "yes".into() } else { format!("no: does not {}", lacks.join(", ")) }
}

fn can(declaration: &Declaration, need: Need) -> bool {
    match need {
        Need::Reads(_, kind) => declaration.streams.iter().any(|stream| stream.record == kind),
        Need::Performs(_, kind) => declaration.performs.contains(&kind),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_is_what_the_code_says() {
        expect_test::expect_file!["../../../../docs/automations.md"].assert_eq(&super::automations_page());
    }
}
