//! What becomes of a parcel on its way.

use super::{Desk, Pace, Task, Warehouse, draw};
use crate::shipstation::carriers;
use crate::shipstation::state::Label;
use crate::shipstation::state::tracking::Scan;
use rand::Rng;
use rand::rngs::SmallRng;

/// All scans a parcel will get, drawn when its label is bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// In order of time.
    pub steps: Vec<Scan>,
}

impl Journey {
    /// Draws one. With the chance `trouble` something happens on the way.
    pub fn draw(label: &Label, pace: &Pace, trouble: f64, rng: &mut SmallRng) -> Self {
        let service = carriers::carrier(&label.carrier_code).and_then(|carrier| carrier.service(&label.service_code));
        let day = pace.carrier_day_ms;
        let on_the_way = service.map_or(2, |service| service.days) * day;
        let picked_up = label.created_ms + draw(rng, pace.pickup_ms);
        let here = ("Hamburg", "20457", carriers::HOME_COUNTRY);
        let to = &label.ship_to;
        let there = (to.city.as_str(), to.postal_code.as_str(), to.country.as_str());
        let scan =
            |at_ms: i64, code: &'static str, detail: &'static str, says: &'static str, at: (&str, &str, &str)| Scan {
                at_ms,
                code,
                detail,
                says,
                city: at.0.to_owned(),
                postal_code: at.1.to_owned(),
                country: at.2.to_owned(),
            };
        let mut steps = vec![
            scan(picked_up, "AC", "RECEIVED_BY_CARRIER", "Parcel received by the carrier", here),
            scan(picked_up + day / 4, "IT", "HUB_SCAN_OUT", "Left the sorting centre", here),
        ];
        let arrives = picked_up + on_the_way;
        let out = scan(arrives - day / 6, "IT", "OUT_FOR_DELIVERY", "Out for delivery", there);
        let done = |at_ms| scan(at_ms, "DE", "DELIVERED", "Delivered", there);
        let fate = if rng.random_bool(trouble / 2.0) { rng.random_range(0..10) } else { 10 };
        match fate {
            0 => steps.push(scan(arrives, "EX", "PARCEL_LOST", "The parcel can not be found", here)),
            1..=4 => {
                steps.push(scan(arrives - day / 2, "EX", "CARRIER_DELAYS", "Delayed in the network", here));
                steps.push(scan(arrives + day - day / 6, "IT", "OUT_FOR_DELIVERY", "Out for delivery", there));
                steps.push(done(arrives + day));
            }
            5..=7 => {
                steps.push(out);
                steps.push(scan(arrives, "AT", "ATTEMPTED_DELIVERY", "Nobody was at home", there));
                steps.push(done(arrives + day));
            }
            8 => {
                steps.push(out);
                steps.push(scan(
                    arrives,
                    "SP",
                    "AWAITING_COLLECTION_FROM_PICKUP_POINT",
                    "Waits at a pickup point",
                    there,
                ));
                steps.push(done(arrives + day));
            }
            9 => steps.push(scan(arrives, "EX", "RETURN_TO_SENDER", "On the way back to the sender", there)),
            _ => {
                steps.push(out);
                steps.push(done(arrives));
            }
        }
        Self { steps }
    }
}

impl Warehouse {
    /// A carrier scans a parcel, unless its label was given back.
    pub(super) fn scan(&mut self, desk: &mut Desk<'_>, label_id: i64, step: usize) {
        let voided = desk.hub.labels.get(&label_id).is_none_or(|label| label.voided_ms.is_some());
        let Some(journey) = self.journeys.get(&label_id) else { return };
        if voided {
            self.journeys.remove(&label_id);
            return;
        }
        let Some(scan) = journey.steps.get(step).cloned() else { return };
        let next = journey.steps.get(step + 1).map(|next| next.at_ms);
        let (code, detail) = (scan.code, scan.detail);
        if desk.hub.scan(label_id, Scan { at_ms: desk.now_ms, ..scan }).is_err() {
            return;
        }
        let parcel_id = format!("label:{label_id}");
        if code == "DE" {
            self.note_parcel(desk, &parcel_id, |parcel, now_ms| parcel.delivered_at_ms = Some(now_ms));
        }
        if detail == "PARCEL_LOST" {
            self.note_parcel(desk, &parcel_id, |parcel, now_ms| parcel.lost_at_ms = Some(now_ms));
        }
        match next {
            Some(at_ms) => self.plan(at_ms.max(desk.now_ms + 1), Task::Scan(label_id, step + 1)),
            None => {
                self.journeys.remove(&label_id);
            }
        }
    }
}
