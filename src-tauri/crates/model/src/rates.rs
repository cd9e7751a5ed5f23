//! What sending a parcel costs: what carriers offer, and which offer is taken.

use crate::{Currency, Money};
use serde::{Deserialize, Serialize};
use specta::Type;

/// What a parcel weighs and measures. What is `None` the hub knows, or nobody does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ParcelSize {
    /// Weight, packing included, grams.
    pub weight_g: Option<i64>,
    /// Longest side, millimetres.
    pub length_mm: Option<i64>,
    /// Second side, millimetres.
    pub width_mm: Option<i64>,
    /// Third side, millimetres.
    pub height_mm: Option<i64>,
}

impl ParcelSize {
    /// Length, width and height, where all three are known.
    pub fn sides_mm(&self) -> Option<(i64, i64, i64)> {
        Some((self.length_mm?, self.width_mm?, self.height_mm?))
    }

    /// `640 g, 30 × 20 × 10 cm`; empty where nothing is known.
    pub fn words(&self) -> String {
        let weight = self.weight_g.map(|grams| format!("{grams} g"));
        let centimetres = |mm: i64| match (mm / 10, mm % 10) {
            (whole, 0) => whole.to_string(),
            (whole, tenth) => format!("{whole}.{tenth}"),
        };
        let sides =
            self.sides_mm().map(|(l, w, h)| format!("{} × {} × {} cm", centimetres(l), centimetres(w), centimetres(h)));
        weight.into_iter().chain(sides).collect::<Vec<_>>().join(", ")
    }
}

/// What a hub is asked before a label is bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelAsk {
    /// The hub's id of its order.
    pub hub_order_id: String,
    /// What is known better than at the hub.
    pub size: ParcelSize,
}

/// One offer of a carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelQuote {
    /// The hub's id of the carrier's account.
    pub carrier_id: String,
    /// The hub's code of the carrier.
    pub carrier_code: String,
    /// The carrier, for people.
    pub carrier: String,
    /// The hub's code of the service.
    pub service: String,
    /// The service, for people.
    pub service_name: String,
    /// The hub's code of the kind of package.
    pub package: String,
    /// Carriage alone, minor units.
    pub shipping_minor: i64,
    /// Insurance, confirmation, tax and the like, minor units.
    pub extras_minor: i64,
    /// What the amounts are in.
    pub currency: Currency,
    /// Days on the road, where the carrier says.
    pub days: Option<i64>,
    /// Day it arrives, `YYYY-MM-DD`, where the carrier says.
    pub arrives: Option<String>,
    /// What the carrier warns of.
    pub notes: Vec<String>,
}

impl LabelQuote {
    /// All that is paid, minor units.
    pub fn total_minor(&self) -> i64 {
        self.shipping_minor + self.extras_minor
    }

    /// The same as money.
    pub fn total(&self) -> Money {
        Money::new(self.total_minor(), self.currency.clone())
    }

    /// `UPS Ground`: carrier and service, the carrier once.
    pub fn words(&self) -> String {
        if self.service_name.to_lowercase().starts_with(&self.carrier.to_lowercase()) {
            self.service_name.clone()
        } else {
            format!("{} {}", self.carrier, self.service_name).trim().to_owned()
        }
    }

    /// It is there by that day; `None`: its carrier does not say.
    pub fn is_there_by(&self, day: &str) -> Option<bool> {
        self.arrives.as_deref().map(|arrives| arrives <= day)
    }

    /// The soonest first; what nobody promises last.
    fn speed(&self) -> (bool, Option<&str>, i64) {
        (self.arrives.is_none(), self.arrives.as_deref(), self.days.unwrap_or(i64::MAX))
    }
}

/// What carriers offer for a hub order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelQuotes {
    /// What can be bought.
    pub quotes: Vec<LabelQuote>,
    /// What cannot, and why, in sentences.
    pub not_offered: Vec<String>,
    /// What was asked with, as far as it is known.
    pub size: ParcelSize,
}

/// How a label's file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LabelForm {
    /// For any printer.
    Pdf,
    /// For label printers that speak it.
    Zpl,
    /// A picture.
    Png,
}

impl LabelForm {
    /// Stable word, and the ending of the file.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Zpl => "zpl",
            Self::Png => "png",
        }
    }

    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Pdf, Self::Zpl, Self::Png].into_iter().find(|form| form.code() == code)
    }
}

/// A label to be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LabelDraft {
    /// The hub's id of its order.
    pub hub_order_id: String,
    /// Our key on it.
    pub hub_order_key: String,
    /// Which offer is taken.
    pub wish: LabelWish,
    /// What is known better than at the hub.
    #[serde(default)]
    pub size: ParcelSize,
    /// What the amounts here are in; empty: nobody said, so they are in whatever the account pays its carriers in.
    pub currency: Currency,
    /// Nothing dearer than this is bought, minor units.
    pub most_minor: Option<i64>,
    /// A label that nobody pays and no carrier takes.
    #[serde(default)]
    pub test: bool,
    /// What is left of the day's limit, minor units. Worked out when it is sent, never when it is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_left_minor: Option<i64>,
}

impl LabelDraft {
    /// With its amounts in the money of the offers, where nobody said what they are in. `Err`: the offers are in several
    /// moneys, and no rate is known between them.
    pub fn in_money_of(&self, quotes: &[LabelQuote]) -> Result<Self, String> {
        let Some(first) = quotes.first().filter(|_| self.currency.0.is_empty()) else { return Ok(self.clone()) };
        if let Some(other) = quotes.iter().find(|quote| quote.currency != first.currency) {
            return Err(format!(
                "its offers are in {} and in {}, and nobody knows what one is worth in the other: choose its offer by itself",
                first.currency, other.currency
            ));
        }
        let exponent = first.currency.exponent();
        let own = |minor: i64| Money::new(minor, self.currency.clone()).minor_at(exponent);
        Ok(Self {
            currency: first.currency.clone(),
            most_minor: self.most_minor.map(own),
            day_left_minor: self.day_left_minor.map(own),
            ..self.clone()
        })
    }
}

/// Which offer is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum LabelWish {
    /// This one, which a person chose.
    Chosen {
        /// The hub's id of the carrier's account.
        carrier_id: String,
        /// The hub's code of the service.
        service: String,
        /// The hub's code of the kind of package.
        package: String,
    },
    /// The cheapest.
    Cheapest,
    /// The cheapest that is there by a day, `YYYY-MM-DD`; without a day the cheapest.
    ArriveBy {
        /// The day.
        day: Option<String>,
    },
    /// The fastest that is not dearer than [`LabelDraft::most_minor`].
    Fastest,
    /// The cheapest of one carrier, unless it is so much dearer than the cheapest of all.
    Preferred {
        /// The carrier's name or code, in any case.
        carrier: String,
        /// Dearer by more than this, per cent, it is not taken.
        dearer_percent: u32,
    },
}

/// The offer that is taken and why, or why none is. Pure: the same offers and the same wish give the same answer.
pub fn pick<'a>(quotes: &'a [LabelQuote], draft: &LabelDraft) -> Result<(&'a LabelQuote, String), String> {
    let draft = &draft.in_money_of(quotes)?;
    let said = |minor: i64| Money::new(minor, draft.currency.clone()).to_string();
    // Amounts of another currency cannot be compared with a limit.
    let ours: Vec<&LabelQuote> = quotes.iter().filter(|quote| quote.currency == draft.currency).collect();
    let Some(cheapest) = ours.iter().copied().min_by_key(|quote| quote.total_minor()) else {
        return Err(match quotes.first() {
            None => "no carrier offers anything for it".to_owned(),
            Some(quote) => format!(
                "its offers are in {}, and what it may cost is said in {}: nobody knows what one is worth in the other, so choose its offer by itself",
                quote.currency, draft.currency
            ),
        });
    };
    let (quote, because) = match &draft.wish {
        LabelWish::Chosen { carrier_id, service, package } => {
            let chosen = ours.into_iter().find(|quote| {
                quote.carrier_id == *carrier_id
                    && quote.service == *service
                    && (package.is_empty() || quote.package == *package)
            });
            let chosen = chosen.ok_or("what was chosen is not offered any more")?;
            (chosen, "it was chosen".to_owned())
        }
        LabelWish::Cheapest | LabelWish::ArriveBy { day: None } => (cheapest, "it is the cheapest".to_owned()),
        LabelWish::ArriveBy { day: Some(day) } => {
            let in_time = ours.iter().copied().filter(|quote| quote.is_there_by(day) == Some(true));
            match in_time.min_by_key(|&quote| (quote.total_minor(), quote.speed())) {
                Some(quote) => (quote, format!("it is the cheapest that arrives by {day}")),
                None => return Err(none_in_time(&ours, day)),
            }
        }
        LabelWish::Fastest => {
            let Some(most_minor) = draft.most_minor else {
                return Err("no price is set under which the fastest may be bought".to_owned());
            };
            let fastest = ours
                .iter()
                .copied()
                .filter(|quote| quote.total_minor() <= most_minor)
                .min_by_key(|&quote| (quote.speed(), quote.total_minor()));
            match fastest {
                Some(quote) => (quote, format!("it is the fastest for at most {}", said(most_minor))),
                None => return Err(too_dear(cheapest, &said(most_minor))),
            }
        }
        LabelWish::Preferred { carrier, dearer_percent } => {
            let theirs = ours.iter().copied().filter(|quote| is_of(quote, carrier));
            match theirs.min_by_key(|quote| quote.total_minor()) {
                Some(quote) if within(quote.total_minor(), cheapest.total_minor(), *dearer_percent) => {
                    (quote, format!("{carrier} is preferred"))
                }
                Some(quote) => (
                    cheapest,
                    format!("{carrier} is dearer by more than {dearer_percent} % ({})", said(quote.total_minor())),
                ),
                None => (cheapest, format!("{carrier} offers nothing for it; it is the cheapest")),
            }
        }
    };
    match draft.most_minor {
        Some(most_minor) if quote.total_minor() > most_minor => Err(too_dear(quote, &said(most_minor))),
        _ => Ok((quote, because)),
    }
}

fn too_dear(quote: &LabelQuote, most: &str) -> String {
    format!("{} costs {}, and {most} is the most that may be paid", quote.words(), quote.total())
}

fn none_in_time(quotes: &[&LabelQuote], day: &str) -> String {
    let fastest = quotes.iter().filter_map(|quote| Some((quote.arrives.as_deref()?, *quote))).min_by_key(|(at, _)| *at);
    match fastest {
        Some((arrives, quote)) => {
            format!("nothing arrives by {day}: {} is there on {arrives}, for {}", quote.words(), quote.total())
        }
        None => format!("no carrier says when it arrives, and it is promised by {day}"),
    }
}

/// Not dearer than `than_minor` by more than so many per cent.
fn within(minor: i64, than_minor: i64, percent: u32) -> bool {
    minor.saturating_mul(100) <= than_minor.saturating_mul(100 + i64::from(percent))
}

/// The carrier by its name, code or account, however it is written.
fn is_of(quote: &LabelQuote, carrier: &str) -> bool {
    let fold = |text: &str| text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let wanted = fold(carrier);
    !wanted.is_empty()
        && [&quote.carrier, &quote.carrier_code, &quote.carrier_id].iter().any(|known| fold(known) == wanted)
}
