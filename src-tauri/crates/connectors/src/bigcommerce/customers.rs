//! Who bought, as far as only the store's customers tell it: group, notes, tax exemption.
//!
//! Never a list of people: customers are asked for by the ids that stand on the orders of one list, all in one call.
//! A guest's id is 0 and is not asked for. Of each answer only what stands on no order is kept; names, addresses and
//! telephones are the order's own. Names of groups are read once and believed for an hour, so that a renamed one is
//! seen; a number nobody has named yet is asked about at once.
//!
//! Orders come first. Without the permission they are read just the same, and a list of customers that does not answer
//! holds them up for a few tries only. A changed customer moves no order: it shows with the order's next reading.

use super::BigCommerce;
use super::client::{Api, Call};
use super::gather::id_of;
use super::json::At;
use super::verdicts::CallError;
use crate::Priority;
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Ids of one call, and rows of one answer: a list of orders holds no more.
const ROWS: usize = 250;
/// Pages of one call's customers, should a store serve fewer rows than asked for.
const PAGES_MAX: i64 = 25;
/// How long names of groups are believed.
const NAMES_MS: i64 = HOUR_MS;
/// How long nothing is asked after a refusal: permissions of a token never change.
const REFUSED_MS: i64 = HOUR_MS;
/// How long nothing is asked of a list that does not answer.
const TROUBLE_MS: i64 = 10 * MINUTE_MS;
/// Failures in a row after which orders are read without their customers.
const FAILURES_MAX: u8 = 3;

/// What only the store's customers tell of a buyer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// Name of their group, its number where nobody tells the name; empty for none.
    pub group: String,
    /// What the merchant wrote about them.
    pub notes: String,
    /// Code under which they pay no tax.
    pub tax_exempt_category: String,
}

/// By customer id.
pub type Buyers = BTreeMap<i64, Buyer>;

/// What is remembered from one page to the next. No customer is.
#[derive(Debug, Default)]
pub struct Memory {
    /// Nothing is asked before, ms UTC.
    silent_until_ms: i64,
    /// Failures since the last answer.
    failures: u8,
    /// Names of the groups.
    groups: BTreeMap<i64, String>,
    /// Groups that are in no list.
    nameless: BTreeSet<i64>,
    /// The names are believed until then, ms UTC.
    named_until_ms: i64,
}

impl Memory {
    /// Whether orders are read without their customers after this failure; then nothing is asked for a while.
    fn goes_on_after(&mut self, error: &CallError, now_ms: i64) -> bool {
        let silent_ms = match error {
            CallError::Wait { .. } | CallError::SignIn(_) => return false,
            CallError::Refused(_) | CallError::Gone(_) | CallError::TooLarge(_) => REFUSED_MS,
            CallError::NotExecuted(_) | CallError::Lost(_) => {
                self.failures = self.failures.saturating_add(1);
                if self.failures < FAILURES_MAX {
                    return false;
                }
                TROUBLE_MS
            }
        };
        self.silent_until_ms = now_ms + silent_ms;
        true
    }

    /// The names are old, or somebody is in a group that was never asked about.
    fn needs_names(&self, groups: &BTreeSet<i64>, now_ms: i64) -> bool {
        let known = |id: &i64| self.groups.contains_key(id) || self.nameless.contains(id);
        !groups.is_empty() && (now_ms >= self.named_until_ms || !groups.iter().all(known))
    }

    /// Name of a group, its number without one; empty for none.
    fn name(&self, group: i64) -> String {
        if group <= 0 {
            return String::new();
        }
        self.groups.get(&group).cloned().unwrap_or_else(|| group.to_string())
    }
}

/// A customer as the store sends it: id, group, and the rest. `None` for what is none.
fn read(row: &Value) -> Option<(i64, i64, Buyer)> {
    let id = id_of(row, "id").filter(|id| *id > 0)?;
    let at = At::root(row, "customer");
    let buyer = Buyer {
        group: String::new(),
        notes: at.get("notes").text(),
        tax_exempt_category: at.get("tax_exempt_category").text(),
    };
    Some((id, at.get("customer_group_id").count(), buyer))
}

/// The customer of an order's row; `None` for a guest.
pub fn customer_of(order: &Value) -> Option<i64> {
    id_of(order, "customer_id").filter(|id| *id > 0)
}

impl BigCommerce {
    /// What the store's customers of these ids tell; nothing where the account may not ask.
    pub(super) async fn buyers(&self, ids: &BTreeSet<i64>, priority: Priority) -> Result<Buyers, CallError> {
        let mut memory = self.customers.lock().await;
        if ids.is_empty() || self.client.door().now_ms() < memory.silent_until_ms {
            return Ok(Buyers::new());
        }
        let answer = self.ask_for_buyers(ids, &mut memory, priority).await;
        let now_ms = self.client.door().now_ms();
        match answer {
            Ok(buyers) => {
                memory.failures = 0;
                Ok(buyers)
            }
            Err(error) if memory.goes_on_after(&error, now_ms) => {
                let why = error.into_refusal().sentence;
                tracing::warn!(connection = %self.config.id, %why, "orders are read without their customers");
                Ok(Buyers::new())
            }
            Err(error) => Err(error),
        }
    }

    async fn ask_for_buyers(
        &self,
        ids: &BTreeSet<i64>,
        memory: &mut Memory,
        priority: Priority,
    ) -> Result<Buyers, CallError> {
        let ids: Vec<i64> = ids.iter().copied().collect();
        let mut found: BTreeMap<i64, (i64, Buyer)> = BTreeMap::new();
        for some in ids.chunks(ROWS) {
            self.find_customers(some, &mut found, priority).await?;
        }
        let groups: BTreeSet<i64> = found.values().map(|(group, _)| *group).filter(|group| *group > 0).collect();
        self.name_groups(&groups, memory, priority).await?;
        let named = found.into_iter().map(|(id, (group, buyer))| (id, Buyer { group: memory.name(group), ..buyer }));
        Ok(named.collect())
    }

    /// Customers of these ids, into `found`. Rows that are none are passed over, and so is who was not asked for.
    async fn find_customers(
        &self,
        ids: &[i64],
        found: &mut BTreeMap<i64, (i64, Buyer)>,
        priority: Priority,
    ) -> Result<(), CallError> {
        let list = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        for page in 1..=PAGES_MAX {
            let call = Call::get(Api::V3, "/customers", priority);
            let call = call.with("id:in", &list).with("limit", ROWS).with("page", page);
            let reply = self.client.send(call, "look up the customers of orders").await?;
            let before = found.len();
            for (id, group, buyer) in reply.data_rows().unwrap_or_default().iter().filter_map(read) {
                if ids.contains(&id) {
                    found.insert(id, (group, buyer));
                }
            }
            let pages = At::root(&reply.json, "customers").get("meta").get("pagination").get("total_pages").count();
            // A page without news would be followed by others: a store that does not count pages, or not by ids.
            if page >= pages || found.len() == before || ids.iter().all(|id| found.contains_key(id)) {
                break;
            }
        }
        Ok(())
    }

    /// Names for these groups, if they are not known. Where the list is refused (a plan without groups), numbers do.
    async fn name_groups(
        &self,
        groups: &BTreeSet<i64>,
        memory: &mut Memory,
        priority: Priority,
    ) -> Result<(), CallError> {
        if !memory.needs_names(groups, self.client.door().now_ms()) {
            return Ok(());
        }
        match self.all_rows("/customer_groups", "list the customer groups", priority).await {
            Ok(rows) => {
                let name = |row: &Value| Some((id_of(row, "id")?, At::root(row, "group").get("name").text()));
                memory.groups = rows.iter().filter_map(name).filter(|(_, name)| !name.is_empty()).collect();
                memory.nameless.clear();
            }
            Err(CallError::Refused(_) | CallError::Gone(_) | CallError::TooLarge(_)) => {}
            Err(error) => return Err(error),
        }
        let nameless: Vec<i64> = groups.iter().filter(|id| !memory.groups.contains_key(*id)).copied().collect();
        memory.nameless.extend(nameless);
        memory.named_until_ms = self.client.door().now_ms() + NAMES_MS;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::{Cause, Refusal};
    use serde_json::json;

    const NOW_MS: i64 = 1_795_168_800_000;

    fn refusal() -> Refusal {
        Refusal::new(Cause::PlatformTrouble, "Could not look up the customers of orders.")
    }

    #[test]
    fn orders_wait_for_their_customers_only_where_waiting_helps() {
        for (error, goes_on) in [
            (CallError::Wait { at_ms: NOW_MS + 1, why: "the allowance begins anew".into() }, vec![false; 4]),
            (CallError::SignIn(refusal()), vec![false; 4]),
            (CallError::Refused(refusal()), vec![true; 2]),
            (CallError::Gone(refusal()), vec![true; 2]),
            (CallError::TooLarge(refusal()), vec![true; 2]),
            // Once it is known that nobody answers, the next orders do not wait again.
            (CallError::NotExecuted(refusal()), vec![false, false, true, true]),
            (CallError::Lost(refusal()), vec![false, false, true, true]),
        ] {
            let mut memory = Memory::default();
            for goes_on in goes_on {
                assert_eq!(memory.goes_on_after(&error, NOW_MS), goes_on, "{error:?}");
                assert_eq!(memory.silent_until_ms > NOW_MS, goes_on, "{error:?}");
            }
        }
    }

    #[test]
    fn a_customer_is_read_in_whatever_clothes() {
        let buyer = |notes: &str, category: &str| Buyer {
            group: String::new(),
            notes: notes.into(),
            tax_exempt_category: category.into(),
        };
        for (row, expected) in [
            (
                json!({"id": 7, "customer_group_id": 2, "notes": " Rings twice ", "tax_exempt_category": "Reseller", "email": "a@b.example"}),
                Some((7, 2, buyer("Rings twice", "Reseller"))),
            ),
            (json!({"id": "7", "customer_group_id": "2"}), Some((7, 2, buyer("", "")))),
            (json!({"id": 7, "customer_group_id": null, "notes": null}), Some((7, 0, buyer("", "")))),
            (
                json!({"id": 7, "customer_group_id": {}, "notes": [1], "tax_exempt_category": true}),
                Some((7, 0, buyer("", ""))),
            ),
            (json!({"id": 0}), None),
            (json!({"id": "somebody"}), None),
            (json!({}), None),
            (json!("somebody"), None),
            (Value::Null, None),
        ] {
            assert_eq!(read(&row), expected, "{row}");
        }
    }

    #[test]
    fn names_are_asked_for_when_they_are_old_or_new() {
        let mut memory = Memory { named_until_ms: NOW_MS, ..Memory::default() };
        memory.groups.insert(1, "Wholesale".into());
        memory.nameless.insert(9);
        for (groups, now_ms, asked) in [
            (vec![], NOW_MS, false),
            (vec![1], NOW_MS - 1, false),
            (vec![1], NOW_MS, true),
            (vec![1, 2], NOW_MS - 1, true),
            // Asked about before, and in no list.
            (vec![1, 9], NOW_MS - 1, false),
        ] {
            let groups: BTreeSet<i64> = groups.into_iter().collect();
            assert_eq!(memory.needs_names(&groups, now_ms), asked, "{groups:?}");
        }
        assert_eq!([0, 1, 2, -1].map(|group| memory.name(group)), ["", "Wholesale", "2", ""]);
    }
}
