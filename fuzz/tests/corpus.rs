//! Inputs that broke a target once, and those that were kept because they go far: each goes through its target in every
//! run of the tests, so that what was mended stays mended.
#![allow(clippy::unwrap_used)]

use quayside_fuzz::{TARGETS, run};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// What lies in a folder, in order.
fn inside(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn every_kept_input_is_read_to_its_end() {
    let (mut tried, mut broken) = (0, Vec::new());
    for folder in inside(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")) {
        let target = folder.file_name().unwrap().to_string_lossy().into_owned();
        assert!(TARGETS.iter().any(|(name, _)| *name == target), "corpus/{target} is no target's");
        for file in inside(&folder) {
            let data = std::fs::read(&file).unwrap();
            tried += 1;
            if catch_unwind(|| run(&target, &data)).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(tried >= 10, "{tried} inputs are kept");
    assert!(broken.is_empty(), "each says above where it broke: {broken:?}");
}
