//! Where a parcel goes.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A postal address as the channel recorded it. Empty text means "not given".
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
pub struct Address {
    /// Who receives it.
    pub name: String,
    /// Firm, if any.
    pub company: String,
    /// Street and number.
    pub line1: String,
    /// Flat, floor, care of.
    pub line2: String,
    /// Further lines, rarely used.
    pub line3: String,
    /// Town.
    pub city: String,
    /// State, province or county: the code where the country has one (`CA`), else its name.
    pub region: String,
    /// Postcode.
    pub postcode: String,
    /// ISO 3166 two letters, upper case.
    pub country: String,
    /// Telephone, as typed.
    pub phone: String,
}

impl Address {
    /// What a carrier needs and this address lacks, in the words of a form.
    /// Only what every carrier insists on: a name, a street, a town and a country.
    pub fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.name.trim().is_empty() && self.company.trim().is_empty() {
            missing.push("recipient");
        }
        if self.line1.trim().is_empty() {
            missing.push("street");
        }
        if self.city.trim().is_empty() {
            missing.push("city");
        }
        if self.country.trim().len() != 2 {
            missing.push("country");
        }
        missing
    }

    /// The buyer was taken out of it: who and where are gone, the country stays (some platforms leave town and region).
    /// It says nothing of where anything goes, so it differs from no address, and nothing is sent to it.
    pub fn is_forgotten(&self) -> bool {
        let told = [&self.name, &self.company, &self.line1, &self.line2, &self.line3, &self.postcode, &self.phone];
        !self.country.trim().is_empty() && told.iter().all(|text| text.trim().is_empty())
    }

    /// Same place and recipient, whatever the case, spacing and telephone.
    pub fn same_place(&self, other: &Self) -> bool {
        let fold = |a: &Self| {
            [&a.name, &a.company, &a.line1, &a.line2, &a.city, &a.region, &a.postcode, &a.country]
                .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
        };
        fold(self) == fold(other)
    }
}
