//! `docs/automations.md`, made from the automations and the platforms as they are declared.
//!
//! A test fails when the page is stale: `UPDATE_EXPECT=1 cargo test -p quayside-api manual` writes it anew.

use quayside_connectors::registry;
use quayside_flows::{AutomationDecl, Need, automations, why};
use quayside_model::{Declaration, FieldKept, HubField, Role};
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
    mapped_fields(&mut out, &declarations);
    out.push_str("\n## Why an order is not shipped\n\n| reason | what it means | what to do |\n|---|---|---|\n");
    for (code, title, help) in why::reasons() {
        let _ = writeln!(out, "| `{code}` | {title} | {help} |");
    }
    out
}

/// Which hub has a place for what mappings fill.
fn mapped_fields(out: &mut String, declarations: &[&Declaration]) {
    let hubs: Vec<&&Declaration> = declarations.iter().filter(|one| one.roles.contains(&Role::Hub)).collect();
    out.push_str(
        "\n## What a mapping fills\n\n\
         Mappings stand in one list for the desk and in named sets for some stores; a set can be copied, switched off, \
         written to a file and taken in on another desk, which shows what it changes before anything is kept. \
         A mapped text that is longer than the hub keeps is an exception of its order, said once. \
         What a hub has no place for is not sent there; the editor says so, and no order waits for it.\n\n",
    );
    let _ = writeln!(out, "| field | {} |", hubs.iter().map(|hub| hub.title).collect::<Vec<_>>().join(" | "));
    let _ = writeln!(out, "|---|{}", "---|".repeat(hubs.len()));
    for field in HubField::ALL {
        let cells: Vec<String> = hubs.iter().map(|hub| kept(hub, field)).collect();
        let _ = writeln!(out, "| {} | {} |", field.label(), cells.join(" | "));
    }
}

fn kept(hub: &Declaration, field: HubField) -> String {
    match hub.keeps.iter().find(|kept| kept.field == field) {
        Some(FieldKept { instead: Some(why), .. }) => format!("no: {why}"),
        Some(FieldKept { most: Some(most), .. }) => format!("yes, {most} characters"),
        _ => "yes".into(),
    }
}

/// Yes, or why not; a platform that plays none of the parts has no business with it.
fn cell(automation: &AutomationDecl, declaration: &Declaration) -> String {
    let plays = |role: Role| declaration.roles.contains(&role);
    let concerns = |need: Need| need.role().map_or_else(|| plays(Role::Channel) || plays(Role::Hub), plays);
    let concerned: Vec<Need> = automation.needs.iter().copied().filter(|need| concerns(*need)).collect();
    if concerned.is_empty() {
        return "no part in it".into();
    }
    let lacking: Vec<Need> = concerned.into_iter().filter(|need| !can(declaration, *need)).collect();
    // What another account may do instead is no reason to say no.
    let (instead, lacks): (Vec<Need>, Vec<Need>) = lacking.into_iter().partition(|need| is_anothers(*need));
    if !lacks.is_empty() {
        let words: Vec<String> = lacks.into_iter().map(Need::words).collect();
        return format!("no: does not {}", words.join(", "));
    }
    match instead.first() {
        None => "yes".into(),
        Some(Need::TellsDelivery) if plays(Role::Hub) => "yes, where the store tells deliveries".into(),
        Some(Need::TellsDelivery) => "yes, where the hub tells deliveries".into(),
        Some(_) => "yes, as the count that holds".into(),
    }
}

/// Where this platform cannot, the account on the other side may.
fn is_anothers(need: Need) -> bool {
    matches!(need, Need::SetsAnywhere(_) | Need::TellsDelivery)
}

fn can(declaration: &Declaration, need: Need) -> bool {
    match need {
        Need::Reads(_, kind) | Need::ReadsAnywhere(kind) => {
            declaration.streams.iter().any(|stream| stream.record == kind)
        }
        Need::Performs(_, kind) | Need::SetsAnywhere(kind) => declaration.performs.contains(&kind),
        Need::TellsDelivery => declaration.tells_delivery,
        Need::BuyersMayBeWritten => declaration.no_buyer_mail.is_none(),
    }
}

#[cfg(test)]
mod tests {
    /// The rows of the table by automation: platform and what its cell says.
    fn table() -> std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>> {
        let page = super::automations_page();
        let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let mut rows = page.lines().filter(|line| line.starts_with("| ") || line.starts_with("|-"));
        let head = cells(rows.next().unwrap_or_default());
        let named = |row: Vec<String>| -> (String, std::collections::BTreeMap<String, String>) {
            let title = row[0].clone();
            (title, head.iter().cloned().zip(row).skip(1).collect())
        };
        rows.skip(1).map(cells).take_while(|row| row.len() == head.len()).map(named).collect()
    }

    #[test]
    fn a_platform_takes_part_in_what_it_can_do_whatever_its_role() {
        let table = table();
        for (automation, platform, says) in [
            ("Stock", "Shopify", "yes"),
            ("Stock", "Orderez", "yes"),
            ("Stock", "ShipStation", "yes, as the count that holds"),
            ("Stock", "Salesforce", "no: does not give its counts of stock"),
            ("A task when it is delivered", "Orderez", "yes"),
            ("A task when it is delivered", "Shopify", "yes"),
            ("A task when it is delivered", "ShipStation", "yes"),
            ("A task when it is delivered", "BigCommerce", "yes, where the hub tells deliveries"),
            ("Returns", "ShipStation", "no part in it"),
            ("Orders to the hub", "ShipStation", "yes"),
            ("Orders to the hub", "Mail (SMTP)", "no part in it"),
            ("Stock", "Mail (SMTP)", "no part in it"),
            ("Buyers are told", "Mail (SMTP)", "yes"),
            ("Buyers are told", "Shopify", "yes"),
            ("Buyers are told", "Amazon", "no: does not let its buyers be written to by mail of our own"),
            ("Buyers are told", "ShipStation", "no part in it"),
        ] {
            assert_eq!(table[automation][platform], says, "{automation} × {platform}");
        }
        assert_eq!(table.len(), quayside_flows::automations().len());
    }

    #[test]
    fn the_page_is_what_the_code_says() {
        expect_test::expect_file!["../../../../docs/automations.md"].assert_eq(&super::automations_page());
    }
}
