//! Money in minor units. Never a float, never rounded on the way.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use specta::Type;

/// An ISO 4217 code, upper case (`EUR`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(transparent)]
pub struct Currency(pub String);

impl Currency {
    /// From a code in any case.
    pub fn new(code: &str) -> Self {
        Self(code.trim().to_ascii_uppercase())
    }
    /// How many decimals the currency's minor unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    /// A code nobody knows counts as 2, which is what platforms send for it.
    pub fn exponent(&self) -> u32 {
        iso_currency::Currency::from_code(&self.0).and_then(iso_currency::Currency::exponent).map_or(2, u32::from)
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An amount in the currency's smallest coin. May be negative (a discount, a refund).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
pub struct Money {
    /// Amount in minor units: 1850 is € 18.50.
    pub minor: i64,
    /// Its currency.
    pub currency: Currency,
}

/// Largest amount that is believed, in minor units: ten trillion euro. Sums of thousands of them still fit an `i64`.
pub const MINOR_MAX: i64 = 1_000_000_000_000_000;

/// Why a platform's amount could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("\"{0}\" is not an amount")]
    NotANumber(String),
    /// More digits than any real price has.
    #[error("the amount {0} is too large")]
    TooLarge(String),
}

impl Money {
    /// `minor` units of `currency`.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads a platform's decimal text (`"18.50"`, `"-3"`, `"1850.004"`).
    ///
    /// Digits beyond the minor unit are rounded half away from zero: platforms
    /// send them for unit prices of bulk goods, totals never carry them.
    pub fn parse(text: &str, currency: &Currency) -> Result<Self, MoneyError> {
        let text = text.trim();
        let amount = Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_scientific(text))
            .map_err(|_| MoneyError::NotANumber(text.to_owned()))?;
        let scale = Decimal::from(10_i64.pow(currency.exponent()));
        let minor = amount
            .checked_mul(scale)
            .map(|m| m.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
            .and_then(|m| m.to_i64())
            .filter(|minor| (-MINOR_MAX..=MINOR_MAX).contains(minor))
            .ok_or_else(|| MoneyError::TooLarge(text.to_owned()))?;
        Ok(Self { minor, currency: currency.clone() })
    }

    /// The same amount with so many decimals, rounded down: 1850 at 2 is 18500 at 3. Exchanges nothing.
    #[must_use]
    pub fn minor_at(&self, exponent: u32) -> i64 {
        let own = self.currency.exponent();
        let factor = 10_i64.saturating_pow(own.abs_diff(exponent));
        if exponent >= own { self.minor.saturating_mul(factor) } else { self.minor.div_euclid(factor) }
    }

    /// The exact decimal, for platforms that want one: 1850 EUR is `18.50`.
    pub fn decimal(&self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.currency.0.is_empty() {
            return write!(f, "{}", self.decimal());
        }
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_minor_units() {
        for (text, code, minor) in [
            ("18.50", "EUR", 1850),
            ("18.5", "eur", 1850),
            ("0", "USD", 0),
            ("-3", "USD", -300),
            ("1200", "JPY", 1200),
            ("1.234", "KWD", 1234),
            ("0.005", "EUR", 1),
            ("-0.005", "EUR", -1),
            ("1e2", "EUR", 10_000),
        ] {
            assert_eq!(Money::parse(text, &Currency::new(code)).unwrap().minor, minor, "{text} {code}");
        }
    }

    #[test]
    fn an_amount_is_the_same_with_more_decimals_and_never_more_with_fewer() {
        for (minor, code, exponent, expected) in [
            (1850, "EUR", 2, 1850),
            (1850, "EUR", 3, 18_500),
            (1850, "EUR", 0, 18),
            (1200, "JPY", 2, 120_000),
            (1234, "KWD", 2, 123),
            (-1, "EUR", 0, -1),
            (i64::MAX, "JPY", 2, i64::MAX),
        ] {
            let money = Money::new(minor, Currency::new(code));
            assert_eq!(money.minor_at(exponent), expected, "{minor} {code} at {exponent}");
        }
        assert_eq!(Money::new(1250, Currency::new("")).to_string(), "12.50");
    }

    #[test]
    fn nonsense_is_refused_with_its_text() {
        let eur = Currency::new("EUR");
        assert_eq!(Money::parse("a lot", &eur), Err(MoneyError::NotANumber("a lot".into())));
        assert_eq!(
            Money::parse("99999999999999999999", &eur),
            Err(MoneyError::TooLarge("99999999999999999999".into()))
        );
    }
}
