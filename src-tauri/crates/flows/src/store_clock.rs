//! What a store may have of its own about time: its days, its cut-off and its zone, where it differs from the desk's.

use crate::calendar;
use crate::promise::{self, Promise, STORE_PROMISES};
use quayside_model::settings::Settings;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Setting of a store: business days after which a paid order counts as unfulfilled.
pub const STORE_AFTER_DAYS: &str = "unfulfilled_after_days";
/// Setting of a store: its cut-off, `HH:MM`.
pub const STORE_CUT_OFF: &str = "cut_off";
/// Setting of a store: the zone of its cut-off, IANA.
pub const STORE_ZONE: &str = "time_zone";
/// Setting of a store: days nobody works for it, in one line; [`NO_HOLIDAYS`]: it has none.
pub const STORE_HOLIDAYS: &str = "holidays";
/// What says that a store has no holidays, whatever the desk has.
const NO_HOLIDAYS: &str = "none";

/// A store's own clock; what is `None` is as for all stores.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreClock {
    /// Paid orders count as unfulfilled after so many business days.
    pub after_days: Option<u32>,
    /// Orders paid after this time count as the next day's, minutes after midnight.
    pub cut_off_min: Option<u32>,
    /// Zone of the cut-off.
    pub time_zone: Option<String>,
    /// Days nobody works for it, instead of the desk's.
    pub holidays: Option<Vec<String>>,
    /// What it promises by service; services that are not named have the desk's promise.
    pub promises: Vec<Promise>,
}

impl StoreClock {
    /// From a store's settings; what cannot be read is left out.
    pub fn of(settings: &BTreeMap<String, Value>) -> Self {
        let text = |name: &str| settings.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        Self {
            after_days: text(STORE_AFTER_DAYS).and_then(|days| days.parse().ok()),
            cut_off_min: text(STORE_CUT_OFF).and_then(minutes),
            time_zone: text(STORE_ZONE).map(str::to_owned),
            holidays: text(STORE_HOLIDAYS).and_then(holidays),
            promises: text(STORE_PROMISES).and_then(|text| promise::parse(text).ok()).unwrap_or_default(),
        }
    }

    /// The desk's settings as they hold for this store.
    pub fn apply<'a>(&self, settings: &'a Settings) -> Cow<'a, Settings> {
        if *self == Self::default() {
            return Cow::Borrowed(settings);
        }
        let mut own = settings.clone();
        own.unfulfilled_after_days = self.after_days.unwrap_or(own.unfulfilled_after_days);
        own.cut_off_min = self.cut_off_min.unwrap_or(own.cut_off_min);
        if let Some(zone) = &self.time_zone {
            own.time_zone.clone_from(zone);
        }
        if let Some(holidays) = &self.holidays {
            own.holidays.clone_from(holidays);
        }
        Cow::Owned(own)
    }
}

/// Checks what a person put in; `Ok(None)`: as for all stores. `None`: not a setting of this kind.
pub fn check(name: &str, value: &Value) -> Option<Result<Option<String>, String>> {
    if ![STORE_AFTER_DAYS, STORE_CUT_OFF, STORE_ZONE, STORE_HOLIDAYS, STORE_PROMISES].contains(&name) {
        return None;
    }
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    if text.is_empty() {
        return Some(Ok(None));
    }
    let fine = match name {
        STORE_AFTER_DAYS => text.parse::<u32>().is_ok_and(|days| days <= 60),
        STORE_CUT_OFF => minutes(&text).is_some(),
        STORE_HOLIDAYS => holidays(&text).is_some(),
        STORE_PROMISES => promise::parse(&text).is_ok(),
        _ => text.parse::<chrono_tz::Tz>().is_ok(),
    };
    let wanted = match name {
        STORE_AFTER_DAYS => "It takes a number of business days from 0 to 60",
        STORE_CUT_OFF => "It takes a time of day like 14:00",
        STORE_HOLIDAYS => {
            "It takes days with commas between them, 2026-12-24 for one and 12-25 for every year, or the word none"
        }
        STORE_PROMISES => {
            "It takes services with business days, like Express = 0 / 1; Standard = 2 / 5 (leaves within / is there within; the second may be left out)"
        }
        _ => "It takes a time zone like Europe/Berlin",
    };
    Some(if fine {
        Ok(Some(text))
    } else {
        Err(format!("\"{text}\" does not fit. {wanted}; empty means as for all stores."))
    })
}

/// A line of days, or the word for none.
fn holidays(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    if text.eq_ignore_ascii_case(NO_HOLIDAYS) { Some(Vec::new()) } else { calendar::holidays(text).ok() }
}

/// `14:30` as minutes after midnight.
fn minutes(clock: &str) -> Option<u32> {
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_store_has_what_it_says_and_the_rest_of_the_desk() {
        let settings = Settings { unfulfilled_after_days: 2, cut_off_min: 900, ..Settings::default() };
        let own = |settings: Value| StoreClock::of(&serde_json::from_value(settings).unwrap());
        assert_eq!(own(json!({})).apply(&settings).as_ref(), &settings);
        let clock = own(json!({ "unfulfilled_after_days": "0", "cut_off": "11:30", "time_zone": "America/New_York" }));
        let applied = clock.apply(&settings);
        assert_eq!((applied.unfulfilled_after_days, applied.cut_off_min), (0, 690));
        assert_eq!(applied.time_zone, "America/New_York");
        assert_eq!(own(json!({ "cut_off": "later" })), StoreClock::default());
        let settings = Settings { holidays: vec!["12-25".into()], ..Settings::default() };
        for (of_store, holidays) in [
            ("", vec!["12-25"]),
            ("12-26, 07-04", vec!["07-04", "12-26"]),
            ("none", vec![]),
            ("Christmas", vec!["12-25"]),
        ] {
            let clock = own(json!({ "holidays": of_store }));
            assert_eq!(clock.apply(&settings).holidays, holidays, "{of_store}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_what_would_fit() {
        assert_eq!(check("hub", &json!("x")), None);
        for (name, value, fine) in [
            (STORE_AFTER_DAYS, json!("3"), true),
            (STORE_AFTER_DAYS, json!(3), true),
            (STORE_AFTER_DAYS, json!("-1"), false),
            (STORE_CUT_OFF, json!("14:00"), true),
            (STORE_CUT_OFF, json!("24:00"), false),
            (STORE_CUT_OFF, json!("2 pm"), false),
            (STORE_HOLIDAYS, json!("12-25, 2026-12-24"), true),
            (STORE_HOLIDAYS, json!("None"), true),
            (STORE_HOLIDAYS, json!("Christmas"), false),
            (STORE_PROMISES, json!("Express = 0 / 1; Standard = 2"), true),
            (STORE_PROMISES, json!("Express: tomorrow"), false),
            (STORE_ZONE, json!("Europe/Berlin"), true),
            (STORE_ZONE, json!("Berlin"), false),
            (STORE_ZONE, json!(""), true),
            (STORE_ZONE, Value::Null, true),
        ] {
            assert_eq!(check(name, &value).unwrap().is_ok(), fine, "{name} {value}");
        }
    }
}
