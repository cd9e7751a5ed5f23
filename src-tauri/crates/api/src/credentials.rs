//! Credentials of accounts that are connected: tested again, replaced.
//!
//! New ones are tried before they replace anything. Whatever waits for the network reads the account anew before it
//! writes: settings may have been changed meanwhile.

use crate::browser;
use crate::connections::{gone, unknown_platform};
use crate::desk::{Desk, Room};
use crate::form::{self, Form};
use crate::trouble::Answer;
use crate::view::{ConnectionDraft, TestResult, Trouble, TroubleCode};
use quayside_connectors::connector::Secrets;
use quayside_connectors::profiles::{FORMER, Former, described_anew, profile_kit};
use quayside_connectors::{Connector, Setup};
use quayside_model::{
    Account, Cause, CheckState, ConnectionConfig, ConnectionId, CredentialField, ExposeSecret as _, FieldShape,
    Preflight, PreflightCheck, Refusal, Way,
};
use quayside_store::{NewEvent, StoreError, Tx};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Desk {
    /// **Test connection** for an account that is connected, with its stored credentials. What was learned is kept.
    pub async fn test_saved(&self, id: ConnectionId) -> Answer<TestResult> {
        let room = self.room()?;
        let config = room.store.read(|r| r.connection(&id))?.ok_or_else(|| gone(&id))?;
        let secrets = secrets_of(&room, &id).await?;
        let (preflight, _) = ask(&room, &config, secrets, Some(&id)).await;
        let result = form::tried(&preflight);
        if let (Some(account), Ok(room)) = (preflight.account, self.writable())
            && may_be(&account, &config.account)
        {
            let now_ms = room.now_ms();
            room.store.write(|tx| {
                settle_answers(tx)?;
                change(tx, &id, |config| config.account = account.known_as(&config.account))?;
                settle_answers(tx)?;
                tx.close_conditions(&id, now_ms).map(drop)
            })?;
            room.reload()?;
        }
        Ok(result)
    }

    /// New credentials for an account, tested before they replace the old ones. `way` names how to sign in from now on;
    /// empty, it follows from the fields. A secret that is not given, or empty, stays as it is; so does a field that is
    /// not given. An optional plain field that is given empty is cleared.
    pub async fn rotate(&self, id: ConnectionId, way: String, fields: BTreeMap<String, String>) -> Answer<TestResult> {
        let room = self.writable()?;
        let config = room.store.read(|r| r.connection(&id))?.ok_or_else(|| gone(&id))?;
        let typed: Vec<String> =
            fields.iter().filter(|(_, text)| !text.trim().is_empty()).map(|(name, _)| name.clone()).collect();
        let draft = redraft(&room, &config, way, fields).await?;
        let mut form = match form::read(&draft) {
            Ok(form) => form,
            Err(problems) => return Ok(form::not_tried(problems)),
        };
        // Without the old ones nobody can say that they are the same.
        let before = secrets_of(&room, &id).await.unwrap_or_default();
        let dated = date_new_secrets(&mut form, &before, &config.fields, &typed, &today(&room));
        let probe = ConnectionConfig { way: form.way.id.to_owned(), fields: form.fields.clone(), ..config.clone() };
        let given = form.secrets.clone();
        browser::complete(&room, &mut form, &probe).await?;
        let (preflight, renewed) = ask(&room, &probe, form.secrets.clone(), None).await;
        browser::renew(&mut form, &given, renewed, room.now_ms());
        let mut result = form::tried(&preflight);
        let dated_words: Vec<String> = dated.iter().map(|check| check.detail.clone()).collect();
        let Some(account) = preflight.account else { return Ok(result) };
        if !may_be(&account, &config.account) {
            result.ok = false;
            result.problems.push((
                String::new(),
                format!(
                    "These credentials open another account ({}), not the one behind {} ({}). Nothing was changed. Connect it as a new account instead.",
                    account.name, config.name, config.account.name
                ),
            ));
            return Ok(result);
        }
        if let Some(why) = lost(&room, &config, &probe, &result).await {
            result.ok = false;
            result.problems.push((String::new(), why));
            return Ok(result);
        }
        put_secrets(&room, &id, form.secrets).await?;
        result.checks.extend(dated);
        let now_ms = room.now_ms();
        let written = room.store.write(|tx| {
            settle_answers(tx)?;
            // What was begun while the account was described otherwise ends as it began.
            let before = tx.connection(&id)?.map(|config| former_of(&config)).unwrap_or_default();
            let keys: Vec<String> = before.iter().flat_map(|former| former.begun.clone()).collect();
            let begun = tx.begun(&id, &keys)?;
            let name = change(tx, &id, |config| {
                if profile_kit(&config.platform).is_some() && (config.way != probe.way || config.fields != probe.fields)
                {
                    let former = described_anew(&before, (&config.way, &config.fields), &begun);
                    drop(config.settings.remove(FORMER));
                    if !former.is_empty() {
                        config.settings.insert(FORMER.to_owned(), serde_json::json!(former));
                    }
                }
                config.account = account.known_as(&config.account);
                config.way = probe.way;
                config.fields = probe.fields;
            })?;
            settle_answers(tx)?;
            tx.close_conditions(&id, now_ms)?;
            tx.put_meta(&quayside_engine::policy::signed_in_note(&id), &now_ms.to_string())?;
            tx.note(&NewEvent {
                order_id: None,
                connection: Some(id.clone()),
                at_ms: now_ms,
                author: "person".into(),
                kind: "person".into(),
                sentence: std::iter::once(format!("New credentials for {name}"))
                    .chain(dated_words)
                    .collect::<Vec<_>>()
                    .join(". "),
                detail: None,
            })
        });
        if let Err(error) = written {
            if room.store.read(|r| r.connection(&id)).is_ok_and(|config| config.is_none()) {
                // Removed while the new ones were tested: nobody would ever forget them.
                forget(&room, &id).await;
                return Err(gone(&id));
            }
            return Err(error.into());
        }
        tracing::info!(connection = %id, "credentials were replaced");
        room.reload()?;
        Ok(result)
    }
}

/// Why new credentials would leave the account with less than the old ones, which work: one of several keys that was typed
/// wrong must not hide behind the others. Who moves to another way of signing in means it, and so does who gives one key
/// that may do less.
async fn lost(room: &Room, config: &ConnectionConfig, probe: &ConnectionConfig, new: &TestResult) -> Option<String> {
    let missing = |result: &TestResult| -> Vec<String> {
        let checks = result.checks.iter().filter(|check| check.state == CheckState::Missing);
        checks.map(|check| check.title.clone()).collect()
    };
    let now = missing(new);
    if now.is_empty() || probe.way != config.way || !has_several_keys(config) {
        return None;
    }
    let secrets = secrets_of(room, &config.id).await.ok()?;
    let (before, _) = ask(room, config, secrets, Some(&config.id)).await;
    before.account.as_ref()?;
    let before = missing(&form::tried(&before));
    let lost: Vec<String> = now.into_iter().filter(|title| !before.contains(title)).collect();
    (!lost.is_empty()).then(|| {
        format!(
            "With these credentials {} would lose what the old ones still allow: {}. Nothing was changed. Correct them, or choose another way of signing in if that is meant.",
            config.name,
            lost.join(", ")
        )
    })
}

/// Some of what the account signs in with would be a way of its own.
fn has_several_keys(config: &ConnectionConfig) -> bool {
    let ways = quayside_connectors::platform(&config.platform).map_or(&[][..], |platform| platform.declaration.ways);
    let Some(own) = ways.iter().find(|way| way.id == config.way) else { return false };
    let is_part = |way: &Way| way.fields.iter().all(|field| own.fields.iter().any(|known| known.name == field.name));
    ways.iter().any(|way| way.fields.len() < own.fields.len() && is_part(way))
}

/// Today, as a form writes it. In UTC: half a day more or less is nothing against the life of a secret.
fn today(room: &Room) -> String {
    crate::zone::local(room.now_ms(), chrono_tz::Tz::UTC).format("%Y-%m-%d").to_string()
}

/// A secret that changes leaves the day of the old one behind: a day that was not given with it is today's, and said so.
/// `given`: names of what was typed. A day that is known already and was typed again is meant.
fn date_new_secrets(
    form: &mut Form,
    before: &Secrets,
    known: &BTreeMap<String, String>,
    given: &[String],
    today: &str,
) -> Vec<PreflightCheck> {
    let mut said = Vec::new();
    let mut secret = None;
    for field in form.way.fields {
        if field.secret {
            secret = Some(field);
        }
        let Some(secret) = secret.filter(|_| field.shape == FieldShape::MadeOn) else { continue };
        let text = |secrets: &Secrets| secrets.get(secret.name).map(|one| one.expose_secret().to_owned());
        if text(&form.secrets) == text(before) || given.iter().any(|name| name == field.name) {
            continue;
        }
        form.fields.insert(field.name.to_owned(), today.to_owned());
        let old = known
            .get(field.name)
            .map(|day| format!(" The old one ({day}) goes with the old secret."))
            .unwrap_or_default();
        said.push(PreflightCheck {
            title: field.label.to_owned(),
            state: CheckState::Works,
            detail: format!(
                "{} changed and no day came with it, so today is taken ({today}).{old} If it was made earlier, enter the day under New credentials.",
                secret.label
            ),
            disables: Vec::new(),
        });
    }
    said
}

/// The form of an account that is connected, with what was given over what is known, secrets included.
pub(crate) async fn redraft(
    room: &Room,
    config: &ConnectionConfig,
    way: String,
    fields: BTreeMap<String, String>,
) -> Answer<ConnectionDraft> {
    let platform = quayside_connectors::platform(&config.platform).ok_or_else(|| unknown_platform(config))?;
    let fields = form::renamed(fields, platform.aliases);
    let mut known = config.fields.clone();
    match secrets_of(room, &config.id).await {
        Ok(old) => {
            known.extend(old.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())));
        }
        // Nothing could be kept in a closed keychain either; an entry that is gone is what this is to mend.
        Err(trouble) if trouble.code == TroubleCode::Keychain => return Err(trouble),
        Err(_) => {}
    }
    let ways = platform.declaration.ways;
    let way = if way.is_empty() { way_after(&config.way, ways, &fields, &known) } else { way };
    let wanted = ways.iter().find(|one| one.id == way).map_or(&[][..], |way| way.fields);
    Ok(ConnectionDraft {
        platform: config.platform.clone(),
        way,
        name: config.name.clone(),
        fields: merged(wanted, &known, fields),
        base_url: config.base_url.clone(),
    })
}

/// Descriptions an account had before and that something still ends by.
fn former_of(config: &ConnectionConfig) -> Vec<Former> {
    config.settings.get(FORMER).cloned().and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default()
}

/// Whether credentials may belong to the account they are for: they show it, or nothing that says otherwise.
fn may_be(shown: &Account, account: &Account) -> bool {
    account.identities().is_empty() || shown.is_same(account) != Some(false)
}

/// Answers that were given without knowing any links hold over those that are known: before news of them (what is new
/// asks) and after (what is seen for the first time does not).
fn settle_answers(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    for settled in quayside_flows::who_writes::settle_answers(&tx.connections()?) {
        tx.put_connection(&settled)?;
    }
    Ok(())
}

/// Changes an account as it stands now. Gives its name.
fn change(
    tx: &mut Tx<'_>,
    id: &ConnectionId,
    change: impl FnOnce(&mut ConnectionConfig),
) -> Result<String, StoreError> {
    let mut config = tx.connection(id)?.ok_or_else(|| StoreError::abandoned(gone(id).sentence))?;
    change(&mut config);
    tx.put_connection(&config)?;
    Ok(config.name)
}

/// How an account signs in from now on: as before where that knows all that was given, else by the first way that does
/// and lacks nothing, what is known already included.
fn way_after(before: &str, ways: &[Way], given: &BTreeMap<String, String>, known: &BTreeMap<String, String>) -> String {
    let knows = |way: &&Way| given.keys().all(|name| way.fields.iter().any(|field| field.name == name));
    let filled =
        |name: &str| [given, known].iter().any(|all| all.get(name).is_some_and(|text| !text.trim().is_empty()));
    let complete = |way: &&Way| {
        way.fields.iter().all(|field| field.optional || field.shape == FieldShape::Browser || filled(field.name))
    };
    ways.iter()
        .find(|way| way.id == before && knows(way))
        .or_else(|| ways.iter().find(|way| knows(way) && complete(way)))
        .or_else(|| ways.iter().find(knows))
        .map_or_else(|| before.to_owned(), |way| way.id.to_owned())
}

/// What a way's form holds: what was given, over what is known.
fn merged(
    wanted: &[CredentialField],
    known: &BTreeMap<String, String>,
    given: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    // A sign-in with the browser is made anew, never kept.
    let kept = wanted.iter().filter(|field| field.shape != FieldShape::Browser);
    let mut all: BTreeMap<String, String> =
        kept.filter_map(|field| Some((field.name.to_owned(), known.get(field.name)?.clone()))).collect();
    for (name, value) in given {
        let field = wanted.iter().find(|field| field.name == name);
        let may_clear = field.is_some_and(|field| field.optional && !field.secret);
        if may_clear || !value.trim().is_empty() {
            all.insert(name, value);
        }
    }
    all
}

/// Signs in and looks around. Also gives secrets that renewed themselves on the way; those of a `saved` connection
/// are in the keychain by then.
pub(crate) async fn ask(
    room: &Room,
    config: &ConnectionConfig,
    secrets: Secrets,
    saved: Option<&ConnectionId>,
) -> (Preflight, Option<Secrets>) {
    let Some(platform) = quayside_connectors::platform(&config.platform) else {
        return (Preflight { account: None, checks: Vec::new() }, None);
    };
    let setup = Setup {
        config: config.clone(),
        secrets,
        wire: room.setup.wire.clone(),
        clock: room.setup.clock.clone(),
        buckets: Vec::new(),
    };
    let connector: Arc<dyn Connector> = match (platform.open)(setup) {
        Ok(connector) => connector,
        Err(refusal) => return (Preflight::failed(&refusal), None),
    };
    let mut preflight = connector.preflight().await;
    let mut renewed = connector.renewed_secrets();
    if let Some(news) = &renewed {
        // The connector waited for this: what was renewed is written down before it is used. (What a form holds goes there
        // when the form is saved.)
        if let Some(id) = saved
            && let Err(trouble) = keep_renewed(room, id, renewed.clone()).await
        {
            let refusal = Refusal::new(Cause::KeychainClosed, trouble.sentence);
            return (Preflight::failed(&refusal), renewed);
        }
        connector.secrets_kept(news);
        preflight = connector.preflight().await;
        if let Some(more) = connector.renewed_secrets() {
            renewed.get_or_insert_default().extend(more);
        }
    }
    (preflight, renewed)
}

/// The sign-in at the platform ends with the account; why it did not. Nothing here depends on it.
pub(crate) async fn sign_out(room: &Room, config: &ConnectionConfig, secrets: Secrets) -> Option<Refusal> {
    let platform = quayside_connectors::platform(&config.platform)?;
    let setup = Setup {
        config: config.clone(),
        secrets,
        wire: room.setup.wire.clone(),
        clock: room.setup.clock.clone(),
        buckets: Vec::new(),
    };
    // What cannot even be opened holds no sign-in that could be taken back.
    (platform.open)(setup).ok()?.sign_out().await.err()
}

/// The keychain may show a dialog: never on a thread that serves others.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Answer<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Trouble::internal("Asking the keychain ended badly. Try again; nothing was changed."))?
        .map_err(Trouble::from)
}

pub(crate) async fn secrets_of(room: &Room, id: &ConnectionId) -> Answer<Secrets> {
    let (secrets, id) = (room.secrets(), id.clone());
    apart(move || secrets.secrets(&id)).await
}

pub(crate) async fn put_secrets(room: &Room, id: &ConnectionId, values: Secrets) -> Answer<()> {
    let (secrets, id) = (room.secrets(), id.clone());
    apart(move || secrets.put_secrets(&id, &values)).await
}

pub(crate) async fn keep_renewed(room: &Room, id: &ConnectionId, renewed: Option<Secrets>) -> Answer<()> {
    let Some(renewed) = renewed else { return Ok(()) };
    let mut all = secrets_of(room, id).await?;
    all.extend(renewed);
    put_secrets(room, id, all).await
}

/// Best effort, after saving failed: the person is told of that failure, not of this one.
pub(crate) async fn forget(room: &Room, id: &ConnectionId) {
    let (secrets, id) = (room.secrets(), id.clone());
    if let Err(trouble) = apart(move || secrets.forget_secrets(&id)).await {
        tracing::warn!(
            code = trouble.code.code(),
            "credentials of an account that was not connected stay in the keychain"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn field(name: &'static str, secret: bool, optional: bool) -> CredentialField {
        CredentialField { name, label: name, help: "", placeholder: "", secret, optional, shape: FieldShape::Text }
    }
    const WAYS: &[Way] = &[
        Way {
            id: "both",
            title: "",
            steps: &[],
            fields: &[field("key", true, false), field("ends", false, true), field("v2", true, false)],
        },
        Way { id: "one", title: "", steps: &[], fields: &[field("key", true, false), field("ends", false, true)] },
        Way { id: "two", title: "", steps: &[], fields: &[field("v2", true, false)] },
    ];

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_given_beside_what_is_known_chooses_the_way() {
        for (before, given, known, after) in [
            ("one", &[("key", "new")][..], &[("key", "old")][..], "one"),
            ("both", &[("v2", "new")][..], &[("key", "old"), ("v2", "old")][..], "both"),
            // A second key beside the first, not instead of it.
            ("one", &[("v2", "new")][..], &[("key", "old")][..], "both"),
            ("two", &[("key", "new")][..], &[("v2", "old")][..], "both"),
            ("one", &[("nonsense", "x")][..], &[][..], "one"),
        ] {
            assert_eq!(way_after(before, WAYS, &map(given), &map(known)), after, "{before} {given:?} {known:?}");
        }
    }

    #[test]
    fn an_empty_secret_stays_and_an_empty_optional_field_goes() {
        let known = map(&[("key", "old"), ("ends", "2027-01-01"), ("v2", "old"), ("stranger", "x")]);
        let all = merged(WAYS[0].fields, &known, map(&[("key", " "), ("ends", ""), ("v2", "new")]));
        assert_eq!(all, map(&[("key", "old"), ("ends", ""), ("v2", "new")]));
        let all = merged(WAYS[0].fields, &known, map(&[("v2", "new")]));
        assert_eq!(all, map(&[("key", "old"), ("ends", "2027-01-01"), ("v2", "new")]));
    }
}
