//! People and their addresses, in the scripts and countries of real customers.

use crate::shopify::state::{Address, Customer};
use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;

/// First name, last name.
const NAMES: &[(&str, &str)] = &[
    ("Søren", "Ødegård"),
    ("Maja", "Weiß"),
    ("Jürgen", "Groß"),
    ("Zoë", "O'Connor"),
    ("Łukasz", "Żółkiewski"),
    ("ليلى", "الحداد"),
    ("יעל", "כהן"),
    ("さくら", "田中"),
    ("李", "明"),
    ("Анна", "Кузнецова"),
    ("Ελένη", "Παπαδοπούλου"),
    ("José", "Núñez García"),
    ("Aoife", "Ní Bhriain"),
    ("François", "L'Hôpital"),
    ("Björk", "Þórsdóttir"),
    ("Emma 🌊", "Jones"),
    ("Oliver", "Smith"),
    ("Charlotte", "van der Berg"),
    ("Nguyễn", "Thị Hoa"),
    ("Ines", "Gonçalves"),
    ("Tom", "Baker"),
    ("Grace", "Okonkwo"),
    ("Arjun", "Patel"),
    ("Freya", "Hansen"),
];

/// Street, postcode, town, province, its code, country, its code, telephone.
type Place =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const PLACES: &[Place] = &[
    ("Deichstraße 14", "20459", "Hamburg", "", "", "Germany", "DE", "+49 40 5550110"),
    ("Torstraße 120", "10119", "Berlin", "", "", "Germany", "DE", "+49 30 5550123"),
    ("Marienplatz 3", "80331", "München", "", "", "Germany", "DE", ""),
    ("Strandgade 44", "1401", "København K", "", "", "Denmark", "DK", "+45 33 55 01 10"),
    ("Bryggen 9", "5003", "Bergen", "", "", "Norway", "NO", ""),
    ("Prinsengracht 263", "1016 GV", "Amsterdam", "", "", "Netherlands", "NL", "+31 20 555 0130"),
    ("14 rue de la République", "13001", "Marseille", "", "", "France", "FR", ""),
    ("Calle Mayor 5, 2º B", "28013", "Madrid", "Madrid", "M", "Spain", "ES", "+34 915 550 140"),
    ("ul. Długa 45/3", "80-827", "Gdańsk", "", "", "Poland", "PL", ""),
    ("Leoforos Nikis 21", "546 24", "Thessaloniki", "", "", "Greece", "GR", ""),
];

const PLACES_GB: &[Place] = &[
    ("7 Fore Street", "TR19 6PU", "Mousehole", "Cornwall", "CON", "United Kingdom", "GB", "+44 1736 555012"),
    ("Flat 3, 88 Leith Walk", "EH6 5HB", "Edinburgh", "", "", "United Kingdom", "GB", ""),
    ("21 Albert Dock", "L3 4AF", "Liverpool", "", "", "United Kingdom", "GB", "+44 151 555 0101"),
    ("2 Quay Street", "BT20 5EA", "Bangor", "", "", "United Kingdom", "GB", ""),
    ("15 Grafton Street", "D02 VF25", "Dublin", "Dublin", "D", "Ireland", "IE", "+353 1 555 0188"),
    ("45 Mill Lane", "CB4 3AB", "Cambridge", "", "", "United Kingdom", "GB", "+44 1223 555055"),
];

const PLACES_US: &[Place] = &[
    ("350 5th Ave, Apt 12C", "10118", "New York", "New York", "NY", "United States", "US", "+1 212-555-0147"),
    ("1 Ferry Building", "94111", "San Francisco", "California", "CA", "United States", "US", "+1 415-555-0111"),
    ("77 Lakeshore Blvd", "M5V 2T3", "Toronto", "Ontario", "ON", "Canada", "CA", ""),
    ("410 Pike St", "98101", "Seattle", "Washington", "WA", "United States", "US", ""),
];

/// An address of a shop's usual customers.
pub fn address(first: &str, last: &str, country: &str, rng: &mut SmallRng) -> Address {
    let places = match country {
        "GB" => PLACES_GB,
        "US" => PLACES_US,
        _ => PLACES,
    };
    let (line, zip, city, province, province_code, country, code, phone) = *places.choose(rng).unwrap_or(&PLACES[0]);
    let flat = if rng.random_bool(0.15) {
        format!("c/o {}", NAMES[rng.random_range(0..NAMES.len())].1)
    } else {
        String::new()
    };
    Address {
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        company: if rng.random_bool(0.08) { "Möbel & Meer GmbH".to_owned() } else { String::new() },
        address1: line.to_owned(),
        address2: flat,
        city: city.to_owned(),
        province: province.to_owned(),
        province_code: province_code.to_owned(),
        zip: zip.to_owned(),
        country: country.to_owned(),
        country_code: code.to_owned(),
        phone: phone.to_owned(),
    }
}

/// A buyer with a name and an address.
pub fn customer(id: u64, country: &str, now_ms: i64, rng: &mut SmallRng) -> Customer {
    let (first, last) = *NAMES.choose(rng).unwrap_or(&NAMES[0]);
    let address = address(first, last, country, rng);
    let created_ms = now_ms - rng.random_range(1..300) * 86_400_000;
    Customer {
        id,
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: Some(format!("buyer{id}@mail.example")),
        phone: (!address.phone.is_empty()).then(|| address.phone.clone()),
        address: Some(address),
        tags: if rng.random_bool(0.1) { vec!["wholesale".to_owned()] } else { Vec::new() },
        note: None,
        created_ms,
        updated_ms: created_ms,
    }
}
