//! Entries that several orders share: a buyer whom an account cannot tell from its customers, a mapping that a shipping
//! account cuts. The store keeps an entry per order, because each ends by itself; a person is shown one, the newest, with
//! the orders behind it, and what is done to it is done to all of them.

use crate::view::ExceptionView;
use quayside_model::{Cause, ExceptionId, OrderId};
use quayside_store::ExceptionItem;
use std::collections::BTreeMap;

/// Entries that stand for several: by the one that is shown, all of them and their orders.
pub(crate) type Behind = BTreeMap<ExceptionId, (Vec<ExceptionId>, Vec<(OrderId, String)>)>;

/// Entries of the cause may stand for several orders. All of them have to be read before one is shown.
pub(crate) fn is_gathered(cause: Cause) -> bool {
    matches!(cause, Cause::WhichCustomer | Cause::MappingCut)
}

/// Leaves of those that share what is wrong the newest, which comes first; told is what stands behind each.
pub(crate) fn gather(items: &mut Vec<ExceptionItem>) -> Behind {
    let mut shown: BTreeMap<String, ExceptionId> = BTreeMap::new();
    let mut behind = Behind::new();
    items.retain(|item| {
        let id = item.finding.id;
        let Some(shared) = &item.gathered else { return true };
        let first = *shown.entry(shared.clone()).or_insert(id);
        let (all, orders) = behind.entry(first).or_default();
        all.push(id);
        if let Some(order) = item.finding.order_id {
            orders.push((order, item.order_number.clone().unwrap_or_default()));
        }
        first == id
    });
    behind
}

/// Says of each entry what stands behind it. Of one order alone there is nothing to say.
pub(crate) fn tell(entries: &mut [ExceptionView], mut behind: Behind) {
    for entry in entries {
        let Some((all, orders)) = behind.remove(&entry.id) else { continue };
        if all.len() > 1 {
            (entry.all, entry.orders) = (all, orders);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use quayside_store::{FindingRow, FindingState};

    fn item(id: i64, cause: Cause, gathered: Option<&str>) -> ExceptionItem {
        let finding = FindingRow {
            id: ExceptionId(id),
            order_id: Some(OrderId(id + 100)),
            connection: None,
            effect_id: None,
            cause,
            about: String::new(),
            sentence: String::new(),
            said: None,
            state: FindingState::Open,
            opened_at_ms: id,
            last_seen_at_ms: id,
            count: 1,
            snoozed_until_ms: None,
            resolved_at_ms: None,
            resolved_by: None,
            assignee: String::new(),
        };
        ExceptionItem {
            finding,
            order_number: Some(format!("#{id}")),
            order_connection: None,
            customer: None,
            worth: None,
            ship_by_ms: None,
            gathered: gathered.map(str::to_owned),
        }
    }

    #[test]
    fn what_orders_share_is_one_entry_with_its_orders_behind_it() {
        let mut items = vec![
            item(5, Cause::WhichCustomer, Some("crm ada")),
            item(4, Cause::WhichCustomer, Some("crm bo")),
            item(3, Cause::WhichCustomer, None),
            item(2, Cause::WhichCustomer, Some("crm ada")),
            item(1, Cause::WhichCustomer, None),
        ];
        let behind = gather(&mut items);
        let shown: Vec<i64> = items.iter().map(|item| item.finding.id.0).collect();
        assert_eq!(shown, [5, 4, 3, 1], "what is not shared stands for itself");
        let (all, orders) = behind.get(&ExceptionId(5)).unwrap();
        assert_eq!(all, &[ExceptionId(5), ExceptionId(2)]);
        assert_eq!(orders, &[(OrderId(105), "#5".to_owned()), (OrderId(102), "#2".to_owned())]);
        assert_eq!(behind.get(&ExceptionId(4)).unwrap().0, [ExceptionId(4)]);
    }
}
