//! Where secrets live: the keychain of this computer, and nowhere else.
//!
//! One entry per connection (a small JSON of its secret fields) and one for the
//! key of the database, under the service name `Quayside` (other profiles carry
//! their id behind it). There is no fallback to a file on purpose: a computer
//! without a keychain gets a sentence that says what to do.
//!
//! Every call runs on a thread of its own with a deadline, because a keychain
//! may show a dialog and wait for the person, and because its D-Bus client must
//! not run inside our async runtime.

use quayside_connectors::Secrets;
use quayside_engine::SecretStore;
use quayside_model::{Cause, ConnectionId, ExposeSecret, Refusal, SecretString};
use quayside_store::StoreKey;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the person may take to answer the keychain's own dialog.
const PATIENCE: Duration = Duration::from_secs(90);

/// Name of the entry that holds the database key.
const DATABASE_ENTRY: &str = "database";

/// What the desk needs of a keychain, beyond the secrets of connections.
pub trait Keychain: SecretStore {
    /// The key of this profile's database; `None` before the first start.
    fn database_key(&self) -> Result<Option<StoreKey>, Refusal>;
    /// Keeps it.
    fn put_database_key(&self, key: &StoreKey) -> Result<(), Refusal>;
    /// What it is called on this computer, for sentences ("the login keychain of macOS").
    fn title(&self) -> &'static str;
    /// It answers right now.
    fn check(&self) -> Result<(), Refusal>;
}

/// The keychain of the operating system.
#[derive(Debug, Clone)]
pub struct SystemKeychain {
    service: String,
}

impl SystemKeychain {
    /// For one profile: `""` is the usual one, others are kept apart by their id.
    pub fn new(profile_id: &str) -> Self {
        let service = if profile_id.is_empty() { "Quayside".to_owned() } else { format!("Quayside {profile_id}") };
        Self { service }
    }

    /// Runs `work` on its own thread; a dialog nobody answers ends in a sentence.
    fn apart<T: Send + 'static>(
        &self,
        entry: &str,
        tried: &'static str,
        work: impl FnOnce(&keyring::v1::Entry) -> keyring::v1::Result<T> + Send + 'static,
    ) -> Result<Option<T>, Refusal> {
        let (service, entry) = (self.service.clone(), entry.to_owned());
        let (send, receive) = mpsc::channel();
        std::thread::Builder::new()
            .name("keychain".into())
            .spawn(move || {
                let outcome = keyring::v1::Entry::new(&service, &entry).and_then(|entry| work(&entry));
                // Nobody listens any more when the deadline passed; the outcome is then of no use.
                let _ = send.send(outcome);
            })
            .map_err(|error| closed(tried, &format!("no thread could be started: {error}"), State::Silent))?;
        match receive.recv_timeout(PATIENCE) {
            Ok(Ok(value)) => Ok(Some(value)),
            Ok(Err(keyring::v1::Error::NoEntry)) => Ok(None),
            Ok(Err(error)) => Err(explain(tried, &error)),
            Err(_) => Err(closed(tried, "it did not answer within 90 seconds", State::Silent)),
        }
    }
}

fn entry_of(connection: &ConnectionId) -> String {
    format!("connection {connection}")
}

impl SecretStore for SystemKeychain {
    fn secrets(&self, connection: &ConnectionId) -> Result<Secrets, Refusal> {
        let entry = entry_of(connection);
        let bytes = self.apart(&entry, "read the credentials", keyring::v1::Entry::get_secret)?;
        let Some(bytes) = bytes.map(Zeroizing::new) else { return Err(not_there(connection)) };
        unpack(&bytes).ok_or_else(|| not_there(connection))
    }

    fn put_secrets(&self, connection: &ConnectionId, secrets: &Secrets) -> Result<(), Refusal> {
        let entry = entry_of(connection);
        let bytes = pack(secrets);
        self.apart(&entry, "keep the credentials", move |entry| entry.set_secret(&bytes))?;
        // Some keychains accept and forget (a session collection that is not saved); reading back is cheap.
        self.secrets(connection).map(drop)
    }

    fn forget_secrets(&self, connection: &ConnectionId) -> Result<(), Refusal> {
        let entry = entry_of(connection);
        self.apart(&entry, "forget the credentials", keyring::v1::Entry::delete_credential).map(drop)
    }
}

impl Keychain for SystemKeychain {
    fn database_key(&self) -> Result<Option<StoreKey>, Refusal> {
        let text = self.apart(DATABASE_ENTRY, "read the key of the database", keyring::v1::Entry::get_password)?;
        let Some(text) = text.map(Zeroizing::new) else { return Ok(None) };
        match StoreKey::from_hex(&text) {
            Some(key) => Ok(Some(key)),
            None => Err(Refusal::new(
                Cause::KeychainClosed,
                format!(
                    "The entry \"{DATABASE_ENTRY}\" of \"{}\" in the keychain holds no key. Something else wrote to it. \
                     Restore the keychain from your computer's backup, or restore a backup of Quayside.",
                    self.service
                ),
            )),
        }
    }

    fn put_database_key(&self, key: &StoreKey) -> Result<(), Refusal> {
        let text = key.to_hex();
        self.apart(DATABASE_ENTRY, "keep the key of the database", move |entry| entry.set_password(&text))?;
        match self.database_key()? {
            Some(kept) if kept == *key => Ok(()),
            _ => Err(closed("keep the key of the database", "what was written could not be read back", State::Silent)),
        }
    }

    fn title(&self) -> &'static str {
        if cfg!(target_os = "macos") {
            "the login keychain of macOS"
        } else if cfg!(target_os = "windows") {
            "the Credential Manager of Windows"
        } else {
            "the Secret Service (GNOME Keyring or KWallet)"
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        self.apart(DATABASE_ENTRY, "look into the keychain", keyring::v1::Entry::get_password).map(drop)
    }
}

/// Secrets that live only as long as the program: for the sandbox merchant and for tests.
#[derive(Debug, Default)]
pub struct MemoryKeychain {
    /// JSON as in the real one, so that both go through the same packing.
    entries: Mutex<BTreeMap<String, SecretString>>,
    locked: std::sync::atomic::AtomicBool,
}

impl MemoryKeychain {
    /// Closes or opens it, for tests of what a closed keychain does.
    pub fn lock(&self, locked: bool) {
        self.locked.store(locked, std::sync::atomic::Ordering::SeqCst);
    }

    fn open(&self, tried: &'static str) -> Result<std::sync::MutexGuard<'_, BTreeMap<String, SecretString>>, Refusal> {
        if self.locked.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(closed(tried, "it is locked", State::Locked));
        }
        Ok(self.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl SecretStore for MemoryKeychain {
    fn secrets(&self, connection: &ConnectionId) -> Result<Secrets, Refusal> {
        let entries = self.open("read the credentials")?;
        let text = entries.get(&entry_of(connection)).ok_or_else(|| not_there(connection))?;
        unpack(text.expose_secret().as_bytes()).ok_or_else(|| not_there(connection))
    }
    fn put_secrets(&self, connection: &ConnectionId, secrets: &Secrets) -> Result<(), Refusal> {
        let text = String::from_utf8_lossy(&pack(secrets)).into_owned();
        self.open("keep the credentials")?.insert(entry_of(connection), text.into());
        Ok(())
    }
    fn forget_secrets(&self, connection: &ConnectionId) -> Result<(), Refusal> {
        self.open("forget the credentials")?.remove(&entry_of(connection));
        Ok(())
    }
}

impl Keychain for MemoryKeychain {
    fn database_key(&self) -> Result<Option<StoreKey>, Refusal> {
        let entries = self.open("read the key of the database")?;
        Ok(entries.get(DATABASE_ENTRY).and_then(|text| StoreKey::from_hex(text.expose_secret())))
    }
    fn put_database_key(&self, key: &StoreKey) -> Result<(), Refusal> {
        self.open("keep the key of the database")?.insert(DATABASE_ENTRY.into(), key.to_hex().as_str().into());
        Ok(())
    }
    fn title(&self) -> &'static str {
        "memory only: the sandbox keeps nothing"
    }
    fn check(&self) -> Result<(), Refusal> {
        self.open("look into the keychain").map(drop)
    }
}

fn pack(secrets: &Secrets) -> Zeroizing<Vec<u8>> {
    let plain: BTreeMap<&str, &str> =
        secrets.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
    // A map of texts always serialises.
    Zeroizing::new(serde_json::to_vec(&plain).unwrap_or_default())
}

fn unpack(bytes: &[u8]) -> Option<Secrets> {
    let plain: BTreeMap<String, String> = serde_json::from_slice(bytes).ok()?;
    Some(plain.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect())
}

fn not_there(connection: &ConnectionId) -> Refusal {
    Refusal::new(
        Cause::SignInNeeded,
        format!(
            "The keychain of this computer holds no credentials for {connection}. They were removed there, or this profile was \
             copied from another computer. Enter them again under Connections."
        ),
    )
}

/// How the keychain failed, as far as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Locked,
    Absent,
    Silent,
}

fn explain(tried: &'static str, error: &keyring::v1::Error) -> Refusal {
    use keyring::v1::Error;
    match error {
        Error::NoStorageAccess(why) => closed(tried, &why.to_string(), State::Locked),
        Error::NoDefaultStore => closed(tried, "no keychain answers", State::Absent),
        Error::TooLong(what, limit) => Refusal::new(
            Cause::KeychainClosed,
            format!(
                "The credentials are too long for {}: its limit for {what} is {limit}. Check that only the key was pasted.",
                place()
            ),
        ),
        Error::Ambiguous(found) => Refusal::new(
            Cause::KeychainClosed,
            format!(
                "{} holds {} entries of the same name for Quayside, and it is not clear which one counts. Delete all but one there.",
                capital(place()),
                found.len()
            ),
        ),
        // Never the error's own Display for bad data: it may carry what was read.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => closed(tried, "the entry is damaged", State::Silent),
        other => closed(tried, &other.to_string(), State::Silent),
    }
}

fn closed(tried: &str, why: &str, state: State) -> Refusal {
    let what = match state {
        State::Locked => "is locked",
        State::Absent => "is not there",
        State::Silent => "did not answer as it should",
    };
    Refusal::new(
        Cause::KeychainClosed,
        format!("Could not {tried}: {} {what}. {} Nothing was changed.", place(), way_out(state)),
    )
    .said(why)
}

fn place() -> &'static str {
    if cfg!(target_os = "macos") {
        "the login keychain"
    } else if cfg!(target_os = "windows") {
        "the Windows Credential Manager"
    } else {
        "the keychain of this computer"
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn way_out(state: State) -> &'static str {
    if cfg!(target_os = "macos") {
        return "Open Keychain Access, unlock \"login\", and allow Quayside to use it; work then goes on by itself.";
    }
    if cfg!(target_os = "windows") {
        return "Sign in to Windows with your own account and check that the service \"Credential Manager\" is running; then try again.";
    }
    match state {
        State::Absent => {
            "Quayside keeps secrets in a keychain only, never in a file. Install one and start Quayside again: \
             `sudo apt install gnome-keyring` (or dnf, pacman), then sign in to the desktop anew. Without a desktop: \
             `dbus-run-session -- sh -c 'printf \"a password\\n\" | gnome-keyring-daemon --unlock --components=secrets; exec quayside-cli …'`."
        }
        State::Locked => {
            "Unlock it (Passwords and Keys, or KWallet; in a terminal: `printf 'your password\\n' | gnome-keyring-daemon --unlock`); \
             work then goes on by itself."
        }
        State::Silent => {
            "Open Passwords and Keys (or KWallet) and check that the default keychain opens; then try again."
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn secrets(pairs: &[(&str, &str)]) -> Secrets {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect()
    }

    #[test]
    fn what_was_kept_is_read_back_and_forgotten() {
        let keychain = MemoryKeychain::default();
        let id = ConnectionId::new("harbour-goods");
        assert_eq!(keychain.secrets(&id).unwrap_err().cause, Cause::SignInNeeded);
        keychain.put_secrets(&id, &secrets(&[("client_secret", "shpss_\"quoted\"")])).unwrap();
        assert_eq!(keychain.secrets(&id).unwrap()["client_secret"].expose_secret(), "shpss_\"quoted\"");
        keychain.forget_secrets(&id).unwrap();
        assert!(keychain.secrets(&id).is_err());
    }

    #[test]
    fn a_locked_keychain_says_what_to_do_and_shows_nothing() {
        let keychain = MemoryKeychain::default();
        let id = ConnectionId::new("a");
        keychain.put_secrets(&id, &secrets(&[("key", "canary-0123456789")])).unwrap();
        keychain.lock(true);
        let refusal = keychain.secrets(&id).unwrap_err();
        assert_eq!(refusal.cause, Cause::KeychainClosed);
        assert!(refusal.sentence.contains("locked"), "{refusal}");
        assert!(refusal.sentence.contains("nlock"), "{refusal}");
        assert!(!refusal.to_string().contains("canary"));
        assert!(!format!("{keychain:?}").contains("canary"), "{keychain:?}");
        keychain.lock(false);
        assert!(keychain.secrets(&id).is_ok());
    }

    #[test]
    fn damaged_entries_never_end_up_in_a_sentence() {
        let damaged = keyring::v1::Error::BadEncoding(b"canary".to_vec());
        assert!(!explain("read the credentials", &damaged).to_string().contains("canary"));
    }

    #[test]
    fn an_absent_keychain_says_what_to_type() {
        let refusal = explain("read the key of the database", &keyring::v1::Error::NoDefaultStore);
        assert_eq!(refusal.cause, Cause::KeychainClosed);
        if cfg!(target_os = "linux") {
            assert!(refusal.sentence.contains("apt install gnome-keyring"), "{refusal}");
            assert!(refusal.sentence.contains("never in a file"), "{refusal}");
        }
    }
}
