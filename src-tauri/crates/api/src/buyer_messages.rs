//! What buyers are told: kept, checked, and shown on a real order before it is.

use crate::desk::Desk;
use crate::mappings::recent;
use crate::trouble::Answer;
use crate::verbs::person;
use crate::view::Trouble;
use crate::words::count;
use quayside_engine::policy::{MESSAGES_KEY, shapers_changed};
pub use quayside_flows::buyer_messages::{BuyerMessages, Happening, MessageText};
use quayside_flows::buyer_messages::{check, names, preview};
use quayside_model::{OrderId, Role};
use serde::Serialize;
use specta::Type;

/// Everything the editor needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct MessagesView {
    /// Each thing that is told.
    pub messages: Vec<MessageView>,
    /// What a text may name, with an explanation.
    pub names: Vec<(String, String)>,
    /// The account the messages leave by; `None`: there is none yet.
    pub by: Option<String>,
    /// Stores whose buyers are not written to, and why: store and sentence.
    pub silent: Vec<(String, String)>,
}

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct MessageView {
    /// What happens.
    pub happening: Happening,
    /// Label.
    pub label: String,
    /// When it is said.
    pub help: String,
    /// What is said.
    pub text: MessageText,
    /// What it came with.
    pub usual: MessageText,
}

/// A message on a real order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct MessagePreview {
    /// The order.
    pub order: OrderId,
    /// Its number.
    pub number: String,
    /// Subject; empty where it says nothing.
    pub subject: String,
    /// Text; empty where it says nothing.
    pub body: String,
    /// Why it says nothing.
    pub trouble: Option<String>,
}

impl Desk {
    /// What buyers are told, and through what.
    pub fn buyer_messages(&self) -> Answer<MessagesView> {
        let room = self.room()?;
        let kept: BuyerMessages = room.store.read(|r| r.setting(MESSAGES_KEY))?.unwrap_or_default();
        let policy = room.policy()?;
        let view = |happening: Happening| MessageView {
            happening,
            label: happening.label().to_owned(),
            help: happening.help().to_owned(),
            text: kept.of(happening),
            usual: happening.text(),
        };
        let stores = policy.peers.values().filter(|peer| peer.roles.contains(&Role::Channel));
        let silent = stores.filter_map(|store| {
            let platform = quayside_connectors::platform(&store.platform)?;
            Some((store.name.clone(), platform.declaration.no_buyer_mail?.to_owned()))
        });
        Ok(MessagesView {
            messages: Happening::ALL.into_iter().map(view).collect(),
            names: names(),
            by: policy.messenger().map(|peer| peer.name.clone()),
            silent: silent.collect(),
        })
    }

    /// Keeps what buyers are told. A text that cannot be used is refused with why; what waits for a click is written anew.
    pub fn put_buyer_messages(&self, messages: BuyerMessages) -> Answer<MessagesView> {
        let room = self.writable()?;
        check(&messages).map_err(Trouble::input)?;
        let mut kept = messages;
        // What says the usual is not kept: it follows when the usual text gets better.
        kept.texts.retain(|code, text| Happening::from_code(code).is_none_or(|known| known.text() != *text));
        let now_ms = room.now_ms();
        room.store.write(|tx| {
            tx.put_setting(MESSAGES_KEY, &kept)?;
            shapers_changed(tx, &kept)?;
            let own = count(kept.texts.len() as i64, "text of your own", "texts of your own");
            person(tx, None, None, now_ms, format!("Messages to buyers saved: {own}"))
        })?;
        room.reload()?;
        self.buyer_messages()
    }

    /// What a text, kept or not, would say on an order, or on the newest one. Sends nothing.
    pub fn preview_buyer_message(
        &self,
        happening: Happening,
        text: &MessageText,
        order: Option<OrderId>,
    ) -> Answer<MessagePreview> {
        let room = self.room()?;
        let policy = room.policy()?;
        let stories = recent(&room, order, 1)?;
        let Some(story) = stories.first() else {
            return Err(Trouble::gone("There is no order yet on which a message could be shown."));
        };
        let said = preview(happening, text, story, &policy, room.now_ms());
        let (written, trouble) = match said {
            Ok(written) => (written, None),
            Err(why) => ((String::new(), String::new()), Some(why)),
        };
        let (subject, body) = written;
        Ok(MessagePreview { order: story.order_id, number: story.order.number.clone(), subject, body, trouble })
    }
}
