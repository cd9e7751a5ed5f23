//! Embeds the interface, the icons and the permissions of the window.
//!
//! The context is made here and not by a macro, so that a rebuilt interface
//! rebuilds the program (cargo does not see files a macro reads).

use std::{fs, io, path::Path};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    if !tauri_build::is_dev() {
        say_if_interface_is_missing(Path::new("ui/dist"))?;
    }
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/*.json")
        .codegen(tauri_build::CodegenContext::new());
    Ok(tauri_build::try_build(attributes)?)
}

/// A fresh clone has no built interface, and tools that only want types should
/// not have to build one. Whoever starts such a program reads what to do.
fn say_if_interface_is_missing(dist: &Path) -> io::Result<()> {
    let page = dist.join("index.html");
    if page.exists() {
        return Ok(());
    }
    fs::create_dir_all(dist)?;
    fs::write(
        page,
        "<!doctype html><html lang=\"en\"><title>Quayside</title>\
         <body><h1>The interface is not built yet</h1>\
         <p>Type <code>make run</code> in the project folder: it builds the interface and opens the desk.</p></body></html>",
    )
}
