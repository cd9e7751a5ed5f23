//! A hub's carrier into the name Amazon recognises.
//!
//! A name Amazon cannot match counts against the seller's valid-tracking rate, so
//! known carriers are spelled exactly as Amazon spells them; any other goes as
//! `Other` with its name beside it. Whether every listed name is accepted in every
//! marketplace is not documented.

use quayside_model::Tracking;

/// What Amazon is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// `carrierCode`.
    pub code: String,
    /// `carrierName`; required where the code is `Other`.
    pub name: Option<String>,
}

/// Carrier codes of hubs, first match wins; a trailing `*` stands for any rest.
const CODES: &[(&str, &str)] = &[
    ("stamps_com", "USPS"),
    ("usps*", "USPS"),
    ("endicia", "USPS"),
    ("ups_mail_innovations*", "UPS Mail Innovations"),
    ("ups*", "UPS"),
    ("fedex_smartpost*", "FedEx SmartPost"),
    ("fedex*", "FedEx"),
    ("dhl_express*", "DHL Express"),
    ("dhl_ecommerce*", "DHL eCommerce"),
    ("dhl_global_mail*", "DHL Global Mail"),
    ("dhl*", "DHL"),
    ("ontrac*", "OnTrac"),
    ("lasership*", "Lasership"),
    ("amazon*", "Amazon Shipping"),
    ("royal_mail*", "Royal Mail"),
    ("parcelforce*", "Parcelforce"),
    ("hermes_uk", "Hermes UK"),
    ("evri*", "Hermes UK"),
    ("hermes*", "Hermes"),
    ("dpd_local*", "DPD Local"),
    ("dpd*", "DPD"),
    ("yodel*", "Yodel"),
    ("gls*", "GLS"),
    ("tnt*", "TNT"),
    ("canada_post*", "Canada Post"),
    ("purolator*", "PUROLATOR"),
    ("australia_post*", "Australia Post"),
    ("sendle*", "Sendle"),
    ("asendia*", "Asendia"),
    ("apc*", "APC"),
    ("newgistics*", "Newgistics"),
    ("deutsche_post*", "Deutsche Post"),
    ("correos*", "Correos"),
    ("chronopost*", "Chronopost"),
    ("colissimo*", "Colissimo"),
    ("post_nl*", "PostNL"),
    ("postnl*", "PostNL"),
    ("inpost*", "InPost"),
    ("seur*", "Seur"),
    ("brt*", "BRT"),
];

/// Names Amazon knows, in its spelling (names of the order feeds' `CarrierCode`, April 2026).
#[rustfmt::skip] // a table
const KNOWN: &[&str] = &[
    "UPS", "UPSMI", "FedEx", "DHL", "Fastway", "GLS", "GO!", "Hermes Logistik Gruppe", "Royal Mail", "Parcelforce",
    "City Link", "TNT", "Target", "SagawaExpress", "NipponExpress", "YamatoTransport", "DHL Global Mail",
    "UPS Mail Innovations", "FedEx SmartPost", "OSM", "OnTrac", "Streamlite", "Newgistics", "Canada Post",
    "Blue Package", "Chronopost", "Deutsche Post", "DPD", "La Poste", "Parcelnet", "Poste Italiane", "SDA",
    "Smartmail", "FEDEX_JP", "JP_EXPRESS", "NITTSU", "SAGAWA", "YAMATO", "BlueDart", "AFL/Fedex", "Aramex",
    "India Post", "Professional", "DTDC", "Overnite Express", "First Flight", "Delhivery", "Lasership", "Yodel",
    "Amazon Shipping", "Seur", "Correos", "MRW", "Endopack", "Chrono Express", "Nacex", "Correios",
    "Toll Global Express", "China Post", "AUSSIE_POST", "EUB", "Australia Post", "Yun Express", "4PX", "Hermes",
    "SF Express", "BRT", "Australia Post-Consignment", "Australia Post-ArticleId", "Sendle", "CouriersPlease", "A-1",
    "AAA Cooper", "ABF", "ALLJOY", "Aras Kargo", "Arkas", "Arrow XL", "Asendia", "Asgard", "Assett", "AT POST",
    "ATS", "Balnak", "Beijing Quanfeng Express", "Best Buy", "Best Express", "BJS", "Bombax", "Cart2India", "CDC",
    "CELERITAS", "CEVA", "Ceva Lojistik", "Cititrans", "Coliposte", "Colissimo", "Conway", "Correos Express",
    "Couriers Please", "CTTExpress", "DB Schenker", "DHL eCommerce", "DHL Express", "DHL Freight",
    "DHL Home Delivery", "DHL Kargo", "DHL-Paket", "DHLPL", "DirectLog", "Dotzot", "DSV", "DX Freight", "ECMS",
    "Ecom Express", "Emirates Post", "Energo", "Envialia", "Estafeta", "Estes", "Fedex Freight", "Fillo Kargo",
    "First Flight China", "First Mile", "Gati", "GEL Express", "geodis", "Geodis Calberson", "Geopost Kargo",
    "Hermes Einrichtungsservice", "Home Logistics", "Hongkong Post", "Horoz Lojistik", "Hunter Logistics",
    "ICC Worldwide", "IDS Netzwerk", "InPost", "iParcel", "Japan Post", "JCEX", "Kargokar", "Kuehne+Nagel",
    "Landmark", "Metro Kargo", "MNG Kargo", "Narpost Kargo", "Nexive", "Ninjavan", "Old Dominion", "OneWorldExpress",
    "Panther", "Pilot", "Pilot Freight", "Polish Post", "Post NL", "PostNord", "PTT Kargo", "PUROLATOR", "QExpress",
    "Qxpress", "R+L", "Raben Group", "Rhenus", "Rieck", "Rivigo", "Roadrunner", "Safexpress", "Saia", "Seino",
    "SEINO TRANSPORTATION", "Selem Kargo", "SFC", "Ship Delight", "Ship Global US", "ShipEconomy", "ShipGlobal",
    "Shree Maruti Courier", "Shree Tirupati Courier", "Shunfeng Express", "Singapore Post",
    "South Eastern Freight Lines", "Speedex", "Spoton", "StarTrack-ArticleID", "StarTrack-Consignment",
    "STO Express", "Tezel Lojistik", "The Professional Couriers", "TIPSA", "TNT Kargo", "TNTIT", "Total Express",
    "Trackon", "TransFolha", "Tuffnells", "UPS Freight", "Urban Express", "VIR", "VNLIN", "WanbExpress",
    "Watkins and Shepard", "Whizzard", "WINIT", "XDP", "XPO Freight", "Xpressbees", "YDH", "Yellow Freight",
    "YTO Express", "Yunda Express", "ZTO Express", "Tourline", "Centex", "iMile", "Chukou1", "CNE", "Equick", "UBI",
    "Sunyou", "COLIS PRIVE", "DASCHER", "DACHSER", "France Express", "Heppner", "Kuehne Nagel", "Arco Spedizioni",
    "FAST EST", "FERCAM", "Liccardi", "Milkman", "Zust Ambrosetti", "Yanwen", "ROYAL_MAIL", "Whistl",
    "Hermes (Corporate)", "AMAUK", "The Delivery Group", "RMLGB", "UKMail", "APC", "Jersey Post", "Caribou",
    "Hermes UK", "DPD Local", "UK MAIL", "APC Overnight", "USPS", "DX Express", "DX Secure", "Parcel Station",
    "AMZL_UK", "DX", "APC-Overnight", "B2C Europe", "ITD Global", "Parcelhub", "HubEurope", "Huxloe Logistics",
    "GFS", "Spring GDS", "Verage Shipping", "MHI", "Truline", "Delivery Group", "PDC Logistics", "PARCEL2GO.COM",
    "DEL Deliveries", "Parcelink Logistics", "Cubyn", "Hotpoint Logistics", "GEL", "IDS", "Raben", "AO Deutschland",
    "MZZ-Briefdienst", "Der Kurier", "REDUR", "Europaczka", "Emons", "Seven Senders", "Sendcloud", "Mail Alliance",
    "Mainpost", "PIN", "Post Modern", "Trans-o-Flex", "Exapaq", "Trakpak", "BPOST", "UPakWeShip", "Mondial Relay",
    "Swiss post", "Consegna Mezzi Propri", "DACSHER", "XPO", "Sprint", "Susa", "Zeleris", "TWS", "Sailpost", "WPX",
    "HRP", "Sending", "CBL", "DYNAMIC EXPRESS", "EINSA SOURCING", "GRUPO LOGISTIC", "KEAVO", "NTL", "SPRING",
    "Szendex", "TDN", "Transaragonés", "TSB", "TXT", "TyD", "Via Xpress", "CTT EXPRESS", "Bartolini", "AMZL", "AO",
    "B2C", "CargoLine", "Citypost", "Delivengo", "DPB", "EKI Trans", "FRACHTPOST", "Hellmann", "Hlog", "honesteye",
    "Huxloe", "Interlink", "Intersoft", "JPL UPU", "Kybotech", "Landmark Global", "MBE", "Mezzi propri",
    "MZZ Briefdienst", "NOVEO", "OCS Worldwide", "ONTIME", "Palletline", "Palletways", "Parcel Hub", "Parcel Monkey",
    "Parcel2go", "ParcelDenOnline", "ParcelOne", "PostNL", "RBNA", "RR Donnelley", "Schweizer Post", "Shipmate",
    "Stahlmann and Sachs", "Stampit", "STG", "Transaher", "Translink", "Transoflex", "Upsilon",
];

/// What to tell Amazon about the carrier of a parcel.
pub fn carrier(tracking: &Tracking) -> Carrier {
    let code = tracking.carrier_code.trim().to_lowercase();
    let name = tracking.carrier_name.trim();
    let known = |text: &str| KNOWN.iter().find(|known| fold(known) == fold(text)).map(|known| (*known).to_owned());
    // The name is the hub's display name of the very carrier; the code may stand for an account with several.
    if let Some(code) = known(name).filter(|_| !name.is_empty()) {
        return Carrier { code, name: None };
    }
    let row = CODES.iter().find(|(pattern, _)| match pattern.strip_suffix('*') {
        Some(start) => code.starts_with(start),
        None => code == *pattern,
    });
    if let Some((_, name)) = row {
        return Carrier { code: (*name).to_owned(), name: None };
    }
    if let Some(code) = known(&code).filter(|_| !code.is_empty()) {
        return Carrier { code, name: None };
    }
    let words = [name, tracking.carrier_code.trim()].into_iter().find(|text| !text.is_empty()).unwrap_or("Carrier");
    Carrier { code: "Other".to_owned(), name: Some(words.to_owned()) }
}

fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_are_spelled_as_amazon_spells_them() {
        for (code, name, sent, beside) in [
            ("stamps_com", "", "USPS", None),
            ("ups_walleted", "UPS", "UPS", None),
            ("fedex", "FedEx", "FedEx", None),
            ("dhl_paket", "DHL Paket", "DHL-Paket", None),
            ("", "royal mail", "Royal Mail", None),
            ("se-123456", "Evri", "Other", Some("Evri")),
            ("hermes_uk", "", "Hermes UK", None),
            ("harbour_bikes", "Harbour Bikes", "Other", Some("Harbour Bikes")),
            ("harbour_bikes", "", "Other", Some("harbour_bikes")),
            ("", "", "Other", Some("Carrier")),
        ] {
            let tracking = Tracking { carrier_code: code.into(), carrier_name: name.into(), ..Tracking::default() };
            let carrier = carrier(&tracking);
            assert_eq!((carrier.code.as_str(), carrier.name.as_deref()), (sent, beside), "{code} {name}");
        }
    }

    #[test]
    fn every_name_of_the_table_is_known() {
        for (_, name) in CODES {
            assert!(KNOWN.contains(name), "{name}");
        }
    }
}
