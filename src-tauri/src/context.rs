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
