//! What the merchant sells, from where, and who has bought before.

use crate::shopify::ShopPlan;
use crate::shopify::state::{Address, Customer, Level, Location, Product, ProductStatus, State, Variant};
use rand::Rng;
use rand::rngs::SmallRng;
use std::collections::BTreeMap;

/// Regular customers a store begins with.
const REGULARS: usize = 40;

/// Title, vendor, type, price of the first variant in minor units, grams, SKU stem, variants.
type Goods = (&'static str, &'static str, &'static str, i64, f64, &'static str, &'static [&'static str]);

const GOODS: &[Goods] = &[
    (
        "Fisherman's Sweater",
        "Nordhavn",
        "Clothing",
        12_900,
        780.0,
        "SWE-FIS",
        &["Navy / S", "Navy / M", "Navy / L", "Ecru / M"],
    ),
    ("Oilskin Jacket", "Nordhavn", "Clothing", 18_900, 1_150.0, "JAC-OIL", &["Yellow / M", "Yellow / L", "Black / L"]),
    ("Wool Beanie", "Nordhavn", "Clothing", 2_900, 90.0, "BEA-WOO", &["Grey", "Rust", "Navy"]),
    ("Deck Socks, Pair", "Nordhavn", "Clothing", 1_490, 70.0, "SOC-DEC", &["39-42", "43-46"]),
    ("Harbour Mug", "Kaimauer", "Kitchen", 1_650, 410.0, "MUG-HAR", &["White", "Sea Green"]),
    ("Enamel Plate Set of 4", "Kaimauer", "Kitchen", 4_200, 1_600.0, "PLA-ENA", &["Default Title"]),
    ("Smoked Salt 200 g", "Kaimauer", "Food", 890, 235.0, "SAL-SMO", &["Default Title"]),
    ("Brass Ship's Bell", "Lotse & Sohn", "Home", 7_900, 2_300.0, "BEL-BRA", &["Small", "Large"]),
    ("Rope Doormat", "Lotse & Sohn", "Home", 5_400, 3_200.0, "MAT-ROP", &["Default Title"]),
    ("Lighthouse Print A3", "Studio Möwe", "Prints", 3_500, 180.0, "PRI-LIG", &["Unframed", "Framed"]),
    ("Tide Table Calendar", "Studio Möwe", "Prints", 1_990, 350.0, "CAL-TID", &["Default Title"]),
    ("Storm Lantern", "Lotse & Sohn", "Home", 6_500, 1_450.0, "LAN-STO", &["Copper", "Steel"]),
    ("Marlinspike Knife", "Lotse & Sohn", "Tools", 8_900, 210.0, "KNI-MAR", &["Default Title"]),
    ("Beeswax Balm", "Kaimauer", "Care", 1_200, 65.0, "BAL-BEE", &["Default Title"]),
    ("Canvas Tote", "Nordhavn", "Bags", 2_400, 260.0, "TOT-CAN", &["Natural", "Navy"]),
];

/// SKU of goods that another company's warehouse ships.
pub const THIRD_PARTY_SKU: &str = "KAY-FOL";
/// SKU of the downloadable pattern.
pub const DIGITAL_SKU: &str = "PDF-KNI";

fn place(state: &mut State, name: &str, address: Address, online: bool, opened_ms: i64) -> u64 {
    let id = state.id();
    let name = name.to_owned();
    state.locations.push(Location {
        id,
        name,
        address,
        active: true,
        fulfills_online: online,
        service: None,
        created_ms: opened_ms,
    });
    id
}

/// Everything physical the merchant sells anywhere, one unit of each.
pub fn articles() -> Vec<super::shop::PurchaseLine> {
    let mut all = Vec::new();
    for (title, _, _, price_minor, grams, stem, variants) in GOODS {
        for (index, variant) in variants.iter().enumerate() {
            all.push(super::shop::PurchaseLine {
                sku: if variants.len() == 1 { (*stem).to_owned() } else { format!("{stem}-{}", index + 1) },
                name: (*title).to_owned(),
                variant: if variants.len() == 1 { String::new() } else { (*variant).to_owned() },
                quantity: 1,
                unit_price_minor: price_minor + index as i64 * 500,
                weight_g: Some(*grams),
                options: Vec::new(),
            });
        }
    }
    all
}

fn site(line: &str, zip: &str, city: &str, country: &str, code: &str) -> Address {
    Address {
        company: "Harbour Trading".to_owned(),
        address1: line.to_owned(),
        zip: zip.to_owned(),
        city: city.to_owned(),
        country: country.to_owned(),
        country_code: code.to_owned(),
        ..Address::default()
    }
}

/// Fills a new store.
pub fn fill(state: &mut State, plan: &ShopPlan, now_ms: i64, rng: &mut SmallRng) {
    let opened_ms = plan.opened_ms;
    let (quay, shop) = match plan.country.as_str() {
        "GB" => (
            site("12 Wapping High Street", "E1W 1PN", "London", "United Kingdom", "GB"),
            site("3 Harbour Parade", "CT11 8LN", "Ramsgate", "United Kingdom", "GB"),
        ),
        "US" => (
            site("88 Commercial Wharf", "02110", "Boston", "United States", "US"),
            site("5 Thames Street", "02840", "Newport", "United States", "US"),
        ),
        _ => (
            site("Am Sandtorkai 40", "20457", "Hamburg", "Germany", "DE"),
            site("Große Elbstraße 9", "22767", "Hamburg", "Germany", "DE"),
        ),
    };
    let main = place(state, "Quay Warehouse", quay, true, opened_ms);
    let second = place(state, "Back Store", shop.clone(), true, opened_ms);
    let service = plan.third_party.then(|| {
        let address = site("Logistikpark 7", "28197", "Bremen", "Germany", "DE");
        let id = place(state, "Nordlager 3PL", address, true, opened_ms);
        if let Some(location) = state.locations.last_mut() {
            location.service = Some(("nordlager".to_owned(), "Nordlager".to_owned()));
        }
        id
    });
    place(state, "Shop on the Quay", shop, false, opened_ms);

    for (title, vendor, kind, price, grams, stem, variants) in GOODS {
        let variants = variants.iter().enumerate().map(|(index, name)| {
            let sku = if variants.len() == 1 { (*stem).to_owned() } else { format!("{stem}-{}", index + 1) };
            // The first kind of each product is kept in both places, the others in one; the last one is nearly sold out.
            let mut levels = vec![(main, rng.random_range(400..4_000))];
            if index == 0 {
                levels.push((second, rng.random_range(50..400)));
            } else if index + 1 == variants.len() {
                levels = vec![(second, rng.random_range(200..900))];
            }
            (*name, Some(sku), *price + index as i64 * 500, Some(*grams), levels)
        });
        let variants: Vec<_> = variants.collect();
        product(state, title, vendor, kind, &variants, opened_ms, true);
    }
    product(
        state,
        "Knitting Pattern (download)",
        "Nordhavn",
        "Downloads",
        &[("Default Title", Some(DIGITAL_SKU.to_owned()), 690, None, vec![])],
        opened_ms,
        false,
    );
    product(
        state,
        "Gift Card",
        "Harbour",
        "Gift Cards",
        &[("25", None, 2_500, None, vec![]), ("50", None, 5_000, None, vec![])],
        opened_ms,
        false,
    );
    if let Some(card) = state.products.last_mut() {
        card.gift_card = true;
    }
    if let Some(service) = service {
        let levels = vec![(service, 5_000)];
        let variants = [("Default Title", Some(THIRD_PARTY_SKU.to_owned()), 64_900, Some(14_500.0), levels)];
        product(state, "Folding Kayak", "Nordlager", "Boats", &variants, opened_ms, true);
    }
    for _ in 0..REGULARS {
        let customer = super::names::customer(state.id(), &plan.country, now_ms, rng);
        state.customers.push(customer);
    }
    state.customers.sort_by_key(|customer: &Customer| customer.id);
}

/// Name, SKU, price, grams, stock by location.
type Kind<'a> = (&'a str, Option<String>, i64, Option<f64>, Vec<(u64, i64)>);

fn product(
    state: &mut State,
    title: &str,
    vendor: &str,
    kind: &str,
    variants: &[Kind<'_>],
    now_ms: i64,
    physical: bool,
) {
    let id = state.id();
    let variants = variants.iter().map(|(name, sku, price_minor, grams, levels)| {
        let level = |available: i64| Level { available, committed: 0, incoming: 0, updated_ms: now_ms };
        let levels: BTreeMap<u64, Level> =
            levels.iter().map(|(place, available)| (*place, level(*available))).collect();
        let (variant, item) = (state.id(), state.id());
        Variant {
            id: variant,
            item_id: item,
            title: (*name).to_owned(),
            barcode: sku.as_ref().map(|_| format!("40{:011}", variant % 100_000_000_000)),
            sku: sku.clone(),
            price_minor: *price_minor,
            compare_minor: None,
            // Merchants type weights in whatever unit comes to mind.
            weight: grams.map(|grams| match variant % 3 {
                0 => (grams, "GRAMS".to_owned()),
                1 => (grams / 1000.0, "KILOGRAMS".to_owned()),
                _ => ((grams / 28.349_523_125 * 10.0).round() / 10.0, "OUNCES".to_owned()),
            }),
            requires_shipping: physical,
            tracked: !levels.is_empty(),
            oversell: true,
            taxable: sku.is_some(),
            origin: physical.then(|| "DE".to_owned()),
            hs_code: physical.then(|| "630790".to_owned()),
            cost_minor: Some(price_minor / 3),
            updated_ms: now_ms,
            levels,
        }
    });
    let variants = variants.collect();
    state.products.push(Product {
        id,
        title: title.to_owned(),
        vendor: vendor.to_owned(),
        product_type: kind.to_owned(),
        status: ProductStatus::Active,
        tags: Vec::new(),
        gift_card: false,
        created_ms: now_ms,
        updated_ms: now_ms,
        variants,
    });
}
