//! Money that went back, counted from the stores' side: never more than was paid, no unit twice, and for goods that came
//! back no more than arrived.

use crate::oracle::Verdicts;
use quayside_sandbox::Sandbox;
use quayside_sandbox::shopify::state::{Order, Restock};

/// Judges every order of the stores that tell of returns.
pub(crate) fn judge(sandbox: &Sandbox, verdicts: &mut Verdicts) {
    for order in sandbox.stores.iter().flat_map(|store| store.state().orders()) {
        let (paid, back) = (order.received_minor(), order.refunded_minor());
        if back > paid {
            verdicts.wrong.add(|| format!("{}: {back} were given back of {paid} that were paid", order.name));
        }
        if order.returns.is_empty() {
            continue;
        }
        for line in &order.lines {
            let units = given_back(order, line.id, |_| true);
            if units > line.quantity {
                verdicts
                    .doubled
                    .add(|| format!("{}: {units} units of a line of {} were given back", order.name, line.quantity));
            }
            let (paid_back, arrived) =
                (given_back(order, line.id, |how| how != Restock::Cancel), arrived(order, line.id));
            if paid_back > arrived {
                verdicts.doubled.add(|| {
                    format!("{}: {arrived} units came back, and {paid_back} were given back for them", order.name)
                });
            }
        }
    }
}

/// Units of a line for which money went back.
fn given_back(order: &Order, line: u64, counts: impl Fn(Restock) -> bool) -> i64 {
    let lines = order.refunds.iter().flat_map(|refund| &refund.lines);
    lines.filter(|one| one.line == line && counts(one.restock)).map(|one| one.quantity).sum()
}

/// Units of a line that are there again, as the staff noted it.
fn arrived(order: &Order, line: u64) -> i64 {
    let of_line =
        |fulfillment_line: u64| order.fulfillment_line(fulfillment_line).is_some_and(|(_, one)| one.line == line);
    let backs = order.returns.iter().flat_map(|back| &back.lines).filter(|one| of_line(one.fulfillment_line));
    let placed = backs.flat_map(|one| &one.dispositions).filter(|(_, kind, ..)| kind != "MISSING");
    placed.map(|(_, _, units, ..)| units).sum()
}
