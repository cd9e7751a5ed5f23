//! What `build.rs` embedded: interface, icons, permissions. The code in here is
//! generated, so our lints do not apply to it.

#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    unused_qualifications
)]
pub fn embedded() -> tauri::Context {
    tauri::tauri_build_context!()
}

/// What the page may do is a list. Whoever makes it longer does so here, too, and in `docs/security.md`.
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};
    use std::path::{Path, PathBuf};

    fn place(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    fn parsed(file: &Path) -> Value {
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    fn keys(of: &Value) -> Vec<&str> {
        let mut keys: Vec<&str> = of.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn the_page_may_ask_three_things_of_tauri() {
        let files: Vec<PathBuf> =
            std::fs::read_dir(place("src-tauri/capabilities")).unwrap().map(|entry| entry.unwrap().path()).collect();
        let [file] = files.as_slice() else { panic!("more capabilities than one: {files:?}") };
        let main = parsed(file);
        // No `remote`: what comes from elsewhere may ask nothing.
        assert_eq!(keys(&main), ["$schema", "description", "identifier", "permissions", "windows"]);
        assert_eq!((&main["identifier"], &main["windows"]), (&json!("main"), &json!([crate::window::MAIN])));
        assert_eq!(
            main["permissions"],
            json!(["core:event:allow-listen", "core:event:allow-unlisten", "core:webview:allow-set-webview-zoom"])
        );
    }

    #[test]
    fn the_page_runs_and_loads_what_came_with_the_program() {
        let config = parsed(&place("tauri.conf.json"));
        assert_eq!(keys(&config), ["$schema", "app", "build", "bundle", "identifier", "mainBinaryName", "productName"]);
        let app = &config["app"];
        assert_eq!(keys(app), ["security", "windows", "withGlobalTauri"]);
        assert_eq!(app["withGlobalTauri"], json!(false));
        assert_eq!(keys(&app["security"]), ["capabilities", "csp", "devCsp"]);
        assert_eq!(app["security"]["capabilities"], json!(["main"]));
        let policy = json!({
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": "ipc: http://ipc.localhost",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
        });
        assert_eq!(app["security"]["csp"], policy);
        let built_in = super::embedded().config().app.security.csp.clone();
        assert_eq!(built_in, Some(serde_json::from_value(policy).unwrap()));
    }
}
