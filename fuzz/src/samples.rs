//! What the inputs are made of: `corpus/<target>/`, a few texts that are almost right, and the vendors' own samples
//! where their specifications lie beside the project (`QUAYSIDE_SPECS`, or `../shared/specs`).

use serde_json::Value;
use std::path::{Path, PathBuf};

/// Largest sample that is taken from a specification, bytes.
const SAMPLE_MAX: usize = 60_000;

/// Texts almost as people write them, by target.
fn written(target: &str) -> &'static [&'static str] {
    match target {
        "search" => &[
            "is:late store:\"EU\" sku:ABC-1 age:>2d country:DE tag:vip cause:unknown_sku waits:packing value:>100",
            "ingrid sørensen",
            "#1001 -tag:vip",
            "\"two words\" email:a@b.example tracking:1Z999",
            "value:<=12,50 age:<30m due:today",
        ],
        "csv" => &[
            "store,by,store_sku,hub_sku,quantity\r\nHarbour Goods,sku,LAMP,HG-LAMP,1\r\n,variant,'=1,@X,2\r\n",
            "store_sku;hub_sku;quantity\nA;B;2\n\"A;\"\"1\";C;1\n",
            "Order Number,Lineitem sku,Lineitem quantity,Shipping Name,Created at,Shipping Country\n#1001,MUG,2,Ingrid,2026-10-20 09:12,NO\n",
        ],
        "mapping" => &[
            "\0\0\0\0\0\0{{ attributes['Gift wrap']|trim }}\u{1}yes",
            "\0\u{1}\0\u{2}\0\u{3}{{ country|lookup('zones', otherwise='?') }}/{{ value|number(2, ',') }}\u{1}100",
            "\0\u{2}\0\u{4}\0\u{4}{{ placed_date|date('%d.%m.%Y %H:%M') }}\u{1}2026-10-20",
            "\0\u{3}\0\u{8}\0\u{1}{% for line in lines %}{{ line.quantity }}×{{ line.sku }}{% endfor %}\u{1}>20",
            "\0\u{4}\0\u{8}\0\u{1}{{ tags|join('+')|upper|cut(4) }}{% if units > 2 %}x{% else %}y{% endif %}\u{1}1e3",
        ],
        // Which answer, what is done, how it is bent, which status; then by what.
        _ => &[
            "\0\0\u{2}\0\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}",
            "\u{1}\u{1}\u{2}\0abcdefgh",
            "\0\u{6}\u{3}\0\u{9}\u{9}\u{9}\u{9}",
            "\u{2}\u{3}\u{2}\0zyxwvuts",
            "\0\u{7}\u{2}\u{a}12345678",
            "\0\0\0\0{\"data\":null,\"errors\":[{\"message\":\"x\"}]}",
        ],
    }
}

/// Where the vendors' specifications are, if anywhere.
pub fn specs() -> Option<PathBuf> {
    let named = std::env::var_os("QUAYSIDE_SPECS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/specs");
    named.into_iter().chain([beside]).find(|folder| folder.is_dir())
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

/// The examples in a specification, wherever it keeps them.
fn examples(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                match (name.as_str(), inner) {
                    ("example" | "value" | "default", Value::Object(_) | Value::Array(_)) => {
                        out.push(inner.to_string());
                    }
                    ("example" | "body", Value::String(text)) if text.trim_start().starts_with(['{', '[', '<']) => {
                        out.push(text.clone());
                    }
                    _ => {}
                }
                examples(inner, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| examples(item, out)),
        _ => {}
    }
}

/// Inputs to begin with.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = written(target).iter().map(|text| text.as_bytes().to_vec()).collect();
    let mut kept = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target), &mut kept);
    kept.sort();
    all.extend(kept.iter().filter_map(|path| std::fs::read(path).ok()));
    let is_platform = !matches!(target, "search" | "csv" | "mapping" | "profile");
    if let Some(folder) = specs() {
        let mut found = Vec::new();
        files(&folder.join(if target == "profile" { "orderez" } else { target }), &mut found);
        found.sort();
        for path in found {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            if target == "profile" {
                all.push(text.into_bytes());
                continue;
            }
            let read = serde_json::from_str(&text).ok().or_else(|| serde_yaml_ng::from_str(&text).ok());
            let mut samples = Vec::new();
            if path.to_string_lossy().contains("describe") {
                samples.push(text);
            } else if let Some(value) = read {
                examples(&value, &mut samples);
            }
            for sample in samples.into_iter().filter(|sample| sample.len() < SAMPLE_MAX && is_platform) {
                // As the whole of the first answers of every reading.
                for what in 0..4 {
                    all.push([&[u8::from(what > 1), what * 4, 0, 0][..], sample.as_bytes()].concat());
                }
            }
        }
    }
    if target == "profile" {
        let shipped =
            quayside_connectors::registry().iter().filter_map(|platform| platform.kit).flat_map(|kit| (kit.shipped)());
        all.extend(shipped.map(|profile| profile.text.into_bytes()));
    }
    all
}
