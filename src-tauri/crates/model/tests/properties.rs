//! What must hold for every amount, every word and every number, not only for those somebody thought of.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use quayside_model::money::MINOR_MAX;
use quayside_model::{
    AliasBy, Cause, Currency, Delivery, EffectState, HubStatus, IntentKind, Mode, Money, MoneyError, Payment,
    ReturnStatus, Stage, fold_number,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// No decimals, two, three, four, and codes nobody knows.
fn currency() -> impl Strategy<Value = Currency> {
    proptest::sample::select(vec!["JPY", "EUR", "usd", "KWD", "CLF", "XTS", "", "€"]).prop_map(Currency::new)
}

fn again<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn an_amount_that_is_written_is_read_as_the_same(minor in -MINOR_MAX..=MINOR_MAX, currency in currency()) {
        let money = Money::new(minor, currency.clone());
        prop_assert_eq!(Money::parse(&money.decimal().to_string(), &currency), Ok(money.clone()));
        prop_assert_eq!(again(&money), money);
    }

    #[test]
    fn no_digit_beyond_the_smallest_coin_moves_an_amount_by_a_whole_one(
        negative in any::<bool>(),
        whole in 0_i64..1_000_000_000,
        digits in "[0-9]{0,12}",
    ) {
        let sign = if negative { "-" } else { "" };
        let text = format!("{sign}{whole}.{digits}0");
        let read = Money::parse(&text, &Currency::new("EUR")).unwrap().minor;
        // In units of 10⁻¹³ of a euro, exactly; half a cent is 5 × 10¹⁰ of them.
        let exact = i128::from(whole) * 10_i128.pow(13) + format!("{digits:0<13}").parse::<i128>().unwrap();
        let off = (i128::from(read.abs()) * 10_i128.pow(11) - exact).abs();
        prop_assert!(off <= 5 * 10_i128.pow(10), "{} became {}", text, read);
        prop_assert!(read == 0 || (read < 0) == negative);
    }

    #[test]
    fn a_larger_amount_is_never_read_as_a_smaller_one(a in any::<i32>(), b in any::<i32>(), scale in 0_u32..6) {
        let currency = Currency::new("EUR");
        let read = |n: i32| Money::parse(&rust_decimal::Decimal::new(n.into(), scale).to_string(), &currency).unwrap().minor;
        prop_assert_eq!(read(a.min(b)).min(read(a.max(b))), read(a.min(b)));
    }

    #[test]
    fn any_text_is_an_amount_or_refused_in_its_own_words(
        text in "[-+]?[0-9]{0,32}[.,]?[0-9]{0,32}([eE][-+]?[0-9]{1,20})?|\\PC{0,20}",
        currency in currency(),
    ) {
        match Money::parse(&text, &currency) {
            Ok(money) => prop_assert_eq!(Money::parse(&money.decimal().to_string(), &currency), Ok(money)),
            Err(MoneyError::NotANumber(said) | MoneyError::TooLarge(said)) => prop_assert_eq!(said, text.trim()),
        }
    }

    #[test]
    fn more_than_anybody_pays_is_refused(more in 1..=i64::MAX - MINOR_MAX, currency in currency()) {
        for minor in [MINOR_MAX + more, -MINOR_MAX - more] {
            let text = Money::new(minor, currency.clone()).decimal().to_string();
            prop_assert_eq!(Money::parse(&text, &currency), Err(MoneyError::TooLarge(text)));
        }
    }

    /// Also a word that is the name of a state we know.
    #[test]
    fn a_word_nobody_knows_survives_the_store(word in "\\PC{0,20}|paid|shipped|none|closed|unknown") {
        prop_assert_eq!(again(&Payment::Unknown(word.clone())), Payment::Unknown(word.clone()));
        prop_assert_eq!(again(&Delivery::Unknown(word.clone())), Delivery::Unknown(word.clone()));
        prop_assert_eq!(again(&HubStatus::Unknown(word.clone())), HubStatus::Unknown(word.clone()));
        prop_assert_eq!(again(&ReturnStatus::Unknown(word.clone())), ReturnStatus::Unknown(word.clone()));
        // And opens nothing: what is not understood is neither paid nor open to changes.
        prop_assert!(!Payment::Unknown(word.clone()).is_paid() && !HubStatus::Unknown(word).is_open());
    }

    #[test]
    fn a_number_folded_twice_is_folded_once(number in "\\PC{0,20}") {
        let folded = fold_number(&number);
        prop_assert_eq!(fold_number(&format!(" #{number} ")), folded.clone());
        prop_assert_eq!(fold_number(&folded), folded);
    }
}

/// Every word of a closed list leads back to its own entry, no two entries share one, and the store and the screens
/// write the same word.
fn is_total<T: Copy + PartialEq + std::fmt::Debug + Serialize>(
    all: &[T],
    code: impl Fn(T) -> &'static str,
    of: impl Fn(&str) -> Option<T>,
) {
    let words: BTreeSet<&str> = all.iter().map(|one| code(*one)).collect();
    assert_eq!(words.len(), all.len(), "two share a word: {words:?}");
    for one in all {
        assert_eq!(of(code(*one)), Some(*one));
        assert_eq!(serde_json::to_value(one).unwrap(), code(*one), "{one:?}");
    }
    for odd in ["", "TELEPORTED", "unknown "] {
        assert_eq!(of(odd), None, "{odd:?}");
    }
}

#[test]
fn every_word_of_a_closed_list_leads_back() {
    is_total(Cause::ALL, Cause::code, Cause::from_code);
    is_total(&IntentKind::ALL, IntentKind::code, IntentKind::from_code);
    is_total(&EffectState::ALL, EffectState::code, EffectState::from_code);
    is_total(&Stage::ALL, Stage::code, Stage::from_code);
    is_total(&[Mode::Off, Mode::Watch, Mode::Ask, Mode::Auto], Mode::code, Mode::from_code);
    is_total(&[AliasBy::Sku, AliasBy::Variant], AliasBy::code, AliasBy::from_code);
}
