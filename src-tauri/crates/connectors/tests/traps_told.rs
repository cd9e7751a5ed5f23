//! What the platforms' pages promise about traps: every row names its test, and every test that is named is there.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const PAGES: &[&str] = &["bigcommerce", "amazon", "salesforce", "orderez"];

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

#[test]
fn every_trap_of_a_page_has_its_test() {
    let mut code = String::new();
    sources(&root().join("src"), &mut code);
    sources(&root().join("tests"), &mut code);
    let tests: BTreeSet<&str> = code
        .split("fn ")
        .skip(1)
        .filter_map(|rest| rest.split_once('(').map(|(name, _)| name))
        .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    for page in PAGES {
        let text = std::fs::read_to_string(root().join(format!("../../../docs/platforms/{page}.md"))).unwrap();
        let (_, traps) = text.split_once("## Traps, and what we do").unwrap();
        let traps = traps.split("\n## ").next().unwrap();
        let rows: Vec<&str> = traps.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert!(rows.len() > 15, "{page}: {} traps", rows.len());
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
