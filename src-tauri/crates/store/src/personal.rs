//! Taking the personal data of one order out of everything.
//!
//! What is known to hold it is emptied field by field: records, what effects say,
//! choices. Sentences are written by many hands, so those of exceptions go whole, and
//! all others that repeat a word of the buyer's (name, street, telephone, note) go too.
//! Numbers, SKUs, amounts and the country stay for the reports.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json_opt, json_text};
use crate::store::{Topic, Tx};
use crate::trail::{Blanked, Kept};
use quayside_model::{
    Address, Customer, Intent, IntentKind, Order, OrderId, Receipt, Record, RecordKind, Refusal, Story,
};
use rusqlite::{OptionalExtension as _, params};
use std::collections::BTreeSet;

/// How every sentence begins that stands where personal data stood.
const GONE: &str = "Personal data was removed on ";
/// Shorter pieces of a name are found in ordinary words.
const WORD_CHARS_MIN: usize = 4;

/// What stands where personal data stood.
fn gone_on(now_ms: i64) -> String {
    let day = chrono::DateTime::from_timestamp_millis(now_ms).unwrap_or_default().format("%Y-%m-%d");
    format!("{GONE}{day}; what stood here went with it.")
}

/// A sentence that was taken out.
pub(crate) fn is_gone(sentence: &str) -> bool {
    sentence.starts_with(GONE)
}

impl Tx<'_> {
    /// Takes the personal data of one order out of everything: record, raw answers (of what was read of it and of what
    /// was tried for it; an answer to several changes at once goes for all of them), hub orders, returns, effects,
    /// exceptions, what platforms said, choices, queue row, index. Reading the unchanged order again does not bring it
    /// back; a changed one does, and its clock starts anew. False if there is no such order.
    pub fn blank_personal(&mut self, order: OrderId, now_ms: i64) -> Result<bool, StoreError> {
        let tried = || format!("take personal data out of order {order}");
        self.forget_fresh();
        let Some(story) = self.story(order)? else { return Ok(false) };
        let (words, gone) = (Words::of(&story), gone_on(now_ms));
        let mut blanked = story.order.clone();
        blank_order(&mut blanked);
        self.overwrite(&story.channel, &Record::Order(blanked.clone()))?;
        for (connection, kind, remote_id) in self.links_of(order)? {
            if let Some(mut record) = self.record(&connection, kind, &remote_id)? {
                blank_record(&mut record, &words);
                self.overwrite(&connection, &record)?;
            }
        }
        let mut blanked_rows = self.blank_effects(order, &story, &words, &gone, now_ms)?;
        self.forget_answers_of(order)?;
        self.blank_customers(order)?;
        if story.choices.address.is_some() || story.choices.hold.as_ref().is_some_and(|hold| words.are_in(&hold.reason))
        {
            let mut choices = story.choices.clone();
            choices.address = None;
            if let Some(hold) = &mut choices.hold {
                hold.reason.clear();
            }
            self.put_choices(order, &choices)?;
        }
        let aside: Option<String> = self
            .conn
            .prepare_cached(
                "DELETE FROM quarantine WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3 RETURNING why",
            )
            .tried(tried)?
            .query_row(params![story.channel.as_str(), RecordKind::Order.code(), story.order.remote_id], |row| {
                row.get(0)
            })
            .optional()
            .tried(tried)?;
        if let Some(why) = aside {
            self.end_drift(&story.channel, RecordKind::Order, &why, now_ms)?;
        }
        self.conn
            .prepare_cached("UPDATE finding SET said = NULL, sentence = ?2 WHERE order_id = ?1")
            .tried(tried)?
            .execute(params![order.0, gone])
            .tried(tried)?;
        // Rules and mappings quote what they looked at.
        self.conn
            .prepare_cached("DELETE FROM rule_trace WHERE order_id = ?1")
            .tried(tried)?
            .execute([order.0])
            .tried(tried)?;
        // What it waited on may be an exception's own sentence, or the store's reason to hold it.
        self.conn
            .prepare_cached(
                "UPDATE orders SET waits_sentence = ?2
                 WHERE id = ?1 AND (waits_code LIKE 'cause:%' OR waits_code IN ('held_in_channel', 'held_by_rule', 'held_by_person'))",
            )
            .tried(tried)?
            .execute(params![order.0, gone])
            .tried(tried)?;
        blanked_rows.events = self.blank_events(order, &words, &gone)?;
        self.say_blanked(order, &blanked_rows, now_ms)?;
        let standing = self.standing(order)?;
        self.put_facts(order, &blanked, &standing, now_ms)?;
        let search_hash = self.index(order, &blanked, &[], standing.search_hash)?;
        self.conn
            // What it waits on went with the sentences: an order that waits for something is looked at anew.
            .prepare_cached(
                "UPDATE orders SET blanked_at_ms = ?2, search_hash = ifnull(?3, search_hash),
                     look_again_at_ms = CASE WHEN open = 1 THEN ?2 ELSE look_again_at_ms END
                 WHERE id = ?1",
            )
            .tried(tried)?
            .execute(params![order.0, now_ms, search_hash])
            .tried(tried)?;
        self.touch_order(order, Topic::Exceptions);
        self.touch_order(order, Topic::Orders);
        Ok(true)
    }

    /// What effects say, and what was said about them. One that never left and would still carry the address is given
    /// up: nobody may be sent an order without a recipient. What of it was sealed is given back.
    fn blank_effects(
        &mut self,
        order: OrderId,
        story: &Story,
        words: &Words,
        gone: &str,
        now_ms: i64,
    ) -> Result<Blanked, StoreError> {
        let tried = || format!("take personal data out of the effects of order {order}");
        let mut lifted = Blanked::default();
        for effect in &story.effects {
            let mut intent = effect.intent.clone();
            let mut said = blank_intent(&mut intent, words);
            if said {
                if matches!(intent.kind(), IntentKind::PutHubOrder | IntentKind::PutRecord | IntentKind::TellBuyer) {
                    self.skip(effect.id, "The buyer's data is gone.", now_ms, "quayside", "Given up")?;
                }
                self.conn
                    .prepare_cached("UPDATE effect SET intent = ?2 WHERE id = ?1")
                    .tried(tried)?
                    .execute(params![effect.id.0, self.pack.zip_json(&intent)?])
                    .tried(tried)?;
            }
            let (sentence, refusal, skip_reason, receipt): (String, Option<String>, Option<String>, Option<String>) =
                self.conn
                    .prepare_cached("SELECT sentence, refusal, skip_reason, receipt FROM effect WHERE id = ?1")
                    .tried(tried)?
                    .query_row([effect.id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
                    .tried(tried)?;
            if words.are_in(&sentence) && self.lift_text(Kept::Effects, effect.id.0)? {
                lifted.effects.push(effect.id.0);
            }
            let keep = |text: String| if words.are_in(&text) { gone.to_owned() } else { text };
            let receipt = from_json_opt::<Receipt>(receipt)?
                .map(|receipt| Receipt { note: receipt.note.filter(|note| !words.are_in(note)), ..receipt })
                .map(|receipt| json_text(&receipt))
                .transpose()?;
            self.conn
                .prepare_cached(
                    "UPDATE effect SET sentence = ?2, refusal = ?3, skip_reason = ?4, receipt = ?5 WHERE id = ?1",
                )
                .tried(tried)?
                .execute(params![
                    effect.id.0,
                    keep(sentence),
                    quiet(refusal, words, gone)?,
                    skip_reason.map(keep),
                    receipt
                ])
                .tried(tried)?;
            let attempts: Vec<(i64, Option<String>)> = {
                let mut statement =
                    self.conn.prepare_cached("SELECT n, refusal FROM attempt WHERE effect_id = ?1").tried(tried)?;
                let rows = statement.query_map([effect.id.0], |row| Ok((row.get(0)?, row.get(1)?))).tried(tried)?;
                rows.collect::<Result<_, _>>().tried(tried)?
            };
            for (n, refusal) in attempts.into_iter().filter(|(_, refusal)| refusal.is_some()) {
                let quieter = quiet(refusal.clone(), words, gone)?;
                said |= quieter != refusal;
                self.conn
                    .prepare_cached("UPDATE attempt SET refusal = ?3 WHERE effect_id = ?1 AND n = ?2")
                    .tried(tried)?
                    .execute(params![effect.id.0, n, quieter])
                    .tried(tried)?;
            }
            if said {
                lifted.attempts.extend(self.lift_said(effect.id)?);
            }
        }
        Ok(lifted)
    }

    /// The timeline: a platform's own words go, and every line that repeats the buyer. Those that were sealed and lost
    /// something are given back.
    fn blank_events(&mut self, order: OrderId, words: &Words, gone: &str) -> Result<Vec<i64>, StoreError> {
        let tried = || format!("take personal data out of the timeline of order {order}");
        let mut lifted = Vec::new();
        let events: Vec<(i64, String, Option<String>)> = {
            let mut statement =
                self.conn.prepare_cached("SELECT id, sentence, detail FROM event WHERE order_id = ?1").tried(tried)?;
            let rows =
                statement.query_map([order.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).tried(tried)?;
            rows.collect::<Result<_, _>>().tried(tried)?
        };
        for (id, sentence, detail) in events {
            let detail: Option<serde_json::Value> = from_json_opt(detail)?;
            let mut quieter = detail.clone();
            if let Some(refusal) =
                quieter.as_mut().and_then(|detail| detail.get_mut("refusal")).and_then(|r| r.as_object_mut())
            {
                refusal.remove("said");
            }
            if let Some(object) = quieter.as_mut().and_then(serde_json::Value::as_object_mut) {
                object.retain(|_, value| !words.are_in(&value.to_string()));
            }
            let repeats = words.are_in(&sentence);
            if repeats || quieter != detail {
                if self.lift_text(Kept::Events, id)? {
                    lifted.push(id);
                }
                self.conn
                    .prepare_cached("UPDATE event SET sentence = ?2, detail = ?3 WHERE id = ?1")
                    .tried(tried)?
                    .execute(params![
                        id,
                        if repeats { gone } else { &sentence },
                        quieter.as_ref().map(json_text).transpose()?
                    ])
                    .tried(tried)?;
            }
        }
        self.touch_order(order, Topic::Events);
        Ok(lifted)
    }

    /// Works the words of blanked orders out of the search index: what was replaced lies in its older parts until they
    /// are merged. One piece of it; true while there may be more.
    pub fn forget_searched(&mut self, first: bool) -> Result<bool, StoreError> {
        const TRIED: &str = "take removed words out of the search index";
        const PAGES: i64 = 500;
        self.write_index()?;
        let changes = || self.conn.query_row("SELECT total_changes()", [], |row| row.get::<_, i64>(0));
        let before = changes().tried(TRIED)?;
        // A negative number begins a merge of everything; positive ones go on with it.
        self.conn
            .prepare_cached("INSERT INTO order_search (order_search, rank) VALUES ('merge', ?1)")
            .tried(TRIED)?
            .execute([if first { -PAGES } else { PAGES }])
            .tried(TRIED)?;
        // One change is the command's own.
        Ok(changes().tried(TRIED)? - before > 1)
    }
}

/// A refusal without the platform's words, and without its sentence if that repeats the buyer.
fn quiet(refusal: Option<String>, words: &Words, gone: &str) -> Result<Option<String>, StoreError> {
    let Some(mut refusal) = from_json_opt::<Refusal>(refusal)? else { return Ok(None) };
    refusal.said = None;
    if words.are_in(&refusal.sentence) {
        gone.clone_into(&mut refusal.sentence);
    }
    refusal.about = refusal.about.filter(|about| !words.are_in(about));
    Ok(Some(json_text(&refusal)?))
}

/// What tells the buyer, in small letters: whole lines, and the longer words of names and streets.
struct Words(BTreeSet<String>);

impl Words {
    fn of(story: &Story) -> Self {
        let mut words = Self(BTreeSet::new());
        let order = &story.order;
        for address in [&order.ship_to, &order.bill_to, &story.choices.address].into_iter().flatten() {
            words.add_address(address);
        }
        for seen in &story.hub_orders {
            seen.value.ship_to.iter().for_each(|address| words.add_address(address));
        }
        for effect in &story.effects {
            if let Intent::PutHubOrder { order, .. } = &effect.intent {
                words.add_address(&order.ship_to);
                words.add_address(&order.bill_to);
                for text in [&order.email, &order.customer_note, &order.gift_message] {
                    words.add(text);
                }
            }
        }
        if let Some(customer) = &order.customer {
            words.add_name(&customer.name);
            words.add(&customer.email);
            words.add(&customer.phone);
        }
        words.add(&order.note);
        words.add(&order.gift_message);
        for hold in order.fulfillment_orders.iter().flat_map(|fo| &fo.holds) {
            words.add(&hold.reason);
            words.add(&hold.notes);
        }
        for (_, value) in order.lines.iter().flat_map(|line| &line.options) {
            words.add(value);
        }
        // What the merchant wrote about them in the store.
        for (_, value) in order.attributes.iter().filter(|(name, _)| name == "customer_notes") {
            words.add(value);
        }
        // Why goods come back, as the timeline quotes it.
        for line in story.returns.iter().flat_map(|seen| &seen.value.lines) {
            words.add(&format!("({})", line.reason));
        }
        words
    }

    fn add(&mut self, text: &str) {
        let text = text.trim().to_lowercase();
        if text.chars().count() >= WORD_CHARS_MIN {
            self.0.insert(text);
        }
    }

    fn add_name(&mut self, name: &str) {
        self.add(name);
        name.split(|c: char| !c.is_alphanumeric()).for_each(|word| self.add(word));
    }

    fn add_address(&mut self, address: &Address) {
        // A street is known without its house number, too.
        for text in [&address.name, &address.company, &address.line1, &address.line2, &address.line3] {
            self.add_name(text);
        }
        self.add(&address.phone);
    }

    fn are_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|word| text.contains(word))
    }
}

fn blank_address(address: &mut Address) {
    *address = Address { country: std::mem::take(&mut address.country), ..Address::default() };
}

fn blank_order(order: &mut Order) {
    for address in [&mut order.ship_to, &mut order.bill_to].into_iter().flatten() {
        blank_address(address);
    }
    if let Some(customer) = &mut order.customer {
        *customer = Customer { remote_id: customer.remote_id.take(), ..Customer::default() };
    }
    order.note.clear();
    order.gift_message.clear();
    order.attributes.clear();
    for line in &mut order.lines {
        // Engravings and the like: what the buyer wrote, not what the product is.
        line.options.clear();
    }
    for fo in &mut order.fulfillment_orders {
        // Where a channel has no locations of its own, this names the town the work goes to.
        fo.location_name.clear();
        for hold in &mut fo.holds {
            // The buyer's own words, where a wish to cancel holds the order.
            hold.reason.clear();
            hold.notes.clear();
        }
    }
}

fn blank_record(record: &mut Record, words: &Words) {
    match record {
        Record::Order(order) => blank_order(order),
        Record::HubOrder(order) => order.ship_to.iter_mut().for_each(blank_address),
        Record::Parcel(parcel) => {
            parcel.notify_error = parcel.notify_error.take().filter(|text| !words.are_in(text));
            // A carrier's words may name a neighbour, or a place.
            if let Some(track) = parcel.track.as_mut().filter(|track| words.are_in(&track.says)) {
                track.says.clear();
            }
        }
        // Why the goods come back is told in the buyer's words.
        Record::Return(back) => back.lines.iter_mut().for_each(|line| line.reason.clear()),
        Record::Stock(_) | Record::Product(_) | Record::Track(_) => {}
    }
}

/// A record that belongs to no order: nobody knows the buyer's words, so all that may hold them goes. True if there was
/// anything.
pub(crate) fn blank_untold(record: &mut Record) -> bool {
    let before = record.clone();
    blank_record(record, &Words(BTreeSet::new()));
    if let Record::Parcel(parcel) = record {
        parcel.notify_error = None;
        parcel.track.iter_mut().for_each(|track| track.says.clear());
    }
    *record != before
}

/// True if there was anything to take out.
fn blank_intent(intent: &mut Intent, words: &Words) -> bool {
    match intent {
        Intent::PutHubOrder { order, .. } => {
            blank_address(&mut order.ship_to);
            blank_address(&mut order.bill_to);
            for text in [
                &mut order.email,
                &mut order.customer_ref,
                &mut order.customer_note,
                &mut order.internal_note,
                &mut order.gift_message,
            ]
            .into_iter()
            .chain(&mut order.custom_fields)
            {
                text.clear();
            }
            for line in &mut order.lines {
                line.options.clear();
            }
            true
        }
        // Which fields are the buyer's only the account knows.
        Intent::PutRecord { record } => {
            record.fields.iter_mut().for_each(|(_, value)| "null".clone_into(value));
            true
        }
        // All of it is the buyer's: whom it went to, and what was said.
        Intent::TellBuyer { message } => {
            for text in [&mut message.to, &mut message.subject, &mut message.body] {
                text.clear();
            }
            true
        }
        Intent::CancelChannelOrder { staff_note, .. } => take(staff_note, words),
        Intent::Refund { refund } => take(&mut refund.note, words),
        Intent::AnswerReturn { note, .. } => take(note, words),
        Intent::AnnotateOrder { fields, note, .. } => {
            let mut any = take(note, words);
            for (_, value) in fields {
                any |= take(value, words);
            }
            any
        }
        _ => false,
    }
}

fn take(text: &mut String, words: &Words) -> bool {
    let theirs = words.are_in(text);
    if theirs {
        text.clear();
    }
    theirs
}
