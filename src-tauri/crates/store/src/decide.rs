//! Writing a decision: queue row, index, outbox and exceptions in one go.
//! Level-triggered: the same decision twice leaves the store as it was after once.

use crate::ahead::Foreseen;
use crate::error::StoreError;
use crate::store::{Topic, Tx};
use quayside_model::{Decision, EffectId, ExceptionId, Order, OrderId};

/// What a decision changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// Effects that were written to the outbox.
    pub new_effects: Vec<EffectId>,
    /// Exceptions that are new.
    pub opened: Vec<ExceptionId>,
    /// Exceptions that mended themselves.
    pub closed: Vec<ExceptionId>,
}

impl Tx<'_> {
    /// Writes what was decided about an order, in the transaction of what changed its story.
    pub fn put_decision(
        &mut self,
        id: OrderId,
        order: &Order,
        decision: &Decision,
        now_ms: i64,
    ) -> Result<Decided, StoreError> {
        let standing = self.standing(id)?;
        let facts = self.put_facts(id, order, &standing, now_ms)?;
        let search_hash = self.index(id, order, &decision.effects, standing.search_hash)?;
        let moved = self.put_standing(id, order, decision, &standing, search_hash)?;
        if facts || moved {
            self.touch_order(id, Topic::Orders);
        }
        self.carry_out(id, decision, now_ms)
    }

    /// Plans what was decided, and opens and closes its exceptions: all of a decision but the queue's row.
    pub fn carry_out(&mut self, id: OrderId, decision: &Decision, now_ms: i64) -> Result<Decided, StoreError> {
        // What is overtaken leaves the line before its successors enter it.
        for (effect, why) in &decision.overtaken {
            self.skip(*effect, why, now_ms, "quayside", "Overtaken")?;
        }
        self.ask_proof(&decision.prove, now_ms)?;
        self.ask_quotes(id, &decision.quotes, now_ms)?;
        let mut decided = Decided::default();
        for effect in &decision.effects {
            decided.new_effects.extend(self.plan(id, effect, None, now_ms)?);
        }
        if let Some(held) = &decision.held {
            self.put_held(id, held, now_ms)?;
        }
        self.put_trace(id, &decision.trace, now_ms)?;
        (decided.opened, decided.closed) = self.reconcile(id, &decision.findings, now_ms)?;
        self.give_to(&decided.opened, &decision.assignee)?;
        Ok(decided)
    }

    /// The same of an order that [`Tx::enter`] has just given its row: nothing of it can be overtaken, unproven or
    /// excepted yet.
    pub fn carry_out_first(
        &mut self,
        id: OrderId,
        foreseen: &Foreseen,
        now_ms: i64,
    ) -> Result<Vec<EffectId>, StoreError> {
        let decision = &foreseen.decision;
        let mut planned = Vec::with_capacity(decision.effects.len());
        for (n, effect) in decision.effects.iter().enumerate() {
            let packed = foreseen.intents.get(n).map(Vec::as_slice);
            planned.extend(self.plan(id, effect, packed, now_ms)?);
        }
        if let Some(held) = &decision.held {
            self.put_held(id, held, now_ms)?;
        }
        self.put_trace(id, &decision.trace, now_ms)?;
        if !decision.findings.is_empty() {
            let (opened, _) = self.reconcile(id, &decision.findings, now_ms)?;
            self.give_to(&opened, &decision.assignee)?;
        }
        Ok(planned)
    }

    /// New exceptions of an order that a rule gave to somebody. Those that are there already stay with whoever has them.
    fn give_to(&mut self, opened: &[ExceptionId], assignee: &str) -> Result<(), StoreError> {
        for id in opened.iter().filter(|_| !assignee.is_empty()) {
            self.assign_finding(*id, assignee)?;
        }
        Ok(())
    }
}
