//! Carriers of the account, their services, what a label costs and what their
//! tracking numbers look like. Prices are invented; the codes are the platform's.

use rand::Rng;
use rand::rngs::SmallRng;

/// A carrier connected to the account.
#[derive(Debug, PartialEq)]
pub struct Carrier {
    /// The platform's code.
    pub code: &'static str,
    /// For people.
    pub name: &'static str,
    /// Id of the connection; also the number behind `se-` in the newer API.
    pub provider_id: i64,
    /// Account number with the carrier.
    pub account_number: &'static str,
    /// Labels are paid from a balance.
    pub funded: bool,
    /// Chosen when nobody chooses.
    pub primary: bool,
    /// Shape of its tracking numbers: `#` a digit, `@` a letter, anything else itself.
    pub tracking_shape: &'static str,
    /// Where people follow a parcel; the number goes at the end.
    pub tracking_url: &'static str,
    /// What it sells, cheapest first.
    pub services: &'static [Service],
    /// Box types beside `package`.
    pub packages: &'static [(&'static str, &'static str)],
}

/// One product of a carrier.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// The platform's code.
    pub code: &'static str,
    /// For people.
    pub name: &'static str,
    /// Inside the country of the warehouse.
    pub domestic: bool,
    /// Across borders.
    pub international: bool,
    /// Price of the first 500 g, minor units.
    pub base_minor: i64,
    /// Price of each further 500 g, minor units.
    pub step_minor: i64,
    /// Usual days on the way.
    pub days: i64,
}

const fn service(code: &'static str, name: &'static str, reach: (bool, bool), price: (i64, i64), days: i64) -> Service {
    Service { code, name, domestic: reach.0, international: reach.1, base_minor: price.0, step_minor: price.1, days }
}

const HOME: (bool, bool) = (true, false);
const ABROAD: (bool, bool) = (false, true);
const BOTH: (bool, bool) = (true, true);

/// Goes everywhere.
pub const DHL: Carrier = Carrier {
    code: "dhl_express_worldwide",
    name: "DHL Express Worldwide",
    provider_id: 501_104,
    account_number: "142511333",
    funded: false,
    primary: false,
    tracking_shape: "##########",
    tracking_url: "https://www.dhl.com/global-en/home/tracking.html?tracking-id=",
    services: &[DHL_WORLDWIDE],
    packages: &[("flyer", "DHL Express Flyer")],
};
/// Its one service.
pub const DHL_WORLDWIDE: Service = service("dhl_express_worldwide", "DHL Express Worldwide", BOTH, (4250, 380), 2);

/// All of them.
pub const CARRIERS: &[Carrier] = &[
    Carrier {
        code: "dpd",
        name: "DPD",
        provider_id: 501_101,
        account_number: "0998123",
        funded: false,
        primary: true,
        tracking_shape: "0998##########",
        tracking_url: "https://tracking.dpd.de/status/en_US/parcel/",
        services: &[
            service("dpd_classic", "DPD Classic", BOTH, (545, 60), 2),
            service("dpd_express_12", "DPD Express 12:00", HOME, (1690, 120), 1),
        ],
        packages: &[],
    },
    Carrier {
        code: "gls_de",
        name: "GLS Germany",
        provider_id: 501_102,
        account_number: "2760A4711",
        funded: false,
        primary: false,
        tracking_shape: "50###########",
        tracking_url: "https://gls-group.com/track/",
        services: &[service("gls_business_parcel", "GLS BusinessParcel", BOTH, (529, 55), 2)],
        packages: &[],
    },
    Carrier {
        code: "ups_walleted",
        name: "UPS by ShipStation",
        provider_id: 501_103,
        account_number: "W9A8B7",
        funded: false,
        primary: false,
        tracking_shape: "1Z@#@##@#680#######",
        tracking_url: "https://www.ups.com/track?tracknum=",
        services: &[
            service("ups_standard_international", "UPS Standard", BOTH, (1120, 90), 3),
            service("ups_worldwide_saver", "UPS Worldwide Saver", ABROAD, (3890, 310), 2),
        ],
        packages: &[("ups_letter", "UPS Letter"), ("ups_express_pak", "UPS Express Pak")],
    },
    DHL,
    Carrier {
        code: "royal_mail",
        name: "Royal Mail",
        provider_id: 501_105,
        account_number: "0103887000",
        funded: false,
        primary: false,
        tracking_shape: "@@#########GB",
        tracking_url: "https://www.royalmail.com/track-your-item#/tracking-results/",
        services: &[
            service("rm_tracked_48", "Royal Mail Tracked 48", BOTH, (349, 40), 3),
            service("rm_tracked_24", "Royal Mail Tracked 24", BOTH, (449, 45), 2),
        ],
        packages: &[("large_letter", "Large Letter")],
    },
    Carrier {
        code: "stamps_com",
        name: "Stamps.com",
        provider_id: 501_106,
        account_number: "harbour-goods",
        funded: true,
        primary: false,
        tracking_shape: "94001118992#############",
        tracking_url: "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
        services: &[
            service("usps_ground_advantage", "USPS Ground Advantage", BOTH, (468, 85), 4),
            service("usps_priority_mail", "USPS Priority Mail", BOTH, (790, 130), 2),
        ],
        packages: &[("flat_rate_envelope", "Flat Rate Envelope"), ("medium_flat_rate_box", "Medium Flat Rate Box")],
    },
];

/// Country the warehouse ships from.
pub const HOME_COUNTRY: &str = "DE";

/// By code.
pub fn carrier(code: &str) -> Option<&'static Carrier> {
    CARRIERS.iter().find(|carrier| carrier.code == code)
}

/// By the number of the connection.
pub fn carrier_by_id(provider_id: i64) -> Option<&'static Carrier> {
    CARRIERS.iter().find(|carrier| carrier.provider_id == provider_id)
}

/// A service, by its code alone.
pub fn carrier_of_service(service: &str) -> Option<&'static Carrier> {
    CARRIERS.iter().find(|carrier| carrier.service(service).is_some())
}

impl Carrier {
    /// A service of this carrier.
    pub fn service(&self, code: &str) -> Option<&'static Service> {
        self.services.iter().find(|service| service.code == code)
    }
    /// It sells this box type.
    pub fn has_package(&self, code: &str) -> bool {
        code == "package" || self.packages.iter().any(|(known, _)| *known == code)
    }
    /// A fresh tracking number.
    pub fn tracking_number(&self, rng: &mut SmallRng) -> String {
        const LETTERS: &[u8] = b"ABCEFHJKLRTVWXY";
        let draw = |shape: char| match shape {
            '#' => char::from(b'0' + rng.random_range(0..10u8)),
            '@' => char::from(LETTERS.get(rng.random_range(0..LETTERS.len())).copied().unwrap_or(b'A')),
            other => other,
        };
        self.tracking_shape.chars().map(draw).collect()
    }
}

impl Service {
    /// It goes there.
    pub fn reaches(&self, country: &str) -> bool {
        if country.eq_ignore_ascii_case(HOME_COUNTRY) { self.domestic } else { self.international }
    }
    /// What a label costs, minor units.
    pub fn price_minor(&self, grams: f64, country: &str) -> i64 {
        let steps = ((grams.max(1.0) - 1.0) / 500.0).floor().min(200.0) as i64;
        let near = self.base_minor + self.step_minor * steps;
        if country.eq_ignore_ascii_case(HOME_COUNTRY) { near } else { near * 9 / 5 }
    }
}
