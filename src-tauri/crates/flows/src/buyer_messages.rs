//! What buyers are told: a subject and a text for each thing that can happen, and what it may name.
//!
//! Texts are templates as those of mappings are ([`crate::templates`]): fields of the order, and a few names of the parcel
//! besides. They are looked at when somebody keeps them, so that a slip is found then and not when a buyer waits.

use crate::facts::Facts;
use crate::policy::Policy;
use crate::templates::{self, Further, Templates};
use quayside_model::Story;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// Longest subject that mail programs show in one line, characters.
const SUBJECT_MAX: usize = 200;

/// Something a buyer would like to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// The order has not left although it should have.
    Late,
    /// What was ordered is not in stock.
    BackOrdered,
    /// A parcel is late on its way, or held.
    Delayed,
    /// A parcel is lost.
    Lost,
    /// A parcel cannot be delivered.
    Undeliverable,
    /// A parcel comes back to the sender.
    Returned,
}

impl Happening {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Late, Self::BackOrdered, Self::Delayed, Self::Lost, Self::Undeliverable, Self::Returned];

    /// Stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::BackOrdered => "back_ordered",
            Self::Delayed => "delayed",
            Self::Lost => "lost",
            Self::Undeliverable => "undeliverable",
            Self::Returned => "returned",
        }
    }

    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|happening| happening.code() == code)
    }

    /// Label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Late => "The order leaves late",
            Self::BackOrdered => "Something is not in stock",
            Self::Delayed => "A parcel is delayed",
            Self::Lost => "A parcel is lost",
            Self::Undeliverable => "A parcel cannot be delivered",
            Self::Returned => "A parcel comes back",
        }
    }

    /// When it is said.
    pub fn help(self) -> &'static str {
        match self {
            Self::Late => "Once per order, when it is past its ship-by by the hours you chose.",
            Self::BackOrdered => "Once per order, when the store holds it because something is not in stock.",
            Self::Delayed => "Once per parcel: past the day it was expected on, or held by the carrier.",
            Self::Lost | Self::Undeliverable => "Once per parcel, when its carrier says so.",
            Self::Returned => "Once per parcel, when its carrier brings it back.",
        }
    }

    /// The text it has until somebody writes another.
    pub fn text(self) -> MessageText {
        let (subject, body) = match self {
            Self::Late => (
                "Your order {{ number }} leaves later than planned",
                "Your order {{ number }} should have left by now and has not yet. We are sorry.\n\nYou need not do anything: it is being worked on, and you will get its tracking number as soon as it is on its way. If you would rather not wait, answer this message.",
            ),
            Self::BackOrdered => (
                "Your order {{ number }} waits for stock",
                "Something in your order {{ number }} is not in stock at the moment. We are sorry.\n\nYou need not do anything: we send it as soon as it is here. If you would rather not wait, answer this message.",
            ),
            Self::Delayed => (
                "Your parcel is delayed (order {{ number }})",
                "The parcel with your order {{ number }} takes longer than planned{% if expected_on %}; it was expected on {{ expected_on|date(\"%-d %B\") }}{% endif %}. We are sorry.\n\n{{ carrier or \"The carrier\" }} still has it, and you need not do anything.{% if tracking_link %} You can follow it here: {{ tracking_link }}{% elif tracking_number %} Its tracking number is {{ tracking_number }}.{% endif %}",
            ),
            Self::Lost => (
                "Your parcel got lost (order {{ number }})",
                "{{ carrier or \"The carrier\" }} tells us that the parcel with your order {{ number }} is lost. We are sorry.\n\nYou need not do anything: we will write to you about a replacement or your money back. If you would rather tell us now which of them, answer this message.",
            ),
            Self::Undeliverable => (
                "Your parcel cannot be delivered (order {{ number }})",
                "{{ carrier or \"The carrier\" }} tells us that the parcel with your order {{ number }} cannot be delivered to the address it was sent to.\n\nPlease answer this message and tell us whether the address is right and how you can be reached.{% if tracking_link %} What the carrier says stands here: {{ tracking_link }}{% endif %}",
            ),
            Self::Returned => (
                "Your parcel is on its way back to us (order {{ number }})",
                "{{ carrier or \"The carrier\" }} could not hand over the parcel with your order {{ number }} and brings it back to us.\n\nPlease answer this message and tell us whether we shall send it again, and to which address, or give you your money back.",
            ),
        };
        let greeting = "Hello{% if customer %} {{ customer }}{% endif %},";
        MessageText {
            on: true,
            subject: subject.to_owned(),
            body: format!("{greeting}\n\n{body}\n\nKind regards\n{{{{ store }}}}\n"),
        }
    }
}

/// What is said of one happening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MessageText {
    /// It is said at all.
    pub on: bool,
    /// Its subject, a template.
    pub subject: String,
    /// Its text, a template.
    pub body: String,
}

/// What buyers are told, as a person keeps it. What is not in it has the text it came with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BuyerMessages {
    /// By the stable word of the happening.
    pub texts: BTreeMap<String, MessageText>,
}

impl BuyerMessages {
    /// What is said of a happening.
    pub fn of(&self, happening: Happening) -> MessageText {
        self.texts.get(happening.code()).cloned().unwrap_or_else(|| happening.text())
    }
}

/// What a text may name besides the fields of the order.
pub const FURTHER: &[(&str, &str)] = &[
    ("carrier", "Who carries the parcel."),
    ("tracking_number", "The parcel's tracking number."),
    ("tracking_link", "Where the parcel can be followed, if the shipping account tells."),
    ("left_on", "The day the parcel left, YYYY-MM-DD; left_on|date(\"%-d %B\") writes 20 November."),
    ("expected_on", "The day the parcel was expected on, where one is known."),
    ("happened_on", "The day it happened, as the carrier says; of a late order the day it should have left."),
    ("ship_by", "The day the order should have left."),
];

/// All a text may name, with an explanation.
pub fn names() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        FURTHER.iter().map(|(name, help)| ((*name).to_owned(), (*help).to_owned())).collect();
    all.extend(templates::names());
    all
}

/// Whether these can be kept; else which cannot, and why.
pub fn check(messages: &BuyerMessages) -> Result<(), String> {
    for (code, text) in &messages.texts {
        let Some(happening) = Happening::from_code(code) else {
            let known: Vec<&str> = Happening::ALL.iter().map(|happening| happening.code()).collect();
            return Err(format!("There is no message \"{code}\". There are: {}.", known.join(", ")));
        };
        check_one(text).map_err(|why| format!("\"{}\": {why}", happening.label()))?;
    }
    Ok(())
}

/// Whether one text can be used; else why not.
pub fn check_one(text: &MessageText) -> Result<(), String> {
    if text.subject.contains(['\n', '\r']) {
        return Err("The subject is more than one line. Put the rest into the text.".into());
    }
    if text.on && text.subject.trim().is_empty() {
        return Err("It has no subject. Write one, or switch the message off.".into());
    }
    if text.on && text.body.trim().is_empty() {
        return Err("It has no text. Write one, or switch the message off.".into());
    }
    let mut read = Templates::naming(FURTHER);
    read.add("subject", &text.subject).map_err(|why| format!("In the subject: {why}"))?;
    read.add("body", &text.body).map_err(|why| format!("In the text: {why}"))
}

/// Subject and text for one order; why there are none, in a sentence.
pub(crate) fn written(text: &MessageText, facts: &Facts<'_>, further: &Further) -> Result<(String, String), String> {
    let mut read = Templates::naming(FURTHER);
    read.add("subject", &text.subject)?;
    read.add("body", &text.body)?;
    let subject = read.render_with("subject", facts, further)?;
    let body = read.render_with("body", facts, further)?;
    let subject: String = subject.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SUBJECT_MAX).collect();
    if subject.is_empty() || body.trim().is_empty() {
        return Err("It came out empty for this order.".into());
    }
    Ok((subject, body))
}

/// What a text would say on a real order, with a parcel of it where it has one; why it says nothing, in a sentence.
pub fn preview(
    happening: Happening,
    text: &MessageText,
    story: &Story,
    policy: &Policy,
    now_ms: i64,
) -> Result<(String, String), String> {
    check_one(text)?;
    written(text, &Facts::of(story, policy), &crate::tell_buyer::as_if(happening, story, policy, now_ms))
}
