//! Versions of a platform's API: the one Quayside speaks ends soon, or another one answers in its place.
//!
//! Some platforms refuse a version they retired; others answer by a later one and say so in a header only. Then a field is
//! missing one day, and nobody knows why. Told here for an account as a whole, from its declaration and its last answer.

use chrono::{DateTime, NaiveDate};
use quayside_model::{AccountFinding, ApiInUse, ApiVersion, Declaration};

/// From so many days before its end on a version is told of: long enough for an update to be made and to arrive.
pub const WARN_DAYS: i64 = 90;

/// What is to be said of the versions `account` (by name) gets, at `now_ms` (ms UTC); one entry per API at most.
pub fn judge(declaration: &Declaration, account: &str, in_use: &[ApiInUse], now_ms: i64) -> Vec<AccountFinding> {
    let Some(today) = DateTime::from_timestamp_millis(now_ms).map(|now| now.date_naive()) else { return vec![] };
    let of = |api: &ApiVersion| in_use.iter().find(|one| one.name == api.name);
    let told = declaration.api.iter().filter_map(|api| match of(api) {
        Some(one) if one.served.as_ref().is_some_and(|served| *served != one.asked) => {
            Some(another_answers(declaration.title, account, api, one))
        }
        // Another one was chosen for this account: the end of ours is not its end.
        Some(one) if one.asked != api.version => None,
        _ => ends(declaration.title, api, today),
    });
    told.collect()
}

fn another_answers(title: &str, account: &str, api: &ApiVersion, one: &ApiInUse) -> AccountFinding {
    let (asked, name, version) = (&one.asked, api.name, api.version);
    let served = one.served.as_deref().unwrap_or_default();
    let mend = if asked == version {
        "Update Quayside.".to_owned()
    } else {
        format!("It was chosen in the account's settings; choose {version} there.")
    };
    AccountFinding {
        about: format!("served {name}"),
        sentence: format!(
            "{title} answered {account} by version {served} of its {name}; {asked} was asked for, so it is no longer served. \
             Fields that differ between the two may be missing, and changes may be refused. {mend}"
        ),
    }
}

fn ends(title: &str, api: &ApiVersion, today: NaiveDate) -> Option<AccountFinding> {
    let day = api.last_day()?;
    let left_days = (day - today).num_days();
    if left_days > WARN_DAYS {
        return None;
    }
    let (name, version, date) = (api.name, api.version, day.format("%-d %B %Y"));
    // A day, not a countdown: the same words every day are no news every day.
    let sentence = if left_days > 0 {
        format!(
            "This Quayside speaks version {version} of {title}'s {name}, which {title} serves until {date}. \
             Update Quayside before that day."
        )
    } else {
        format!(
            "This Quayside speaks version {version} of {title}'s {name}, which {title} may end any day since {date}. \
             Update Quayside."
        )
    };
    Some(AccountFinding { about: format!("until {name} {version}"), sentence })
}
