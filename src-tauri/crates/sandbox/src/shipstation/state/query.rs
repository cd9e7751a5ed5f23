//! Finding orders and parcels. Both APIs ask here; each brings its own filters
//! and its own order. Times are compared as wall time, because that is what the
//! platform stores.

use super::super::pacific::Wall;
use super::{Order, State, Status};
use crate::ListQuirk;

const HOUR_MS: i64 = 3_600_000;

/// Both ends inclusive; `None` is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// From.
    pub from: Option<Wall>,
    /// To.
    pub to: Option<Wall>,
}

impl Span {
    /// It lies inside. With any bound set, what has no time does not.
    pub fn holds(self, at: Option<Wall>) -> bool {
        match at {
            Some(at) => self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at <= to),
            None => self.from.is_none() && self.to.is_none(),
        }
    }
    /// The same for moments.
    pub fn holds_ms(self, at_ms: i64) -> bool {
        if self.from.is_none() && self.to.is_none() {
            return true;
        }
        // Los Angeles is 7 or 8 hours behind: most rows are decided without asking for the zone.
        let too_early = self.from.is_some_and(|from| at_ms < from.0.saturating_add(7 * HOUR_MS));
        let too_late = self.to.is_some_and(|to| at_ms > to.0.saturating_add(8 * HOUR_MS));
        !too_early && !too_late && self.holds(Some(Wall::of(at_ms)))
    }
}

/// What to look for. Everything given must hold.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)] // named after the filters of both APIs
pub struct OrderFilter {
    pub number_prefix: Option<String>,
    pub number: Option<String>,
    pub key: Option<String>,
    pub statuses: Option<Vec<Status>>,
    pub store_id: Option<i64>,
    pub tag_id: Option<i64>,
    pub customer: Option<String>,
    pub item: Option<String>,
    pub created: Span,
    pub modified: Span,
    pub placed: Span,
    pub paid: Span,
}

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderSort {
    /// By id.
    Id,
    /// When bought.
    Placed,
    /// When changed.
    Modified,
    /// When it came.
    Created,
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

impl OrderFilter {
    fn takes(&self, order: &Order) -> bool {
        let body = &order.body;
        let says = |item: &super::Item, word: &str| {
            contains(&item.sku, word)
                || contains(&item.name, word)
                || item.options.iter().any(|(name, value)| contains(name, word) || contains(value, word))
        };
        !order.deleted
            && self.modified.holds_ms(order.modified_ms)
            && self.created.holds_ms(order.created_ms)
            && self.placed.holds(Some(body.placed))
            && self.paid.holds(body.paid)
            && self.number_prefix.as_ref().is_none_or(|prefix| body.number.starts_with(prefix))
            && self.number.as_ref().is_none_or(|number| body.number == *number)
            && self.key.as_ref().is_none_or(|key| order.key == *key)
            && self.statuses.as_ref().is_none_or(|statuses| statuses.contains(&body.status))
            && self.store_id.is_none_or(|id| order.store_id() == id)
            && self.tag_id.is_none_or(|id| order.tags.contains(&id))
            && self
                .customer
                .as_ref()
                .is_none_or(|name| contains(&body.bill_to.name, name) || contains(&body.ship_to.name, name))
            && self.item.as_ref().is_none_or(|word| body.items.iter().any(|item| says(item, word)))
    }
}

impl State {
    /// Ids of the orders that match, in order.
    pub fn find_orders(&self, filter: &OrderFilter, sort: OrderSort, descending: bool) -> Vec<i64> {
        let mut found: Vec<(Wall, i64)> = Vec::new();
        let rank = |order: &Order| match sort {
            OrderSort::Id => Wall(0),
            OrderSort::Placed => order.body.placed,
            OrderSort::Modified => Wall::of(order.modified_ms),
            OrderSort::Created => Wall::of(order.created_ms),
        };
        if filter.modified == Span::default() {
            found.extend(self.orders.values().filter(|order| filter.takes(order)).map(|order| (rank(order), order.id)));
        } else {
            // The usual poll asks for a few minutes: do not look at everything else.
            let from = (filter.modified.from.unwrap_or(Wall(i64::MIN)), i64::MIN);
            let to = (filter.modified.to.unwrap_or(Wall(i64::MAX)), i64::MAX);
            if from <= to {
                let window = self.modified.range(from..=to).filter_map(|(_, id)| self.orders.get(id));
                found.extend(window.filter(|order| filter.takes(order)).map(|order| (rank(order), order.id)));
            }
        }
        found.sort_unstable();
        if descending {
            found.reverse();
        }
        found.into_iter().map(|(_, id)| id).collect()
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Rows of it, in order.
    pub rows: Vec<i64>,
    /// Rows of all pages.
    pub total: usize,
    /// Number of this page, from 1.
    pub page: usize,
    /// Number of pages; 0 when there is nothing.
    pub pages: usize,
}

/// How long the list lags behind when it lags, ms.
pub const LATE_MS: i64 = 120_000;

/// Cuts a page out of everything found. `changed_ms` tells when a row last changed.
pub fn page(
    mut found: Vec<i64>,
    page: usize,
    page_size: usize,
    quirk: Option<ListQuirk>,
    now_ms: i64,
    changed_ms: impl Fn(i64) -> i64,
) -> Page {
    if quirk == Some(ListQuirk::LateIndex) {
        found.retain(|id| changed_ms(*id) < now_ms - LATE_MS);
    }
    let total = found.len();
    let pages = total.div_ceil(page_size.max(1));
    let start = page_size.saturating_mul(page.saturating_sub(1)).min(total);
    let end = start.saturating_add(page_size).min(total);
    let mut rows = found.get(start..end).unwrap_or_default().to_vec();
    match quirk {
        // Rows of the page before come again; on the first page its own first row does.
        Some(ListQuirk::DuplicatePage) => {
            let before = found.get(start.saturating_sub(3)..start).unwrap_or_default();
            let again: Vec<i64> =
                if before.is_empty() { rows.first().copied().into_iter().collect() } else { before.to_vec() };
            rows.splice(0..0, again);
        }
        Some(ListQuirk::ReorderedPage) => rows.reverse(),
        _ => {}
    }
    Page { rows, total, page, pages }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short cut of [`Span::holds_ms`] decides as the long way does, on both nights too.
    #[test]
    fn the_short_cut_agrees_with_the_long_way() {
        for start_ms in [1_793_491_200_000, 1_772_928_000_000, 1_780_000_000_000] {
            for edge in (0..24 * 4).map(|quarter| Wall(Wall::of(start_ms).0 + quarter * 900_000)) {
                let spans = [
                    Span { from: Some(edge), to: None },
                    Span { from: None, to: Some(edge) },
                    Span { from: Some(edge), to: Some(Wall(edge.0 + HOUR_MS)) },
                ];
                for at_ms in (0..24 * 4).map(|quarter| start_ms + quarter * 900_000 + 1) {
                    for span in spans {
                        assert_eq!(span.holds_ms(at_ms), span.holds(Some(Wall::of(at_ms))), "{at_ms} {span:?}");
                    }
                }
            }
        }
    }
}
