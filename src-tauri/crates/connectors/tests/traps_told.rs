//! What the platforms' pages promise about traps: every row names its test, and every test that is named is there.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PAGES: &[&str] = &["shopify", "shipstation", "bigcommerce", "amazon", "salesforce", "orderez"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Names of the functions that are run as tests; one that nobody runs promises nothing.
fn tests_of(code: &str) -> BTreeSet<&str> {
    let (mut tests, mut is_test) = (BTreeSet::new(), false);
    for line in code.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some((_, rest)) =
            line.split_once("fn ").filter(|(before, _)| matches!(before.trim(), "" | "async"))
        {
            tests.extend(rest.split('(').next().filter(|_| is_test));
            is_test = false;
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            is_test = false;
        }
    }
    tests
}

#[test]
fn only_what_is_run_counts_as_a_test() {
    let code = "#[test]\nfn one() {}\nfn two() {}\n#[tokio::test]\n/// why\n#[allow(x)]\nasync fn three() {}\n#[test]\nlet x;\nfn four() {}";
    assert_eq!(tests_of(code), BTreeSet::from(["one", "three"]));
}

#[test]
fn every_trap_of_a_page_has_its_test() {
    let mut code = String::new();
    sources(&root().join("src"), &mut code);
    sources(&root().join("tests"), &mut code);
    let tests = tests_of(&code);
    for page in PAGES {
        let text = std::fs::read_to_string(root().join(format!("../../../docs/platforms/{page}.md"))).unwrap();
        let (_, traps) = text.split_once("## Traps, and what we do").unwrap();
        let traps = traps.split("\n## ").next().unwrap();
        // What stands beside them has no number of the brief's.
        let traps = traps.split("\nBeside them:").next().unwrap();
        let rows: Vec<&str> = traps.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert!(rows.len() >= 14, "{page}: {} traps", rows.len());
        let numbers = rows.iter().flat_map(|row| row.split('|').nth(1).unwrap().split(',').map(str::trim));
        let mut numbers: Vec<usize> = numbers.map(|number| number.parse().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "{page}: a trap is missing, or there twice");
        for row in rows {
            let last = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
            let named: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
            assert!(!named.is_empty(), "{page} names no test: {row}");
            for name in named {
                assert!(tests.contains(name), "{page}: there is no test {name}");
            }
        }
    }
}
