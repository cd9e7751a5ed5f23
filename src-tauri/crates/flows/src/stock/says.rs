//! How fast a SKU sells, and what a person should know before it runs out.

use super::{ID, LOW, Shelf, WARN_DAYS};
use quayside_model::time::DAY_MS;
use quayside_model::{ShelfWarning, Tone};

impl Shelf<'_> {
    /// The pace of the last days, and a warning where it leads to nothing.
    pub(super) fn pace(&mut self) {
        let facts = self.facts;
        // Sales nobody added up are no pace.
        if facts.orders.is_none() {
            return;
        }
        let span_ms = (self.now_ms - facts.sold_since_ms).max(DAY_MS);
        let sold = facts.sold_units.max(0);
        let (low, warn_days) = (self.policy.number(ID, LOW).max(0), self.policy.number(ID, WARN_DAYS).clamp(0, 365));
        let says = &mut self.decision.says;
        says.per_day_hundredths = Some(sold * 100 * DAY_MS / span_ms);
        // An old count would warn of nothing that is known; what orders hold is spoken for.
        let (Some(truth), Some(held)) = (&says.truth, says.held) else { return };
        let left = (truth.units - held).max(0);
        let days_tenths = (sold > 0).then(|| left * 10 * span_ms / DAY_MS / sold);
        says.days_left_tenths = days_tenths;
        let warn = |code: &str, sentence: String, tone| Some(ShelfWarning { code: code.to_owned(), sentence, tone });
        says.warning = match days_tenths {
            Some(_) if left == 0 => warn("out", "Nothing is left to promise.".into(), Tone::Danger),
            Some(tenths) if warn_days > 0 && tenths <= warn_days * 10 => {
                warn("runs_out", format!("Runs out {}.", in_days(tenths)), Tone::Warning)
            }
            _ if low > 0 && left <= low => warn("low", format!("Only {left} are left to promise."), Tone::Warning),
            _ => None,
        };
    }
}

fn in_days(tenths: i64) -> String {
    match tenths {
        ..10 => "within a day".to_owned(),
        10..20 => "in a day".to_owned(),
        _ => format!("in {} days", tenths / 10),
    }
}
