//! SKU aliases: what a store calls a thing, and what the hub picks for it.
//!
//! The table is looked up once per order line while the hub's order is drafted. A person's
//! correction of one order goes before it; a store's own entry before one for every store;
//! a variant's id before a SKU. Names lead to hub SKUs in one step, never through another
//! alias, so a circle cannot hang anything; it is refused all the same, because whoever
//! wrote it expected something else.
//!
//! A bundle becomes several lines at the hub. Their keys say which line, which part and how
//! many per unit (`line~1.2.3`: part 1 of 2, 3 per unit), so that any computer can turn
//! parcels back into units of the store's line, whatever the table says by then. A price that
//! the units of a part cannot share evenly stands on two lines of that part (the second ends
//! in `+`): together they cost what the buyer paid.

use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::policy::Policy;
use quayside_model::alias::fold;
use quayside_model::{
    AliasBy, AliasPart, ConnectionId, HubLineDraft, IntentKind, OrderLine, Product, RecordKind, Role, SettingDecl,
    SettingKind, SkuAlias,
};
use std::collections::{BTreeMap, HashMap, HashSet};

pub(crate) const ID: &str = "sku_aliases";

/// More units of one part per unit than anybody packs; a typing slip.
const QUANTITY_MAX: i64 = 10_000;
/// Hubs cut longer SKUs.
const SKU_MAX: usize = 100;
/// Parts of one bundle.
const PARTS_MAX: usize = 40;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "SKU aliases",
    summary: "Gives lines the SKUs your warehouse picks by: another name for the same thing, or several things for a bundle.",
    examples: &[
        ("A store sells \"MUG-BLUE-US\"; the warehouse knows \"MUG-BLUE\".", "The hub's line carries MUG-BLUE."),
        (
            "\"GIFT-SET\" is a bundle of 1 × MUG-BLUE and 2 × TEA-100.",
            "The hub gets both lines; the store is told of the set once all of it has left.",
        ),
        ("A marketplace sells by its own listing id.", "The entry is found by that id instead of a SKU."),
        (
            "An order has a SKU the table does not know, and you hold such orders.",
            "It waits; one click maps the SKU and tries every order with it again.",
        ),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Hub, IntentKind::PutHubOrder)],
    undo: "Take the entry out: open orders go back to the store's SKU until their label is bought.",
    settings: &[SettingDecl {
        name: "unknown",
        label: "A SKU the table does not know",
        help: "Known is what stands in the table on either side, or is a product of a shipping account.",
        kind: SettingKind::Choice(&[("send", "is sent as the store has it"), ("hold", "holds the order")]),
        default: "send",
    }],
    look,
};

/// Orders wait for SKUs nobody knows: then it matters what the hubs have.
pub fn holds_unknown(policy: &Policy) -> bool {
    policy.setting(ID, "unknown") == "hold"
}

// Its work is done while an order is drafted; unknown SKUs are told there, beside the draft.
fn look(_: &mut Look<'_>) {}

/// The table, ready to be looked up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AliasBook {
    names: HashMap<(Option<ConnectionId>, AliasBy, String), Vec<AliasPart>>,
    hub_skus: HashSet<String>,
    /// Of every part: the bundles it is in, by what, and as names are compared.
    sets: HashMap<String, Vec<(AliasBy, String)>>,
}

impl AliasBook {
    /// From the rows.
    pub fn new(rows: impl IntoIterator<Item = SkuAlias>) -> Self {
        let mut book = Self::default();
        for row in rows {
            book.hub_skus.extend(row.parts.iter().map(|part| fold(&part.sku)));
            if !matches!(row.parts.as_slice(), [one] if one.quantity == 1) {
                for part in &row.parts {
                    book.sets.entry(fold(&part.sku)).or_default().push((row.by, fold(&row.theirs)));
                }
            }
            book.names.insert((row.store, row.by, fold(&row.theirs)), row.parts);
        }
        book
    }

    /// The same beside what the hubs have as products of their own.
    #[must_use]
    pub fn knowing(mut self, products: impl IntoIterator<Item = String>) -> Self {
        self.hub_skus.extend(products.into_iter().map(|sku| fold(&sku)));
        self
    }

    /// Nothing in it.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// What the hub picks for one unit of a line; `None` if the table has no word for it.
    pub fn parts(&self, store: &ConnectionId, line: &OrderLine) -> Option<&[AliasPart]> {
        self.parts_by_name(store, &line.sku, line.variant_id.as_deref())
    }

    /// The same for anything that has a SKU, and maybe an id of its variant.
    pub fn parts_by_name(&self, store: &ConnectionId, sku: &str, variant: Option<&str>) -> Option<&[AliasPart]> {
        if self.names.is_empty() {
            return None;
        }
        let variant = variant.map(fold).filter(|id| !id.is_empty());
        let sku = Some(fold(sku)).filter(|sku| !sku.is_empty());
        for store in [Some(store.clone()), None] {
            for (by, name) in [(AliasBy::Variant, &variant), (AliasBy::Sku, &sku)] {
                let Some(name) = name else { continue };
                if let Some(parts) = self.names.get(&(store.clone(), by, name.clone())) {
                    return Some(parts);
                }
                // Platforms write the same id long and short: `gid://shop/Variant/7` and `7`.
                let short = name.rsplit('/').next().unwrap_or(name);
                if by == AliasBy::Variant
                    && short != name
                    && let Some(parts) = self.names.get(&(store.clone(), by, short.to_owned()))
                {
                    return Some(parts);
                }
            }
        }
        None
    }

    /// Bundles that a hub SKU, as names are compared, is a part of: their SKUs at the stores. `true`: some are known by the
    /// id of a variant only.
    pub fn sets_with(&self, sku: &str) -> (Vec<String>, bool) {
        let of = self.sets.get(sku).map_or(&[][..], Vec::as_slice);
        let by_sku = of.iter().filter(|(by, _)| *by == AliasBy::Sku).map(|(_, name)| name.clone());
        (by_sku.collect(), of.iter().any(|(by, _)| *by == AliasBy::Variant))
    }

    /// What an entry of the same store and name says now.
    pub fn parts_of(&self, alias: &SkuAlias) -> Option<&[AliasPart]> {
        self.names.get(&(alias.store.clone(), alias.by, fold(&alias.theirs))).map(Vec::as_slice)
    }

    /// The warehouse knows this SKU, as far as the table and its own products say.
    pub fn knows(&self, sku: &str) -> bool {
        self.hub_skus.contains(&fold(sku))
    }
}

/// Why an entry cannot stand, in a sentence; `Ok` if it can. `others` are the entries it would stand beside.
pub fn check(alias: &SkuAlias, others: &[SkuAlias]) -> Result<(), String> {
    let theirs = alias.theirs.trim();
    if theirs.is_empty() {
        return Err("The store's SKU or id is empty. Say what the store calls it.".into());
    }
    if alias.parts.is_empty() {
        return Err(format!("\"{theirs}\" has no hub SKU. Name at least one."));
    }
    if alias.parts.len() > PARTS_MAX {
        return Err(format!("\"{theirs}\" has {} parts; at most {PARTS_MAX} are packed together.", alias.parts.len()));
    }
    for (i, part) in alias.parts.iter().enumerate() {
        let sku = part.sku.trim();
        if sku.is_empty() {
            return Err(format!("\"{theirs}\" has a part without a hub SKU."));
        }
        if sku.chars().count() > SKU_MAX {
            return Err(format!("The hub SKU of \"{theirs}\" is longer than {SKU_MAX} characters; hubs would cut it."));
        }
        if !(1..=QUANTITY_MAX).contains(&part.quantity) {
            return Err(format!(
                "\"{theirs}\" asks for {} × {sku}. A part takes 1 to {QUANTITY_MAX} units.",
                part.quantity
            ));
        }
        if alias.parts[..i].iter().any(|earlier| fold(&earlier.sku) == fold(sku)) {
            return Err(format!("\"{theirs}\" names {sku} twice. Name it once with the sum of both."));
        }
    }
    match circle(alias, others) {
        Some(path) => Err(format!(
            "These aliases lead in a circle: {}. An alias is one step from the store's name to the hub's; \
             take one of them out.",
            path.join(" → ")
        )),
        None => Ok(()),
    }
}

/// The way back to where it began, if there is one through other entries for the same stores.
fn circle(alias: &SkuAlias, others: &[SkuAlias]) -> Option<Vec<String>> {
    let start = fold(&alias.theirs);
    let beside = |other: &&SkuAlias| {
        other.by == AliasBy::Sku
            && (other.store == alias.store || other.store.is_none() || alias.store.is_none())
            && !(other.store == alias.store && other.by == alias.by && fold(&other.theirs) == start)
    };
    if alias.by != AliasBy::Sku {
        return None;
    }
    let mut seen = HashSet::new();
    let mut ways: Vec<Vec<String>> = alias
        .parts
        .iter()
        .filter(|part| fold(&part.sku) != start)
        .map(|part| vec![alias.theirs.trim().to_owned(), part.sku.trim().to_owned()])
        .collect();
    while let Some(way) = ways.pop() {
        let at = way.last().map(|sku| fold(sku)).unwrap_or_default();
        if at == start {
            return Some(way);
        }
        if !seen.insert(at.clone()) {
            continue;
        }
        for next in others.iter().filter(beside).filter(|other| fold(&other.theirs) == at) {
            for part in next.parts.iter().filter(|part| fold(&part.sku) != at) {
                let mut further = way.clone();
                further.push(part.sku.trim().to_owned());
                ways.push(further);
            }
        }
    }
    None
}

/// One line as the hub's lines: itself, renamed, or the parts of a bundle.
pub(crate) fn expand(line: HubLineDraft, parts: Option<&[AliasPart]>) -> Vec<HubLineDraft> {
    let Some(parts) = parts else { return vec![line] };
    if let [one] = parts
        && one.quantity == 1
    {
        return vec![HubLineDraft { sku: one.sku.trim().to_owned(), ..line }];
    }
    let units: i64 = parts.iter().map(|part| part.quantity).sum();
    // Money and tax stay on one part: spread over parts they would be rounded.
    let bears = parts.iter().position(|part| part.quantity == 1).unwrap_or(0);
    let mut lines = Vec::with_capacity(parts.len() + 1);
    for (i, part) in parts.iter().enumerate() {
        let pays = i == bears;
        let each_minor = if pays { line.unit_price_minor / part.quantity } else { 0 };
        // What six units at 1.66 leave of 10.00; one of them bears it.
        let rest_minor = if pays { line.unit_price_minor - each_minor * part.quantity } else { 0 };
        let mut options = line.options.clone();
        options.push(("Part of".to_owned(), line.name.clone()));
        let even = HubLineDraft {
            line_key: part_key(&line.line_key, i + 1, parts.len(), part.quantity),
            sku: part.sku.trim().to_owned(),
            name: format!("{} · {}", line.name, part.sku.trim()),
            quantity: line.quantity * part.quantity,
            unit_price_minor: each_minor,
            tax_minor: if pays { line.tax_minor } else { 0 },
            weight_g: line.weight_g.map(|grams| grams / units as f64),
            options,
            barcode: None,
        };
        if rest_minor == 0 {
            lines.push(even);
            continue;
        }
        let odd = HubLineDraft {
            line_key: format!("{}{REST}", even.line_key),
            quantity: line.quantity,
            unit_price_minor: each_minor + rest_minor,
            tax_minor: 0,
            ..even.clone()
        };
        lines.push(HubLineDraft { quantity: even.quantity - line.quantity, ..even });
        lines.push(odd);
    }
    lines
}

/// Ends the key of a part's second line, which has what its price left over.
const REST: char = '+';

fn part_key(line: &str, n: usize, of: usize, per_unit: i64) -> String {
    format!("{line}~{n}.{of}.{per_unit}")
}

/// Which part of a bundle a hub line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOf {
    /// Its place among the parts, from 1.
    pub n: u32,
    /// How many parts there are.
    pub of: u32,
    /// Units of it per unit of the store's line.
    pub per_unit: i64,
}

/// The store's line a hub line's key stands for, and which part of it; whole lines have no part.
pub fn line_of(key: &str) -> (&str, Option<PartOf>) {
    let Some((line, tail)) = key.rsplit_once('~') else { return (key, None) };
    let mut numbers = tail.strip_suffix(REST).unwrap_or(tail).split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(n)), Some(Ok(of)), Some(Ok(per_unit)), None) if (1..=of).contains(&n) && per_unit > 0 => {
            (line, Some(PartOf { n, of, per_unit: i64::from(per_unit) }))
        }
        _ => (key, None),
    }
}

/// A SKU as it was seen on an order line of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenSku {
    /// The store.
    pub store: ConnectionId,
    /// SKU on the line; may be empty.
    pub sku: String,
    /// The channel's variant id.
    pub variant_id: Option<String>,
    /// Barcode.
    pub barcode: Option<String>,
    /// Name and variant, as the buyer saw it.
    pub name: String,
    /// What the store's own list says of it, where that list is read.
    pub listing: Option<Listing>,
    /// Orders it stands on.
    pub orders: i64,
}

/// What a store's own list says of a thing it sells. No word of the warehouse: it only helps to find that word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// What it is called there.
    pub name: String,
    /// The marketplace's own code (ASIN).
    pub code: Option<String>,
    /// Barcode.
    pub barcode: Option<String>,
}

impl Listing {
    /// Of a product.
    pub fn of(product: &Product) -> Self {
        let name = match (product.name.trim(), product.variant.trim()) {
            (name, "") => name.to_owned(),
            (name, variant) => format!("{name} · {variant}"),
        };
        Self { name, code: product.listing_code.clone(), barcode: product.barcode.clone() }
    }
}

/// A store's product is what stands on its orders: by SKU, by its id, or by the marketplace's code.
pub fn is_listing_of(product: &Product, sku: &SeenSku) -> bool {
    let same = |a: &str, b: &str| !a.trim().is_empty() && fold(a) == fold(b);
    if !sku.sku.trim().is_empty() {
        return same(&product.sku, &sku.sku);
    }
    let Some(id) = &sku.variant_id else { return false };
    same(&product.remote_id, id) || product.listing_code.as_ref().is_some_and(|code| same(code, id))
}

/// A mapping that facts suggest, never one of a guess.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, specta::Type)]
pub struct Suggestion {
    /// What would be written.
    pub alias: SkuAlias,
    /// The line's name.
    pub name: String,
    /// Why, in a sentence.
    pub because: String,
    /// Open orders it would touch.
    pub orders: i64,
}

/// Suggests a hub SKU for every SKU the table does not know, from an equal barcode, a marketplace's code that is the hub's
/// SKU or barcode, or an equal name of exactly one known thing; what the store's own list says counts like what stands on
/// the order. Two candidates are none.
pub fn suggestions(seen: &[SeenSku], book: &AliasBook) -> Vec<Suggestion> {
    let known = |sku: &SeenSku| !sku.sku.trim().is_empty() && book.knows(&sku.sku);
    let plain = |name: &str| fold(name).split_whitespace().collect::<Vec<_>>().join(" ");
    let name = |sku: &SeenSku| plain(&sku.name);
    let mut by_barcode: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    let mut by_name: BTreeMap<String, HashSet<String>> = BTreeMap::new();
    for sku in seen.iter().filter(|sku| known(sku)) {
        let hub_sku = sku.sku.trim().to_owned();
        if let Some(barcode) = sku.barcode.as_deref().map(fold).filter(|code| code.len() >= 8) {
            by_barcode.entry(barcode).or_default().insert(hub_sku.clone());
        }
        by_name.entry(name(sku)).or_default().insert(hub_sku);
    }
    let by_sku: BTreeMap<String, String> =
        seen.iter().filter(|sku| known(sku)).map(|sku| (fold(&sku.sku), sku.sku.trim().to_owned())).collect();
    let only = |found: Vec<&HashSet<String>>| {
        let all: HashSet<&String> = found.into_iter().flatten().collect();
        (all.len() == 1).then(|| all.into_iter().next().cloned()).flatten()
    };
    let long = |code: &str| Some(fold(code)).filter(|code| code.len() >= 8);
    let mut out: Vec<Suggestion> = seen
        .iter()
        .filter(|sku| !known(sku) && !is_mapped(book, sku))
        .filter_map(|sku| {
            let listing = sku.listing.as_ref();
            let listed = listing.and_then(|listing| listing.barcode.as_deref());
            let barcodes: Vec<String> =
                [sku.barcode.as_deref(), listed].into_iter().flatten().filter_map(long).collect();
            let same_code = only(barcodes.iter().filter_map(|code| by_barcode.get(code)).collect());
            let code = listing.and_then(|listing| listing.code.as_deref()).filter(|code| !code.trim().is_empty());
            let by_code = || {
                let code = code?;
                let own = by_sku.get(&fold(code)).cloned();
                own.or_else(|| only(long(code).and_then(|code| by_barcode.get(&code)).into_iter().collect()))
            };
            let (hub_sku, because) = if let Some(hub_sku) = same_code {
                let carried = barcodes.iter().find(|code| by_barcode.contains_key(*code)).cloned().unwrap_or_default();
                (hub_sku, format!("Both carry the barcode {carried}."))
            } else if !barcodes.iter().any(|code| by_barcode.contains_key(code))
                && let Some(hub_sku) = by_code()
            {
                (hub_sku, format!("The hub knows its listing {} by that name.", code.unwrap_or_default().trim()))
            } else {
                let called = std::iter::once(name(sku)).chain(listing.map(|listing| plain(&listing.name)));
                let called: Vec<String> = called.filter(|name| !name.is_empty()).collect();
                let hub_sku = only(called.iter().filter_map(|name| by_name.get(name)).collect())?;
                let shown = if by_name.contains_key(&name(sku)) { sku.name.trim() } else { listing?.name.trim() };
                (hub_sku, format!("Both are called \"{shown}\"."))
            };
            let (by, theirs) = if sku.sku.trim().is_empty() {
                (AliasBy::Variant, sku.variant_id.clone()?)
            } else {
                (AliasBy::Sku, sku.sku.trim().to_owned())
            };
            let parts = vec![AliasPart { sku: hub_sku, quantity: 1 }];
            let alias = SkuAlias { store: Some(sku.store.clone()), by, theirs, parts };
            Some(Suggestion { alias, name: sku.name.clone(), because, orders: sku.orders })
        })
        .collect();
    out.sort_by(|a, b| b.orders.cmp(&a.orders).then_with(|| a.alias.cmp(&b.alias)));
    out
}

/// The table has a word for it, whatever it stands for.
pub fn is_mapped(book: &AliasBook, sku: &SeenSku) -> bool {
    book.parts(&sku.store, &line_like(sku)).is_some()
}

fn line_like(sku: &SeenSku) -> OrderLine {
    OrderLine {
        remote_id: String::new(),
        sku: sku.sku.clone(),
        name: sku.name.clone(),
        variant: String::new(),
        quantity: 1,
        current_quantity: 1,
        unfulfilled_quantity: 1,
        requires_shipping: true,
        gift_card: false,
        unit_price_minor: 0,
        discounted_unit_price_minor: 0,
        tax_minor: 0,
        weight_g: None,
        options: Vec::new(),
        barcode: sku.barcode.clone(),
        variant_id: sku.variant_id.clone(),
        product_type: String::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn alias(theirs: &str, parts: &[(&str, i64)]) -> SkuAlias {
        SkuAlias {
            store: None,
            by: AliasBy::Sku,
            theirs: theirs.into(),
            parts: parts.iter().map(|(sku, quantity)| AliasPart { sku: (*sku).into(), quantity: *quantity }).collect(),
        }
    }

    fn seen(sku: &str, name: &str, barcode: Option<&str>) -> SeenSku {
        SeenSku {
            store: ConnectionId::new("store"),
            sku: sku.into(),
            variant_id: Some("gid://shop/Variant/77".into()),
            barcode: barcode.map(Into::into),
            name: name.into(),
            listing: None,
            orders: 3,
        }
    }

    #[test]
    fn what_a_store_lists_finds_the_hubs_word_and_is_none_itself() {
        let listing = |name: &str, code: Option<&str>, barcode: Option<&str>| Listing {
            name: name.into(),
            code: code.map(Into::into),
            barcode: barcode.map(Into::into),
        };
        let hub = [
            seen("WH-LAMP", "Lamp of the warehouse", Some("4006381333931")),
            seen("WH-MUG", "Blue mug", Some("4006381333948")),
            seen("B0TEA00001", "Tea", None),
            seen("WH-ASIN", "Coded", Some("B0CODE0001")),
        ];
        let book = AliasBook::new([]).knowing(hub.iter().map(|sku| sku.sku.clone()));
        for (case, listed, meant) in [
            ("nothing is listed", None, None),
            ("its barcode", Some(listing("x", None, Some("4006381333931"))), Some(("WH-LAMP", "4006381333931"))),
            ("its name there", Some(listing("blue  MUG", None, None)), Some(("WH-MUG", "blue  MUG"))),
            (
                "its code is a SKU",
                Some(listing("x", Some("b0tea00001"), None)),
                Some(("B0TEA00001", "listing b0tea00001")),
            ),
            ("its code is a barcode", Some(listing("x", Some("B0CODE0001"), None)), Some(("WH-ASIN", "B0CODE0001"))),
            ("neither is known", Some(listing("x", Some("B0NONE0001"), Some("4000000000000"))), None),
            ("a code of two letters", Some(listing("x", Some("WH"), Some("40"))), None),
        ] {
            let mut all = hub.to_vec();
            all.push(SeenSku { listing: listed, ..seen("9Z-AAAA", "Something else", None) });
            let found = suggestions(&all, &book);
            let told = found.iter().map(|one| (one.alias.parts[0].sku.as_str(), one.because.as_str()));
            match (told.collect::<Vec<_>>().as_slice(), meant) {
                ([], None) => {}
                ([(sku, because)], Some((expected, word))) => {
                    assert!(*sku == expected && because.contains(word), "{case}: {sku} {because}");
                }
                (told, _) => panic!("{case}: {told:?}"),
            }
        }
        // What stands on the order says one thing, the list another: nobody guesses.
        let torn = SeenSku {
            listing: Some(listing("x", None, Some("4006381333948"))),
            ..seen("9Z-AAAA", "Something else", Some("4006381333931"))
        };
        let all: Vec<SeenSku> = hub.iter().cloned().chain([torn]).collect();
        assert_eq!(suggestions(&all, &book), []);
    }

    #[test]
    fn a_listing_is_found_by_sku_by_id_or_by_the_marketplaces_code() {
        let product = |sku: &str, id: &str, code: Option<&str>| Product {
            remote_id: id.into(),
            item_id: None,
            sku: sku.into(),
            listing_code: code.map(Into::into),
            name: "Mug".into(),
            variant: "Blue".into(),
            barcode: None,
            weight_g: None,
            price_minor: None,
            currency: None,
            active: true,
            updated_at_ms: 0,
        };
        let line = |sku: &str, id: Option<&str>| SeenSku { variant_id: id.map(Into::into), ..seen(sku, "Mug", None) };
        for (product, line, is) in [
            (product("mug ", "1", None), line("MUG", None), true),
            (product("TEA", "1", Some("B0A")), line("MUG", Some("B0A")), false),
            (product("TEA", "1", Some("B0A")), line("", Some("b0a")), true),
            (product("TEA", "77", None), line("", Some("77")), true),
            (product("", "", None), line("", Some("")), false),
            (product("", "", None), line("", None), false),
        ] {
            assert_eq!(is_listing_of(&product, &line), is, "{product:?} {line:?}");
        }
        assert_eq!(Listing::of(&product("A", "1", None)).name, "Mug · Blue");
    }

    #[test]
    fn the_nearest_entry_wins() {
        let store = ConnectionId::new("store");
        let mut own = alias("MUG", &[("MUG-OWN", 1)]);
        own.store = Some(store.clone());
        let mut listing = alias("77", &[("MUG-LISTING", 1)]);
        listing.by = AliasBy::Variant;
        let line = line_like(&seen(" mug ", "Mug", None));
        let book = |rows: &[&SkuAlias]| AliasBook::new(rows.iter().copied().cloned());
        let found = |rows: &[&SkuAlias]| book(rows).parts(&store, &line).map(|parts| parts[0].sku.clone());
        let everywhere = alias("Mug", &[("MUG-ALL", 1)]);
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[&everywhere]).as_deref(), Some("MUG-ALL"), "spaces and case do not matter");
        assert_eq!(found(&[&everywhere, &own]).as_deref(), Some("MUG-OWN"), "the store's own before everyone's");
        assert_eq!(found(&[&everywhere, &listing]).as_deref(), Some("MUG-LISTING"), "the exact listing before a SKU");
    }

    #[test]
    fn a_bundle_keeps_money_units_and_weight() {
        let line = HubLineDraft {
            line_key: "gid://shop/LineItem/5".into(),
            sku: "SET".into(),
            name: "Gift set".into(),
            quantity: 3,
            unit_price_minor: 3000,
            tax_minor: 570,
            weight_g: Some(900.0),
            options: vec![],
            barcode: Some("4000000000001".into()),
        };
        let parts = [AliasPart { sku: "TEA".into(), quantity: 2 }, AliasPart { sku: "MUG".into(), quantity: 1 }];
        let lines = expand(line.clone(), Some(&parts));
        assert_eq!(lines.iter().map(|l| (l.sku.as_str(), l.quantity)).collect::<Vec<_>>(), [("TEA", 6), ("MUG", 3)]);
        assert_eq!(lines.iter().map(|l| l.quantity * l.unit_price_minor).sum::<i64>(), 9000);
        assert_eq!(lines.iter().map(|l| l.tax_minor).sum::<i64>(), 570);
        let grams: f64 = lines.iter().map(|l| l.weight_g.unwrap() * l.quantity as f64).sum();
        assert!((grams - 2700.0).abs() < 1e-6);
        for (line, n) in lines.iter().zip(1..) {
            let (of, part) = line_of(&line.line_key);
            assert_eq!((of, part.unwrap().n, part.unwrap().of), ("gid://shop/LineItem/5", n, 2));
        }
        // A new name alone is the same line.
        let renamed = expand(line.clone(), Some(&[AliasPart { sku: "SET-2".into(), quantity: 1 }]));
        assert_eq!(renamed, vec![HubLineDraft { sku: "SET-2".into(), ..line }]);
    }

    #[test]
    fn parts_cost_what_the_whole_did_whatever_their_number() {
        for (price, quantity, parts, lines) in [
            (1_000, 1, vec![("EGG", 6)], vec![("EGG", 5, 166), ("EGG", 1, 170)]),
            (1_000, 3, vec![("EGG", 6)], vec![("EGG", 15, 166), ("EGG", 3, 170)]),
            (1_200, 2, vec![("EGG", 6)], vec![("EGG", 12, 200)]),
            (999, 1, vec![("EGG", 6), ("BOX", 1)], vec![("EGG", 6, 0), ("BOX", 1, 999)]),
            (999, 2, vec![("EGG", 6), ("TEA", 2)], vec![("EGG", 10, 166), ("EGG", 2, 169), ("TEA", 4, 0)]),
            (5, 1, vec![("EGG", 6)], vec![("EGG", 5, 0), ("EGG", 1, 5)]),
            (0, 4, vec![("EGG", 6)], vec![("EGG", 24, 0)]),
        ] {
            let line = HubLineDraft {
                line_key: "7".into(),
                sku: "PACK".into(),
                name: "Pack".into(),
                quantity,
                unit_price_minor: price,
                tax_minor: 19,
                weight_g: Some(600.0),
                options: vec![],
                barcode: None,
            };
            let parts: Vec<AliasPart> =
                parts.into_iter().map(|(sku, quantity)| AliasPart { sku: sku.into(), quantity }).collect();
            let made = expand(line, Some(&parts));
            let shown: Vec<_> = made.iter().map(|l| (l.sku.as_str(), l.quantity, l.unit_price_minor)).collect();
            assert_eq!(shown, lines);
            assert_eq!(made.iter().map(|l| l.quantity * l.unit_price_minor).sum::<i64>(), price * quantity);
            assert_eq!(made.iter().map(|l| l.tax_minor).sum::<i64>(), 19);
            let mut keys: Vec<&str> = made.iter().map(|l| l.line_key.as_str()).collect();
            keys.dedup();
            assert_eq!(keys.len(), made.len(), "{keys:?}");
            // Both lines of a part are that part, and add up to it.
            for (n, part) in parts.iter().enumerate() {
                let of = |l: &&HubLineDraft| line_of(&l.line_key).1.is_some_and(|found| found.n as usize == n + 1);
                let units: i64 = made.iter().filter(of).map(|l| l.quantity).sum();
                assert_eq!(units, part.quantity * quantity, "{}", part.sku);
            }
        }
    }

    #[test]
    fn keys_of_whole_lines_are_left_alone() {
        for key in ["gid://shop/LineItem/5", "a~b", "a~1.2", "a~0.2.1", "a~3.2.1", "a~1.1.0", "a~1.1.1.1", "a~1.1.6++"]
        {
            assert_eq!(line_of(key), (key, None));
        }
    }

    #[test]
    fn what_cannot_stand_is_a_sentence() {
        let fine = [alias("B", &[("C", 1)])];
        assert_eq!(check(&alias("A", &[("B", 1)]), &fine), Ok(()), "one step further is no circle");
        assert_eq!(check(&alias("A", &[("A", 1)]), &[]), Ok(()), "a SKU may stand for itself: it is known then");
        for (bad, others, says) in [
            (alias(" ", &[("B", 1)]), vec![], "empty"),
            (alias("A", &[]), vec![], "no hub SKU"),
            (alias("A", &[(" ", 1)]), vec![], "without a hub SKU"),
            (alias("A", &[("B", 0)]), vec![], "0 × B"),
            (alias("A", &[("B", 1), ("b ", 2)]), vec![], "twice"),
            (alias("A", &[("B", 1)]), vec![alias("B", &[("A", 1)])], "A → B → A"),
            (
                alias("A", &[("X", 1), ("B", 1)]),
                vec![alias("b", &[("C", 2)]), alias("C", &[("a", 1)])],
                "A → B → C → a",
            ),
        ] {
            let said = check(&bad, &others).unwrap_err();
            assert!(said.contains(says), "{said}");
        }
    }

    #[test]
    fn only_facts_suggest() {
        let book = AliasBook::new([
            alias("old", &[("MUG-BLUE", 1)]),
            alias("old2", &[("CUP-1", 1)]),
            alias("o3", &[("CUP-2", 1)]),
        ]);
        let all = [
            seen("MUG-BLUE", "Mug, blue", Some("4006381333931")),
            seen("B-MUG", "Becher", Some(" 4006381333931 ")),
            seen("MUG-BLUE-US", "mug,  blue", None),
            seen("CUP-1", "Cup", None),
            seen("CUP-2", "Cup", None),
            seen("CUP-US", "Cup", Some("123")),
            seen("old", "Mug, blue", None),
            seen("", "Mug, blue", None),
        ];
        let found: Vec<(String, String, String)> = suggestions(&all, &book)
            .into_iter()
            .map(|s| (s.alias.theirs, s.alias.parts[0].sku.clone(), s.because))
            .collect();
        let text = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            found,
            [
                text("B-MUG", "MUG-BLUE", "Both carry the barcode 4006381333931."),
                text("MUG-BLUE-US", "MUG-BLUE", "Both are called \"mug,  blue\"."),
                text("gid://shop/Variant/77", "MUG-BLUE", "Both are called \"Mug, blue\"."),
            ],
            "two cups with one name suggest nothing, and what is mapped needs nothing"
        );
    }
}
