//! Money of an order and of a line: Amazon gives line totals by kind, rarely unit prices.

use super::at::{At, Bad};
use quayside_model::Currency;

/// Money of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_field_names)] // the unit stands in every name
pub struct LineAmounts {
    /// One unit before discounts, minor units.
    pub unit_minor: i64,
    /// One unit after them.
    pub discounted_unit_minor: i64,
    /// Tax on the whole line.
    pub tax_minor: i64,
}

/// Money of the whole order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderAmounts {
    /// Goods after discounts, minor units.
    pub goods_minor: i64,
    /// Discounts, positive.
    pub discount_minor: i64,
    /// Shipping and wrapping.
    pub shipping_minor: i64,
    /// Tax.
    pub tax_minor: i64,
    /// All of it.
    pub total_minor: i64,
    /// Prices contain tax.
    pub taxes_included: bool,
}

/// Sum of a breakdown's entries of these kinds.
fn sum(of: &At<'_>, kinds: &[&str], currency: &Currency) -> Result<Option<i64>, Bad> {
    let mut sum = None;
    for entry in of.get("breakdowns").list() {
        if kinds.contains(&entry.get("type").text().as_str())
            && let Some(minor) = entry.get("subtotal").minor(currency)?
        {
            sum = Some(sum.unwrap_or(0) + minor);
        }
    }
    Ok(sum)
}

/// Money of a line. Everything may be absent: a pending order has no prices.
pub fn line_amounts(item: &At<'_>, quantity: i64, currency: &Currency) -> Result<LineAmounts, Bad> {
    let proceeds = item.get("proceeds");
    let goods = sum(&proceeds, &["ITEM"], currency)?;
    let discount = sum(&proceeds, &["DISCOUNT"], currency)?.unwrap_or(0).abs();
    let units = quantity.max(1);
    let unit_minor = match item.get("product.price.unitPrice").minor(currency)? {
        Some(unit) => unit,
        None => goods.unwrap_or(0) / units,
    };
    Ok(LineAmounts {
        unit_minor,
        discounted_unit_minor: (unit_minor - discount / units).max(0),
        tax_minor: sum(&proceeds, &["TAX"], currency)?.unwrap_or(0),
    })
}

/// Money of the order: its own sums where it has them, else those of its lines.
/// `usually_included`: what is usual in its country, where the numbers do not tell.
pub fn order_amounts(
    at: &At<'_>,
    items: &[At<'_>],
    currency: &Currency,
    usually_included: bool,
) -> Result<OrderAmounts, Bad> {
    let proceeds = at.get("proceeds");
    let of = |kinds: &[&str]| -> Result<i64, Bad> {
        if let Some(sum) = sum(&proceeds, kinds, currency)? {
            return Ok(sum);
        }
        let mut all = 0;
        for item in items {
            all += sum(&item.get("proceeds"), kinds, currency)?.unwrap_or(0);
        }
        Ok(all)
    };
    let goods = of(&["ITEM"])?;
    let discount = of(&["DISCOUNT"])?.abs();
    let shipping = of(&["SHIPPING", "GIFT_WRAP", "COD_FEE", "DELIVERY_TIP"])?;
    let tax = of(&["TAX"])?;
    let other = of(&["OTHER"])?;
    let before_tax = goods - discount + shipping + other;
    let given = proceeds.get("grandTotal").minor(currency)?;
    let taxes_included = match given {
        Some(total) if tax != 0 && total == before_tax => true,
        Some(total) if tax != 0 && total == before_tax + tax => false,
        _ => usually_included,
    };
    let counted = if taxes_included { before_tax } else { before_tax + tax };
    Ok(OrderAmounts {
        goods_minor: (goods - discount).max(0),
        discount_minor: discount,
        shipping_minor: shipping,
        tax_minor: tax,
        total_minor: given.unwrap_or(counted),
        taxes_included,
    })
}
