//! The exceptions screen: what needs a person, what passes by itself, what is put away, what is over.

use crate::desk::Desk;
use crate::offline::{self, Offline};
use crate::trouble::Answer;
use crate::view::{EditableField, ExceptionGroup, ExceptionView, ExceptionsAsk, ExceptionsPage, Trouble};
use crate::{console, editable, gathered, links, queue, refunds, words, zone};
use quayside_connectors::platform;
use quayside_flows::is_in_trouble;
use quayside_model::cause::Action;
use quayside_model::{Cause, ConnectionId, EffectState, Intent, IntentKind, Tone};
use quayside_store::{EffectRow, ExceptionFilter, ExceptionItem, ExceptionState, FindingRow, Reader, StoreError};
use std::collections::BTreeMap;

/// Entries a group shows until it is opened, and then.
const FIRST: usize = 20;
const ALL: usize = 1_000;
/// Resolved entries that are shown.
const RESOLVED: usize = 200;

/// The views, in the order of the tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    NeedsMe,
    Waiting,
    Unknown,
    Snoozed,
    Muted,
    Resolved,
}

impl View {
    const ALL: [(&'static str, Self); 6] = [
        ("needs_me", Self::NeedsMe),
        ("waiting", Self::Waiting),
        ("unknown", Self::Unknown),
        ("snoozed", Self::Snoozed),
        ("muted", Self::Muted),
        ("resolved", Self::Resolved),
    ];

    fn read(word: &str) -> Answer<Self> {
        let word = if word.is_empty() { "needs_me" } else { word };
        let found = Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, view)| *view);
        found.ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            Trouble::field("view", format!("There is no view \"{word}\". There are {}.", words::list(&known)))
        })
    }

    fn state(self) -> ExceptionState {
        match self {
            Self::NeedsMe | Self::Waiting | Self::Unknown | Self::Muted => ExceptionState::Open,
            Self::Snoozed => ExceptionState::Snoozed,
            Self::Resolved => ExceptionState::Resolved,
        }
    }

    fn shows(self, cause: Cause, muted: bool) -> bool {
        match self {
            Self::NeedsMe => needs_person(cause) && !muted,
            Self::Muted => needs_person(cause) && muted,
            Self::Waiting => cause.passes_by_itself() && cause != Cause::OutcomeUnknown,
            Self::Unknown => cause == Cause::OutcomeUnknown,
            Self::Snoozed | Self::Resolved => true,
        }
    }
}

/// Somebody has to do something about it.
pub(crate) fn needs_person(cause: Cause) -> bool {
    !cause.passes_by_itself() && cause != Cause::OutcomeUnknown
}

impl Desk {
    /// The exceptions screen.
    pub fn exceptions(&self, ask: ExceptionsAsk) -> Answer<ExceptionsPage> {
        let room = self.room()?;
        let view = View::read(&ask.view)?;
        let now_ms = room.now_ms();
        let zone = crate::home::zone_of(&room)?;
        let names = room.names()?;
        let page = room.store.read(|r| {
            let all = r.exception_groups()?;
            let muted = console::muted(r, now_ms)?;
            let shows = |view: View, cause: Cause| view.shows(cause, muted.contains_key(&cause));
            let resolved = r.resolved_count()?;
            let mut counts: BTreeMap<String, i64> = BTreeMap::new();
            for (name, view) in View::ALL {
                let n = match view {
                    View::Snoozed => all.iter().map(|group| group.snoozed).sum(),
                    View::Resolved => resolved,
                    open => all.iter().filter(|group| shows(open, group.cause)).map(|group| group.open).sum::<u64>(),
                };
                counts.insert(name.to_owned(), n as i64);
            }
            // Nothing can be reached: one entry for the computer, not one per account.
            let offline = offline::of(r)?;
            let spare = offline.as_ref().map_or(0, |offline| offline.accounts as i64 - 1);
            if let Some(waiting) = counts.get_mut("waiting") {
                *waiting -= spare;
            }
            let causes: Vec<Cause> = match view {
                View::Resolved => Cause::ALL.to_vec(),
                View::Snoozed => all.iter().filter(|group| group.snoozed > 0).map(|group| group.cause).collect(),
                open => all
                    .iter()
                    .filter(|group| group.open > 0 && shows(open, group.cause))
                    .map(|group| group.cause)
                    .collect(),
            };
            let wanted: Vec<Cause> =
                causes.into_iter().filter(|cause| ask.cause.is_none_or(|only| only == *cause)).collect();
            let typed = ask.text.trim().to_lowercase();
            let mut groups = Vec::new();
            let mut over: BTreeMap<Cause, Vec<ExceptionItem>> = BTreeMap::new();
            if view == View::Resolved {
                let filter =
                    ExceptionFilter { state: ExceptionState::Resolved, cause: ask.cause, ..ExceptionFilter::default() };
                for item in r.exception_page(&filter, None, RESOLVED)?.items {
                    over.entry(item.finding.cause).or_default().push(item);
                }
            }
            for cause in wanted {
                let most = if ask.cause.is_some() { ALL } else { FIRST };
                let mut items = if view == View::Resolved {
                    over.remove(&cause).unwrap_or_default()
                } else {
                    let filter =
                        ExceptionFilter { state: view.state(), cause: Some(cause), ..ExceptionFilter::default() };
                    if typed.is_empty() && !gathered::is_gathered(cause) {
                        r.exception_page(&filter, None, most)?.items
                    } else {
                        found(r, &filter, &typed)?
                    }
                };
                if view == View::Resolved && !typed.is_empty() {
                    items.retain(|item| says(item, &typed));
                }
                if items.is_empty() {
                    continue;
                }
                // What is over stands there order by order, as it is counted: each ended by itself.
                let behind =
                    if view == View::Resolved { gathered::Behind::new() } else { gathered::gather(&mut items) };
                let known = all.iter().find(|group| group.cause == cause);
                let stored = match view {
                    View::Snoozed => known.map(|group| group.snoozed),
                    View::Resolved => None,
                    _ => known.map(|group| group.open),
                };
                let here = offline.as_ref().filter(|_| cause == Cause::Offline && view == View::Waiting);
                if let Some(offline) = here {
                    let mut told = false;
                    items.retain(|item| !offline::is_that(&item.finding) || !std::mem::replace(&mut told, true));
                    offline.retell(items.iter_mut().map(|item| &mut item.finding));
                }
                let stored = stored.map(|n| n.saturating_sub(if here.is_some() { spare.unsigned_abs() } else { 0 }));
                let count = stored.filter(|_| typed.is_empty()).unwrap_or(items.len() as u64) as i64;
                // What was found is counted whole, and listed as far as a list goes.
                items.truncate(if gathered::is_gathered(cause) && typed.is_empty() { most } else { ALL });
                let mut entries =
                    items.iter().map(|item| entry(r, &item.finding, &names)).collect::<Result<Vec<_>, _>>()?;
                gathered::tell(&mut entries, behind);
                if let Some(offline) = here {
                    offline.take_over(&mut entries);
                }
                let complete = entries.len() as i64 >= count;
                let orders = entries.iter().any(|entry| entry.order.is_some());
                groups.push(ExceptionGroup {
                    cause,
                    title: here.map_or_else(|| cause.title(), |_| Offline::TITLE).to_owned(),
                    summary: here.map_or_else(
                        || summary(&items, &entries, &names, complete),
                        |offline| words::count(offline.accounts as i64, "account", "accounts"),
                    ),
                    help: cause.help().to_owned(),
                    icon: cause.icon().to_owned(),
                    tone: cause.tone(),
                    count,
                    oldest_at_ms: items
                        .iter()
                        .map(|item| item.finding.opened_at_ms)
                        .chain(known.and_then(|group| group.oldest_opened_at_ms))
                        .min()
                        .unwrap_or(now_ms),
                    value: known.filter(|_| view.state() == ExceptionState::Open).map_or_else(Vec::new, |group| {
                        group.worth.iter().map(|money| (money.currency.0.clone(), money.minor)).collect()
                    }),
                    muted: muted.get(&cause).copied(),
                    actions: if view == View::Resolved { Vec::new() } else { group_actions(cause, orders) },
                    entries,
                });
            }
            // Most costly first: what stops money counts before what only looks bad.
            groups.sort_by_key(|group: &ExceptionGroup| (-worth(group), loud(group.tone), -group.count, group.cause));
            let open_orders = r.queue_counts(now_ms, now_ms)?.open;
            let blind: Vec<String> = r
                .connections()?
                .into_iter()
                .filter_map(|config| {
                    let conditions = r.conditions(&config.id).ok()?;
                    (config.paused || !conditions.is_empty()).then_some(config.name)
                })
                .collect();
            Ok(ExceptionsPage {
                groups,
                counts,
                mended_today: r.mended_since(zone::day_start(now_ms, zone))? as i64,
                assignees: r.assignees()?,
                checked: checked(open_orders, &blind),
                as_of_ms: now_ms,
            })
        })?;
        Ok(page)
    }
}

fn worth(group: &ExceptionGroup) -> i64 {
    group.value.iter().map(|(_, minor)| *minor).max().unwrap_or(0)
}

fn loud(tone: Tone) -> u8 {
    match tone {
        Tone::Danger => 0,
        Tone::Warning => 1,
        Tone::Hold => 2,
        Tone::Info | Tone::Neutral | Tone::Success => 3,
    }
}

/// Every entry that says it, however many there are.
fn found(r: &Reader<'_>, filter: &ExceptionFilter, typed: &str) -> Result<Vec<ExceptionItem>, StoreError> {
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = r.exception_page(filter, before, ALL)?;
        found.extend(page.items.into_iter().filter(|item| says(item, typed)));
        before = page.next;
        if before.is_none() {
            return Ok(found);
        }
    }
}

fn says(item: &ExceptionItem, typed: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(typed);
    has(&item.finding.sentence)
        || item.finding.said.as_deref().is_some_and(has)
        || item.order_number.as_deref().is_some_and(has)
        || item.customer.as_deref().is_some_and(has)
        || has(&item.finding.assignee)
}

/// What was checked, and what could not be.
fn checked(open_orders: u64, blind: &[String]) -> String {
    let looked = format!(
        "Both sides of {} are compared whenever either changes.",
        words::count(open_orders as i64, "open order", "open orders")
    );
    if blind.is_empty() { looked } else { format!("{looked} Not checkable now: {}.", words::list(blind)) }
}

/// What can be done to all entries of a cause: what its table says, and trying again wherever single entries are.
/// Counts of stock have no order that could be mended or opened.
fn group_actions(cause: Cause, orders: bool) -> Vec<Action> {
    let mut actions = cause.actions().to_vec();
    actions.retain(|action| orders || cause.is_about_connection() || !is_done_to_orders(*action));
    // Money is given back for one order at a time, and one parcel is followed.
    actions.retain(|action| !matches!(action, Action::Refund | Action::OpenTracking));
    if is_retried(cause) && !actions.contains(&Action::Retry) {
        // Before "settled": nobody should give up first what another look might mend.
        let at = actions.iter().position(|action| *action == Action::Resolve).unwrap_or(actions.len());
        actions.insert(at, Action::Retry);
    }
    actions
}

/// All entries of the cause can be tried again with one click.
pub(crate) fn is_retried(cause: Cause) -> bool {
    let by_order = needs_person(cause) && is_tried_again(cause) && !cause.is_about_connection();
    cause.actions().contains(&Action::Retry) || by_order
}

/// Reading the order again and deciding anew may end it. What is only told, or done elsewhere, it does not.
pub(crate) fn is_tried_again(cause: Cause) -> bool {
    !matches!(
        cause,
        Cause::RuleAlert
            | Cause::MappingCut
            | Cause::MappingDrift
            | Cause::EnterByHand
            | Cause::ChangeByHand
            | Cause::SeenTwice
            | Cause::WhoWrites
            | Cause::Late
            | Cause::AtRisk
            | Cause::CancelledAfterLabel
            | Cause::LabelVoided
            | Cause::HubNotifyFailed
            | Cause::CarrierTrouble
            | Cause::Returned
            | Cause::LabelElsewhere
            | Cause::BuyerNotTold
            | Cause::Forgotten
    )
}

/// It takes an order to do it.
fn is_done_to_orders(action: Action) -> bool {
    match action {
        Action::CancelInChannel
        | Action::VoidLabel
        | Action::ShipAnyway
        | Action::Release
        | Action::MapSku
        | Action::Link
        | Action::CopyOrder
        | Action::WhoWrites
        | Action::ChooseCustomer
        | Action::EditAndRetry
        | Action::OpenChannel
        | Action::OpenHub
        | Action::OpenTracking
        | Action::Refund
        | Action::Approve => true,
        Action::Retry
        | Action::SignIn
        | Action::Resolve
        | Action::Skip
        | Action::LookNow
        | Action::Connect
        | Action::SwitchOn => false,
    }
}

/// The button that does once more what was answered and is not there. `None`: it is sent again by itself.
fn again(r: &Reader<'_>, finding: &FindingRow, effect: Option<&EffectRow>) -> Result<Option<Action>, StoreError> {
    let cancelled = || -> Result<bool, StoreError> {
        let story = finding.order_id.map(|id| r.story(id)).transpose()?.flatten();
        Ok(story.is_some_and(|story| story.order.is_cancelled()))
    };
    Ok(match effect.map(|effect| effect.intent.kind()) {
        Some(IntentKind::Refund) => Some(Action::Refund),
        Some(IntentKind::VoidLabel) => Some(Action::VoidLabel),
        // Only its money was forgotten.
        Some(IntentKind::CancelChannelOrder) if cancelled()? => Some(Action::Refund),
        Some(IntentKind::CancelChannelOrder) => Some(Action::CancelInChannel),
        _ => None,
    })
}

/// One entry as a person sees it.
pub(crate) fn entry(
    r: &Reader<'_>,
    finding: &FindingRow,
    names: &BTreeMap<ConnectionId, String>,
) -> Result<ExceptionView, StoreError> {
    let order = finding.order_id.map(|id| r.queue_row(id)).transpose()?.flatten();
    let effect = finding.effect_id.map(|id| r.effect(id)).transpose()?.flatten();
    let mut actions: Vec<Action> = finding.cause.actions().to_vec();
    if finding.resolved_at_ms.is_some() {
        actions.clear();
    }
    if finding.cause == Cause::Forgotten
        && finding.resolved_at_ms.is_none()
        && let Some(action) = again(r, finding, effect.as_ref())?
    {
        actions.insert(0, action);
    }
    let blocked = effect.as_ref().map(|effect| effect.state);
    // Whatever the cause: what was refused can be tried again or given up, what only waits can be given up, and what was
    // read once can be read again.
    let more = |action: Action| match action {
        Action::Skip => {
            matches!(blocked, Some(EffectState::Asked | EffectState::Pending | EffectState::Refused))
        }
        Action::Retry => match blocked {
            Some(state) => state == EffectState::Refused,
            None => order.is_some() && is_tried_again(finding.cause),
        },
        _ => false,
    };
    let page = match page_of_store(r, finding)? {
        Some(page) => Some(page),
        None => page_of_parcel(r, finding)?,
    };
    let (channel_page, hub_page) = match (finding.order_id, finding.resolved_at_ms) {
        (Some(id), None) => r.pages_of(id)?,
        _ => (finding.connection.clone().filter(|_| page.is_some()), None),
    };
    if finding.resolved_at_ms.is_none() {
        actions.extend([Action::Retry, Action::Skip].into_iter().filter(|action| more(*action)));
        actions.extend(hub_page.as_ref().map(|_| Action::OpenHub));
        actions.extend(channel_page.as_ref().map(|_| Action::OpenChannel));
    }
    let refundable = actions.contains(&Action::Refund)
        && match finding.order_id.map(|id| r.story(id)).transpose()?.flatten() {
            Some(story) => refunds::is_owed(&story) && takes_refunds(r, &story.channel)?,
            None => false,
        };
    // Only what can be done: giving up needs something to give up, asking needs something lost, a page must be there.
    actions.retain(|action| match action {
        Action::Skip => more(Action::Skip),
        Action::LookNow => {
            effect.as_ref().is_some_and(|effect| matches!(effect.state, EffectState::Unknown | EffectState::Refused))
        }
        Action::OpenChannel => channel_page.is_some(),
        Action::OpenHub => hub_page.is_some(),
        Action::OpenTracking => page.is_some(),
        Action::Refund => refundable,
        // Counts and products are entered by hand, too.
        Action::CopyOrder => order.is_some() || finding.cause == Cause::ChangeByHand,
        action => order.is_some() || !is_done_to_orders(*action),
    });
    let mut offered: Vec<Action> = Vec::new();
    actions.retain(|action| {
        let new = !offered.contains(action);
        offered.push(*action);
        new
    });
    let title_of = |id: Option<ConnectionId>| -> Result<Option<String>, StoreError> {
        let Some(config) = id.map(|id| r.connection(&id)).transpose()?.flatten() else { return Ok(None) };
        Ok(platform(&config.platform).map(|platform| platform.declaration.title.to_owned()))
    };
    let (channel_title, hub_title) = (title_of(channel_page)?, title_of(hub_page)?);
    let mut fields: Vec<EditableField> = Vec::new();
    if actions.contains(&Action::EditAndRetry)
        && let Some(id) = finding.order_id
        && let Some(story) = r.story(id)?
    {
        fields = editable::fields(
            finding.cause,
            about(finding, effect.as_ref().and_then(|effect| effect.refusal.as_ref())),
            &story,
        );
    }
    Ok(ExceptionView {
        id: finding.id,
        cause: finding.cause,
        title: finding.cause.title().to_owned(),
        help: finding.cause.help().to_owned(),
        icon: finding.cause.icon().to_owned(),
        tone: finding.cause.tone(),
        sentence: finding.sentence.clone(),
        said: finding.said.clone(),
        connection: finding.connection.clone().or_else(|| effect.as_ref().map(|effect| effect.connection.clone())),
        order: order.map(|row| queue::row(row, names)),
        counted: match effect.as_ref().and_then(counted) {
            Some(sku) => Some(sku),
            None => entered(r, finding)?,
        },
        effect: finding.effect_id,
        opened_at_ms: finding.opened_at_ms,
        last_seen_at_ms: finding.last_seen_at_ms,
        count: i64::from(finding.count),
        snoozed_until_ms: finding.snoozed_until_ms,
        resolved_at_ms: finding.resolved_at_ms,
        resolved_by: finding.resolved_by.clone(),
        assignee: finding.assignee.clone(),
        actions,
        channel_title,
        hub_title,
        page,
        editable: fields,
        all: vec![finding.id],
        orders: Vec::new(),
    })
}

/// Where a store that is told of as a whole can be looked at, while it is.
fn page_of_store(r: &Reader<'_>, finding: &FindingRow) -> Result<Option<String>, StoreError> {
    let told = matches!(finding.cause, Cause::QuietChannel | Cause::MappingDrift) && finding.resolved_at_ms.is_none();
    let Some(id) = finding.connection.as_ref().filter(|_| told) else { return Ok(None) };
    Ok(r.connection(id)?.and_then(|config| config.account.admin_url))
}

/// Where a parcel in trouble can be followed, while it is.
fn page_of_parcel(r: &Reader<'_>, finding: &FindingRow) -> Result<Option<String>, StoreError> {
    let told = finding.cause == Cause::CarrierTrouble && finding.resolved_at_ms.is_none();
    let Some(id) = finding.order_id.filter(|_| told) else { return Ok(None) };
    let Some(story) = r.story(id)? else { return Ok(None) };
    let parcel = story.parcels.iter().find(|seen| is_in_trouble(&seen.value, &finding.about));
    let Some(url) = parcel.and_then(|seen| seen.value.tracking_url.clone()) else { return Ok(None) };
    Ok(links::allowed(&url, &r.connections()?).map(|_| url))
}

/// The SKU whose count the change is about.
pub(crate) fn counted(effect: &EffectRow) -> Option<String> {
    match (&effect.subject, &effect.intent) {
        (Some(_), Intent::SetStock { stock }) => Some(stock.sku.clone()),
        _ => None,
    }
}

/// The SKU of which somebody enters something by hand.
fn entered(r: &Reader<'_>, finding: &FindingRow) -> Result<Option<String>, StoreError> {
    let (None, Some(account), Cause::ChangeByHand) = (finding.order_id, &finding.connection, finding.cause) else {
        return Ok(None);
    };
    match finding.about.strip_prefix(quayside_model::PRODUCT_SUBJECT) {
        // As names are compared: the sentence has it as it is written.
        Some(sku) => Ok(Some(sku.to_owned())),
        None => Ok(r.counted_sku(account, &finding.about)?.map(|(_, theirs)| theirs)),
    }
}

/// The account gives money back when it is told to.
fn takes_refunds(r: &Reader<'_>, id: &ConnectionId) -> Result<bool, StoreError> {
    let Some(config) = r.connection(id)? else { return Ok(false) };
    let known = platform(&config.platform);
    Ok(known.is_some_and(|platform| config.performs(platform.declaration).contains(&IntentKind::Refund)))
}

/// What narrows the cause down: the platform's word for it (a SKU) before our own (a line id).
pub(crate) fn about<'a>(finding: &'a FindingRow, refusal: Option<&'a quayside_model::Refusal>) -> &'a str {
    let of_platform = refusal.and_then(|refusal| refusal.about.as_deref()).filter(|about| !about.is_empty());
    // A product is called by its SKU.
    of_platform.unwrap_or_else(|| finding.about.strip_prefix(quayside_model::PRODUCT_SUBJECT).unwrap_or(&finding.about))
}

/// What these in particular say: `HG-LAMP-S (4), HG-LAMP-L (1)`; else by store.
fn summary(
    items: &[ExceptionItem],
    entries: &[ExceptionView],
    names: &BTreeMap<ConnectionId, String>,
    complete: bool,
) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (item, entry) in items.iter().zip(entries) {
        let broken: Vec<&EditableField> =
            entry.editable.iter().filter(|field| field.problem.is_some() && !field.value.trim().is_empty()).collect();
        let label = if item.finding.cause == Cause::UnknownSku && !broken.is_empty() {
            broken.iter().map(|field| field.value.clone()).collect::<Vec<_>>().join(", ")
        } else {
            let of = item.order_connection.as_ref().or(item.finding.connection.as_ref());
            match of {
                Some(id) => names.get(id).cloned().unwrap_or_else(|| id.to_string()),
                None => continue,
            }
        };
        *counts.entry(label).or_default() += 1;
    }
    // One label for all says nothing the count does not say.
    if counts.len() == 1 && items.first().is_some_and(|item| item.finding.cause != Cause::UnknownSku) {
        return counts.into_keys().next().unwrap_or_default();
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let shown: Vec<String> = counts.iter().take(4).map(|(label, n)| format!("{label} ({n})")).collect();
    let more = if counts.len() > 4 || !complete { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
