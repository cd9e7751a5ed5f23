//! The program's own settings: read, checked, kept.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::view::{Settings, Trouble};
use quayside_engine::policy::SETTINGS_KEY;
use quayside_flows::calendar;

const DAY_MIN: u32 = 24 * 60;
/// Some years of them, written out.
const HOLIDAYS_MAX: usize = 200;

impl Desk {
    /// The settings as they are.
    pub fn settings(&self) -> Answer<Settings> {
        self.room()?.settings()
    }

    /// Keeps settings; orders are decided anew where deadlines depend on them.
    pub fn put_settings(&self, settings: Settings) -> Answer<Settings> {
        let room = self.writable()?;
        let settings = check(settings)?;
        room.store.write(|tx| tx.put_setting(SETTINGS_KEY, &settings))?;
        room.reload()?;
        Ok(settings)
    }
}

/// The settings if they make sense, else which field does not.
pub fn check(settings: Settings) -> Answer<Settings> {
    let mut settings = settings;
    let fail = |field: &str, sentence: String| Err(Trouble::field(field, sentence));
    if !["system", "light", "dark", "contrast_light", "contrast_dark"].contains(&settings.theme.as_str()) {
        return fail(
            "theme",
            format!(
                "There is no theme \"{}\". There are system, light, dark, contrast_light and contrast_dark.",
                settings.theme
            ),
        );
    }
    if !["comfortable", "compact"].contains(&settings.density.as_str()) {
        return fail(
            "density",
            format!("There is no density \"{}\". There are comfortable and compact.", settings.density),
        );
    }
    if !(80..=200).contains(&settings.zoom) {
        return fail("zoom", format!("{} % is outside of 80 to 200 %.", settings.zoom));
    }
    for (field, minutes) in [
        ("quiet_from_min", settings.quiet_from_min),
        ("quiet_to_min", settings.quiet_to_min),
        ("digest_at_min", settings.digest_at_min),
        ("cut_off_min", settings.cut_off_min),
    ] {
        if minutes >= DAY_MIN {
            return fail(field, format!("{minutes} minutes after midnight is not a time of day; 23:59 is 1439."));
        }
    }
    settings.time_zone = settings.time_zone.trim().to_owned();
    if !settings.time_zone.is_empty() && settings.time_zone.parse::<chrono_tz::Tz>().is_err() {
        return fail(
            "time_zone",
            format!(
                "\"{}\" is not a time zone. Zones are written like Europe/Berlin; empty means the store's own.",
                settings.time_zone
            ),
        );
    }
    if !settings.business_days.contains(&true) {
        return fail("business_days", "A week needs at least one working day, or no deadline would ever come.".into());
    }
    settings.holidays = calendar::holidays(&settings.holidays.join(",")).map_err(|word| {
        let how = "Write 2026-12-24 for one day, and 12-25 for a day of every year.";
        Trouble::field("holidays", format!("\"{word}\" is no day. {how}"))
    })?;
    let days_off = settings.holidays.len();
    if days_off > HOLIDAYS_MAX {
        return fail("holidays", format!("{days_off} holidays are more than the {HOLIDAYS_MAX} that make sense."));
    }
    for (field, days, most) in [
        ("unfulfilled_after_days", settings.unfulfilled_after_days, 60),
        ("promise_days", settings.promise_days, 60),
        ("keep_raw_days", settings.keep_raw_days, 3650),
        ("keep_history_days", settings.keep_history_days, 3650),
    ] {
        if days > most {
            return fail(field, format!("{days} days is more than the {most} that make sense here."));
        }
    }
    for (field, days) in [("keep_raw_days", settings.keep_raw_days), ("keep_history_days", settings.keep_history_days)]
    {
        if days < 7 {
            return fail(
                field,
                format!("{days} days is too short: returns and questions of buyers come within weeks. 7 is the least."),
            );
        }
    }
    if settings.at_risk_min > 7 * DAY_MIN {
        return fail(
            "at_risk_min",
            format!("{} minutes is more than a week; everything would always be at risk.", settings.at_risk_min),
        );
    }
    Ok(settings)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_fine() {
        assert_eq!(check(Settings::default()).unwrap(), Settings::default());
    }

    #[test]
    fn holidays_are_kept_in_order_and_once() {
        let holidays = ["12-26 ", "12-25, 2026-12-24", "", "12-25"].map(str::to_owned).to_vec();
        let kept = check(Settings { holidays, ..Settings::default() }).unwrap().holidays;
        assert_eq!(kept, ["12-25", "12-26", "2026-12-24"]);
    }

    #[test]
    fn what_makes_no_sense_names_its_field() {
        let base = Settings::default;
        let days =
            |n: usize| -> Vec<String> { (0..n).map(|n| format!("2026-{:02}-{:02}", n / 20 + 1, n % 20 + 1)).collect() };
        for (settings, field) in [
            (Settings { theme: "neon".into(), ..base() }, "theme"),
            (Settings { density: String::new(), ..base() }, "density"),
            (Settings { zoom: 79, ..base() }, "zoom"),
            (Settings { zoom: 201, ..base() }, "zoom"),
            (Settings { quiet_from_min: 1440, ..base() }, "quiet_from_min"),
            (Settings { digest_at_min: 1440, ..base() }, "digest_at_min"),
            (Settings { cut_off_min: 9999, ..base() }, "cut_off_min"),
            (Settings { time_zone: "Berlin".into(), ..base() }, "time_zone"),
            (Settings { business_days: [false; 7], ..base() }, "business_days"),
            (Settings { holidays: vec!["Christmas".into()], ..base() }, "holidays"),
            (Settings { holidays: days(HOLIDAYS_MAX + 1), ..base() }, "holidays"),
            (Settings { promise_days: 61, ..base() }, "promise_days"),
            (Settings { keep_raw_days: 0, ..base() }, "keep_raw_days"),
            (Settings { at_risk_min: 20_000, ..base() }, "at_risk_min"),
        ] {
            let trouble = check(settings).unwrap_err();
            assert_eq!(trouble.field.as_deref(), Some(field), "{trouble}");
        }
    }
}
