//! Where parcels are followed: the sites of carriers, and pages that follow many of them.
//!
//! A link to one of them may be opened from the desk; a parcel's link elsewhere is shown as text. The links that connectors
//! make themselves lead here too, which a test holds together.

const SITES: &[&str] = &[
    "17track.net",
    "aftership.com",
    "amazon.co.uk",
    "amazon.com",
    "amazon.de",
    "anpost.com",
    "apc-overnight.com",
    "aramex.com",
    "aramex.com.au",
    "asendia.com",
    "asendiausa.com",
    "auspost.com.au",
    "bettertrucks.com",
    "bpost.be",
    "bpost.cloud",
    "bring.com",
    "brt.it",
    "canadapost-postescanada.ca",
    "canadapost.ca",
    "canpar.com",
    "chronopost.fr",
    "colisprive.com",
    "colissimo.fr",
    "correos.es",
    "couriersplease.com.au",
    "ctt.pt",
    "deutschepost.de",
    "dhl.co.uk",
    "dhl.com",
    "dhl.de",
    "dhlecs.com",
    "dhlparcel.co.uk",
    "dpd.co.uk",
    "dpd.com",
    "dpd.de",
    "dpdlocal.co.uk",
    "evri.com",
    "fedex.com",
    "firstmile.com",
    "globegistics.com",
    "gls-group.com",
    "gls-group.eu",
    "gls-italy.com",
    "gls-us.com",
    "hermesworld.com",
    "inpost.it",
    "inpost.pl",
    "landmarkglobal.com",
    "laposte.fr",
    "lasership.com",
    "loomis-express.com",
    "mondialrelay.com",
    "mondialrelay.fr",
    "myhermes.co.uk",
    "myhermes.de",
    "nzpost.co.nz",
    "omniparcel.com",
    "ontrac.com",
    "osmworldwide.com",
    "parcelforce.com",
    "parcelsapp.com",
    "post.at",
    "post.ch",
    "poste.it",
    "posteitaliane.it",
    "postnl.nl",
    "postnord.com",
    "postnord.dk",
    "postnord.se",
    "ppxtrack.com",
    "purolator.com",
    "royalmail.com",
    "sendle.com",
    "seur.com",
    "shipveho.com",
    "starshipit.com",
    "startrack.com.au",
    "tnt.com",
    "tntexpress.com.au",
    "trackingmore.com",
    "trackpb.shipment.co",
    "uniuni.com",
    "ups-mi.net",
    "ups.com",
    "us.mytracking.net",
    "usps.com",
    "yodel.co.uk",
];

/// This host belongs to a carrier, or to a page that follows parcels.
pub fn is_carrier_site(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    SITES.iter().any(|site| host.strip_suffix(site).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_known_with_its_sub_domains_and_nothing_else_is() {
        for (host, is_one) in [
            ("ups.com", true),
            ("www.UPS.com", true),
            ("notups.com", false),
            ("ups.com.evil.example", false),
            ("com", false),
            ("", false),
        ] {
            assert_eq!(is_carrier_site(host), is_one, "{host}");
        }
        let sorted = SITES.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(sorted, "each site once, in the order of letters");
    }
}
