//! What carriers report of a parcel. Only the newer API shows it.

use super::{Deny, State};

/// One scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// When, ms UTC.
    pub at_ms: i64,
    /// `AC`, `IT`, `DE`, `EX`, `AT`, `SP`.
    pub code: &'static str,
    /// `RECEIVED_BY_CARRIER`, `DELIVERED`, `PARCEL_LOST`, …
    pub detail: &'static str,
    /// In the carrier's words.
    pub says: &'static str,
    /// Town.
    pub city: String,
    /// Postcode.
    pub postal_code: String,
    /// Two letters.
    pub country: String,
}

/// Everything a carrier has reported of a parcel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Track {
    /// Oldest first.
    pub scans: Vec<Scan>,
    /// When it should arrive, ms UTC.
    pub estimated_ms: Option<i64>,
}

impl Track {
    /// Current code; `NY` while the carrier has no record of it.
    pub fn code(&self) -> &'static str {
        self.scans.last().map_or("NY", |scan| scan.code)
    }
    /// Current detail.
    pub fn detail(&self) -> &'static str {
        self.scans.last().map_or("ELEC_ADVICE_RECD_BY_CARRIER", |scan| scan.detail)
    }
    /// When the buyer had it, ms UTC.
    pub fn delivered_ms(&self) -> Option<i64> {
        self.scans.iter().rfind(|scan| scan.code == "DE").map(|scan| scan.at_ms)
    }
    /// A carrier has it or had it: the label is used.
    pub fn was_used(&self) -> bool {
        !self.scans.is_empty()
    }
    /// The coarse word in lists of labels.
    pub fn coarse(&self) -> &'static str {
        match self.code() {
            "DE" => "delivered",
            "EX" => "error",
            "AC" | "IT" | "AT" | "SP" => "in_transit",
            _ => "unknown",
        }
    }
}

/// Words of a code in the newer API.
pub fn describe(code: &str) -> &'static str {
    match code {
        "AC" => "Accepted",
        "IT" => "In Transit",
        "DE" => "Delivered",
        "EX" => "Exception",
        "AT" => "Delivery Attempt",
        "SP" => "Delivered To Collection Location",
        "NY" => "Not Yet In System",
        _ => "Unknown",
    }
}

impl State {
    /// A carrier scans a parcel. Nothing is written to the ledger: nobody changed anything.
    pub fn scan(&mut self, label_id: i64, scan: Scan) -> Result<(), Deny> {
        let label = self.labels.get_mut(&label_id).ok_or(Deny::NotFound("label"))?;
        label.modified_ms = scan.at_ms;
        label.track.scans.push(scan);
        Ok(())
    }

    /// A parcel that was marked as shipped is in the buyer's hands.
    pub fn delivered(&mut self, fulfillment_id: i64, at_ms: i64) -> Result<(), Deny> {
        let record = self.fulfillments.get_mut(&fulfillment_id).ok_or(Deny::NotFound("fulfillment"))?;
        record.delivered_ms = Some(at_ms);
        Ok(())
    }
}
