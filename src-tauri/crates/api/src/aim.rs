//! Whom an act is about: from what a screen says to single rows.

use crate::act::exception_label;
use crate::desk::Room;
use crate::trouble::Answer;
use crate::view::{Act, QueueAsk, Targets, Trouble, Verb};
use crate::{console, exceptions, filter, queue};
use quayside_model::{Cause, EffectId, EffectState, ExceptionId, OrderId};
use quayside_store::{ExceptionFilter, Reader, Sort, SortBy, StoreError};
use std::collections::HashSet;

/// Rows that one act may be about. More is a rule, not a click.
const MOST: usize = 20_000;

/// One row, with what a person calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Aim {
    Order { id: OrderId, label: String },
    Exception { id: ExceptionId, label: String, order: Option<OrderId> },
    Effect { id: EffectId, label: String, order: Option<OrderId> },
}

impl Aim {
    /// For the list of those it did not take hold of.
    pub fn label(&self) -> &str {
        match self {
            Self::Order { label, .. } | Self::Exception { label, .. } | Self::Effect { label, .. } => label,
        }
    }
    /// The order behind it.
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::Order { id, .. } => Some(*id),
            Self::Exception { order, .. } | Self::Effect { order, .. } => *order,
        }
    }
}

/// All rows an act is about, each once, in the order given.
pub(crate) fn resolve(room: &Room, act: &Act) -> Answer<Vec<Aim>> {
    let mut aims = match &act.targets {
        Targets::Orders(ids) => orders(room, ids)?,
        Targets::Exceptions(ids) => entries(room, ids)?,
        Targets::Effects(ids) => effects(room, ids)?,
        Targets::Cause(cause) => room.store.read(|r| of_cause(r, *cause))?,
        Targets::Matching(ask) => matching(room, ask)?,
        Targets::Everything if act.verb == Verb::Approve => asked(room)?,
        Targets::Everything => to_retry(room)?,
    };
    let mut seen = HashSet::new();
    aims.retain(|aim| {
        seen.insert(match aim {
            Aim::Order { id, .. } => (0, id.0),
            Aim::Exception { id, .. } => (1, id.0),
            Aim::Effect { id, .. } => (2, id.0),
        })
    });
    if aims.len() > MOST {
        return Err(Trouble::input(format!(
            "That is about more than {MOST} rows. Narrow the filter and do it in parts."
        )));
    }
    Ok(aims)
}

fn orders(room: &Room, ids: &[OrderId]) -> Answer<Vec<Aim>> {
    Ok(room.store.read(|r| {
        ids.iter()
            .map(|id| Ok(Aim::Order { id: *id, label: r.order_number(*id)?.unwrap_or_else(|| format!("id:{id}")) }))
            .collect()
    })?)
}

fn entries(room: &Room, ids: &[ExceptionId]) -> Answer<Vec<Aim>> {
    Ok(room.store.read(|r| {
        ids.iter()
            .map(|id| {
                let finding = r.finding(*id)?;
                let order = finding.as_ref().and_then(|finding| finding.order_id);
                let name = match order {
                    Some(order) => r.order_number(order)?,
                    None => counted(r, finding.and_then(|finding| finding.effect_id))?,
                };
                Ok(Aim::Exception { id: *id, label: exception_label(*id, name), order })
            })
            .collect()
    })?)
}

/// The SKU, where it is about a count of one.
fn counted(r: &Reader<'_>, effect: Option<EffectId>) -> Result<Option<String>, StoreError> {
    Ok(effect.map(|effect| r.effect(effect)).transpose()?.flatten().as_ref().and_then(exceptions::counted))
}

fn effects(room: &Room, ids: &[EffectId]) -> Answer<Vec<Aim>> {
    Ok(room.store.read(|r| {
        ids.iter()
            .map(|id| {
                let effect = r.effect(*id)?;
                let label = effect.as_ref().map_or_else(|| format!("effect {id}"), |effect| effect.sentence.clone());
                Ok(Aim::Effect { id: *id, label, order: effect.and_then(|effect| effect.order_id) })
            })
            .collect()
    })?)
}

/// Every open entry of a cause.
fn of_cause(r: &Reader<'_>, cause: Cause) -> Result<Vec<Aim>, StoreError> {
    let filter = ExceptionFilter { cause: Some(cause), ..ExceptionFilter::default() };
    let (mut aims, mut before) = (Vec::new(), None);
    loop {
        let page = r.exception_page(&filter, before, 1_000)?;
        aims.extend(page.items.into_iter().map(|item| Aim::Exception {
            id: item.finding.id,
            label: exception_label(item.finding.id, item.order_number),
            order: item.finding.order_id,
        }));
        before = page.next;
        if before.is_none() || aims.len() > MOST {
            return Ok(aims);
        }
    }
}

fn matching(room: &Room, ask: &QueueAsk) -> Answer<Vec<Aim>> {
    let ground = room.ground()?;
    let query = filter::read(&ask.text);
    if let Some(hint) = query.hints.first() {
        // On a screen a hint is a hint; here it would widen what the act is about.
        return Err(Trouble::input(format!("The filter was not understood, so nothing was done. {hint}")));
    }
    let (filter, hints) = queue::understand(&ask.view, &query, &ground)?;
    if let Some(hint) = hints.first() {
        return Err(Trouble::input(format!("The filter was not understood, so nothing was done. {hint}")));
    }
    Ok(room.store.read(|r| {
        let (mut aims, mut after) = (Vec::new(), None);
        loop {
            let page = r.queue_page(&filter, Sort { by: SortBy::Placed, descending: false }, after, 1_000)?;
            aims.extend(page.rows.into_iter().map(|row| Aim::Order { id: row.id, label: row.number }));
            after = page.next;
            if after.is_none() || aims.len() > MOST {
                return Ok(aims);
            }
        }
    })?)
}

/// Everything on the exceptions screen that can be retried, as that screen counts it: open, not muted, and a person's job.
fn to_retry(room: &Room) -> Answer<Vec<Aim>> {
    let now_ms = room.now_ms();
    Ok(room.store.read(|r| {
        let muted = console::muted(r, now_ms)?;
        let mut aims = Vec::new();
        for group in r.exception_counts()? {
            let listed = group.open > 0 && exceptions::needs_person(group.cause) && !muted.contains_key(&group.cause);
            if listed && exceptions::is_retried(group.cause) && aims.len() <= MOST {
                aims.extend(of_cause(r, group.cause)?);
            }
        }
        Ok(aims)
    })?)
}

/// Everything that waits for a click.
fn asked(room: &Room) -> Answer<Vec<Aim>> {
    Ok(room.store.read(|r| {
        let waiting = r.effects_standing(None, EffectState::Asked, MOST + 1)?;
        let aims = waiting.into_iter().map(|effect| Aim::Effect {
            id: effect.id,
            label: effect.sentence,
            order: effect.order_id,
        });
        Ok(aims.collect())
    })?)
}
