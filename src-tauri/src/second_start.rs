//! A second start hands over before it opens anything.
//!
//! The single-instance plugin does the same, but as part of building the program,
//! when the window system's threads already run; ending it there tears libraries
//! down under them, and about one second start in forty crashed instead of ending.
//! So this asks first, with the plugin's own call, and the plugin stays for two
//! starts at the same moment and for the systems that have no session bus.

/// Whether a program that holds `bus_name` was there and has been asked to show itself.
#[cfg(target_os = "linux")]
pub fn handed_over(bus_name: &str) -> bool {
    ask(&format!("{bus_name}.SingleInstance")).unwrap_or_else(|error| {
        // No bus, or nobody of that name: this start is the first one.
        tracing::debug!(%error, "No running program was found.");
        false
    })
}

/// Elsewhere the plugin finds the running program without a window system of its own.
#[cfg(not(target_os = "linux"))]
pub fn handed_over(_bus_name: &str) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn ask(name: &str) -> zbus::Result<bool> {
    let bus = zbus::blocking::Connection::session()?;
    let peers = zbus::blocking::fdo::DBusProxy::new(&bus)?;
    if !peers.name_has_owner(name.try_into()?)? {
        return Ok(false);
    }
    let said: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let folder = std::env::current_dir().unwrap_or_default().to_string_lossy().into_owned();
    bus.call_method(
        Some(name),
        object_path(name).as_str(),
        Some("org.SingleInstance.DBus"),
        "ExecuteCallback",
        &(said, folder),
    )?;
    Ok(true)
}

/// Where the plugin serves: the name as a path, with the one sign paths cannot have replaced.
#[cfg(target_os = "linux")]
fn object_path(name: &str) -> String {
    format!("/{}", name.replace('.', "/").replace('-', "_"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::object_path;

    #[test]
    fn the_path_is_the_plugins() {
        assert_eq!(object_path("app.quay-side.SingleInstance"), "/app/quay_side/SingleInstance");
    }
}
