//! A platform's name appears in its own folder only: whoever adds one writes a folder and a line of the registry, and
//! nothing else in the house has to know. This walks the rooms that must not, and reads what they say.
//!
//! Not looked at: comments (they may give an example), tests, the window's fake desk (it plays accounts) and the
//! bindings (they are generated).
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// Rooms that know no platform, from the house's root.
const ROOMS: [&str; 8] = [
    "src-tauri/crates/model/src",
    "src-tauri/crates/store/src",
    "src-tauri/crates/engine/src",
    "src-tauri/crates/flows/src",
    "src-tauri/crates/api/src",
    "src-tauri/crates/cli/src",
    "src-tauri/src",
    "ui/src",
];

/// Parts of them that are no product.
const LEFT_OUT: [&str; 2] = ["ui/src/lib/fake/", "ui/src/lib/api/bindings.ts"];

/// Whose comments are what a person reads: the terminal's help is made of them.
const COMMENTS_ARE_TEXT: &str = "src-tauri/crates/cli/src/args.rs";

/// Where a name may stand: the file, what the line holds, and why.
const ALLOWED: [(&str, &str, &str); 6] = [
    ("src-tauri/crates/flows/src/buyer_zone.rs", "\"AMAZONAS\"", "a state of Brazil"),
    ("src-tauri/crates/cli/src/args.rs", "besides Shopify and ShipStation", "the sandbox always plays these two"),
    ("src-tauri/crates/cli/src/args.rs", "shop=harbour-goods.myshopify.com", "an example to copy"),
    ("src-tauri/crates/cli/src/secrets.rs", "shop=harbour-goods.myshopify.com", "an example to copy"),
    ("src-tauri/crates/cli/src/commands/accounts.rs", "quayside-cli connect shopify", "an example to copy"),
    (
        "src-tauri/crates/cli/src/commands/sandbox.rs",
        "quayside_sandbox::shopify::ShopPlan",
        "how the sandbox's stores are planned",
    ),
];

fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path
            .extension()
            .is_some_and(|end| ["rs", "ts", "svelte", "css", "html", "sql"].iter().any(|one| end == *one))
        {
            out.push(path);
        }
    }
}

/// A file's lines without comments and tests, with their numbers.
fn said(text: &str, comments_too: bool) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut inside: Option<&str> = None;
    let lines: Vec<&str> = text.lines().collect();
    for (n, line) in lines.iter().copied().enumerate() {
        // By our own habit the tests of a file are its last part.
        let mut next = lines.iter().skip(n + 1).take(2);
        if line.starts_with("#[cfg(test)]") && next.any(|line| line.starts_with("mod ") && line.contains('{')) {
            break;
        }
        let mut kept = String::new();
        let mut rest = line;
        loop {
            if let Some(end) = inside {
                let Some(at) = rest.find(end) else { break };
                (rest, inside) = (&rest[at + end.len()..], None);
                continue;
            }
            let opening = |mark: &'static str| rest.find(mark).map(|at| (at, mark));
            // What follows a colon is an address.
            let line_comment =
                rest.match_indices("//").find(|(at, _)| !rest[..*at].ends_with(':')).map(|(at, _)| (at, "//"));
            let first = [opening("/*"), opening("<!--"), line_comment].into_iter().flatten().min();
            match first {
                Some((at, "//")) => {
                    kept.push_str(if comments_too { rest } else { &rest[..at] });
                    break;
                }
                Some((at, mark)) => {
                    kept.push_str(&rest[..at]);
                    inside = Some(if mark == "/*" { "*/" } else { "-->" });
                    rest = &rest[at + mark.len()..];
                }
                None => {
                    kept.push_str(rest);
                    break;
                }
            }
        }
        out.push((n + 1, kept));
    }
    out
}

#[test]
fn a_platforms_name_appears_in_its_own_folder_only() {
    let names: Vec<String> =
        quayside_connectors::registry().iter().map(|one| one.declaration.platform.to_lowercase()).collect();
    assert!(names.len() >= 6, "{names:?}");
    let root = house();
    let (mut found, mut used, mut read) = (Vec::new(), [false; ALLOWED.len()], 0);
    for room in ROOMS {
        let mut all = Vec::new();
        files(&root.join(room), &mut all);
        for path in all {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            let is_test = name.contains("/tests/") || name.contains(".test.") || name.ends_with("_tests.rs");
            if is_test || LEFT_OUT.iter().any(|part| name.starts_with(part)) {
                continue;
            }
            read += 1;
            for (n, line) in said(&std::fs::read_to_string(&path).unwrap(), name == COMMENTS_ARE_TEXT) {
                let small = line.to_lowercase();
                if !names.iter().any(|platform| small.contains(platform.as_str())) {
                    continue;
                }
                match ALLOWED.iter().position(|(file, piece, _)| *file == name && line.contains(piece)) {
                    Some(at) => used[at] = true,
                    None => found.push(format!("{name}:{n}: {}", line.trim())),
                }
            }
        }
    }
    assert!(read > 300, "only {read} files were read: the house moved");
    assert!(found.is_empty(), "platforms are named outside their folders:\n{}", found.join("\n"));
    let stale: Vec<_> = ALLOWED.iter().zip(used).filter(|(_, used)| !used).map(|(allowed, _)| allowed).collect();
    assert!(stale.is_empty(), "allowed, and not there any more: {stale:?}");
}

#[test]
fn comments_and_tests_are_left_out_and_nothing_else() {
    for (text, kept) in [
        ("let a = \"x\"; // y", "let a = \"x\"; "),
        ("let url = \"https://x\";", "let url = \"https://x\";"),
        ("a /* b */ c", "a  c"),
        ("a <!-- b\nc --> d", "a \n d"),
        ("a\n#[cfg(test)]\nmod tests {}", "a"),
        ("a\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n}", "a"),
        ("a\n#[cfg(test)]\nmod by_itself;\nb", "a\n#[cfg(test)]\nmod by_itself;\nb"),
    ] {
        let lines: Vec<String> = said(text, false).into_iter().map(|(_, line)| line).collect();
        assert_eq!(lines.join("\n"), kept, "{text}");
    }
    assert_eq!(said("/// Help.", true), [(1, "/// Help.".to_owned())]);
}

/// One folder and one line: the registry's own file names a platform twice (its `mod` and its line), and nothing else
/// outside the folder does.
#[test]
fn a_platform_is_a_folder_and_a_line() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&source, &mut all);
    for platform in quayside_connectors::registry() {
        let name = platform.declaration.platform;
        assert!(source.join(name).join("mod.rs").is_file(), "{name} has a folder of its own");
        let mut places = Vec::new();
        for path in &all {
            let file = path.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
            if file.starts_with(&format!("{name}/")) || file.starts_with("testing") || file.ends_with("tests.rs") {
                continue;
            }
            for (n, line) in said(&std::fs::read_to_string(path).unwrap(), false) {
                if line.contains(&format!("{name}::")) || line.contains(&format!("mod {name};")) {
                    places.push(format!("{file}:{n}: {}", line.trim()));
                }
            }
        }
        assert_eq!(places.len(), 2, "{name}: {places:#?}");
    }
}

/// Somebody who connects an account can be told when its credentials end, or that they do not; and a date that is declared
/// is a date.
#[test]
fn every_way_says_how_long_it_lasts_and_every_end_is_a_day() {
    for platform in quayside_connectors::registry() {
        let declaration = platform.declaration;
        let name = declaration.platform;
        let ways: Vec<&str> = declaration.ways.iter().map(|way| way.id).collect();
        let lasting: Vec<&str> = declaration.lasting.iter().map(|(way, _)| *way).collect();
        assert_eq!(lasting, ways, "{name}");
        for api in declaration.api {
            assert_eq!(api.last_day().map(|day| day.to_string()).as_deref(), api.until, "{name} {}", api.name);
            assert!(!api.name.is_empty() && !api.version.is_empty(), "{name}");
        }
        for (n, api) in declaration.api.iter().enumerate() {
            assert!(declaration.api[..n].iter().all(|other| other.name != api.name), "{name} has two of {}", api.name);
        }
    }
}
