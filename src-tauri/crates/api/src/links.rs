//! Links out of the desk, and which of them may be opened: connected platforms and known carriers. Pure.

use crate::view::Link;
use quayside_connectors::is_carrier_site;
use quayside_model::{Address, ConnectionConfig, ConnectionId, Story};
use std::collections::BTreeMap;
use url::Url;

/// Where an address can be looked at. Opened by a person's click only: it tells the address.
const MAP: &str = "https://www.openstreetmap.org/search";

/// An address on the map; `None` without one. Names of people and firms stay here.
pub(crate) fn on_map(address: &Address) -> Option<String> {
    let parts: Vec<&str> = [&address.line1, &address.postcode, &address.city, &address.region, &address.country]
        .into_iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect();
    if address.line1.trim().is_empty() && address.city.trim().is_empty() && address.postcode.trim().is_empty() {
        return None;
    }
    Url::parse_with_params(MAP, [("query", parts.join(", "))]).ok().map(String::from)
}

/// Links of an order: store, hub, carriers.
pub(crate) fn of_order(
    story: &Story,
    titles: &BTreeMap<ConnectionId, String>,
    connections: &[ConnectionConfig],
) -> Vec<Link> {
    let mut out: Vec<Link> = Vec::new();
    let mut add = |label: String, url: &Option<String>| {
        if let Some(url) = url
            && allowed(url, connections).is_some()
            && !out.iter().any(|link| link.url == *url)
        {
            out.push(Link { label, url: url.clone() });
        }
    };
    let title = |id: &ConnectionId| titles.get(id).cloned().unwrap_or_else(|| id.to_string());
    add(format!("Open in {}", title(&story.channel)), &story.order.admin_url);
    for hub in &story.hub_orders {
        add(format!("Open in {} ({})", title(&hub.connection), hub.value.number), &hub.value.admin_url);
    }
    for parcel in &story.parcels {
        add(format!("Follow {}", parcel.value.tracking_number), &parcel.value.tracking_url);
    }
    out
}

/// The link, if it may be opened: encrypted, and at a connected platform or a known carrier.
/// A stand-in's own address on this computer may be opened without encryption.
pub fn allowed(text: &str, connections: &[ConnectionConfig]) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let stand_in =
        connections.iter().filter_map(|config| config.base_url.as_deref()).filter_map(|base| Url::parse(base).ok());
    if stand_in.map(|base| base.origin()).any(|origin| origin == url.origin()) {
        return Some(url);
    }
    if url.scheme() != "https" || url.port().is_some() {
        return None;
    }
    let platform = connections
        .iter()
        .flat_map(|config| config.account.admin_url.iter().chain(config.fields.values()))
        .filter_map(|text| host_of(text))
        .any(|known| known == host);
    let carrier = is_carrier_site(&host);
    let map = Url::parse(MAP).is_ok_and(|map| map.host_str() == Some(host.as_str()) && map.path() == url.path());
    (platform || carrier || map).then_some(url)
}

/// The host of a link or of a bare host name; `None` for anything else (a key, a date).
fn host_of(text: &str) -> Option<String> {
    let text = text.trim();
    let url =
        if text.contains("://") { Url::parse(text).ok()? } else { Url::parse(&format!("https://{text}")).ok()? };
    let host = url.host_str()?.to_ascii_lowercase();
    host.contains('.').then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::Account;

    fn connection(admin_url: &str, base_url: Option<&str>) -> ConnectionConfig {
        ConnectionConfig {
            id: ConnectionId::new("a"),
            name: "A".into(),
            platform: "shop".into(),
            way: String::new(),
            fields: BTreeMap::from([
                ("shop".to_owned(), "harbour.example-shop.com".to_owned()),
                ("day".to_owned(), "2026-12-31".to_owned()),
            ]),
            base_url: base_url.map(str::to_owned),
            account: Account { admin_url: Some(admin_url.to_owned()), ..Account::default() },
            settings: BTreeMap::new(),
            paused: false,
            created_at_ms: 0,
        }
    }

    #[test]
    fn only_platforms_and_carriers_are_opened() {
        let connections = [connection("https://admin.example-shop.com/store/x", None)];
        for (url, fine) in [
            ("https://admin.example-shop.com/store/x/orders/1", true),
            ("https://harbour.example-shop.com/", true),
            ("https://www.ups.com/track?n=1", true),
            ("https://ups.com/track", true),
            // Where the links of our own making lead.
            ("https://webtrack.dhlecs.com/orders?trackingNumber=1", true),
            ("https://track.sendle.com/tracking?ref=1", true),
            ("https://startrack.com.au/track/details/1", true),
            ("https://vas.brt.it/vas/sped_det_show.hsm?ChiSono=1", true),
            ("https://ups.com.evil.example/", false),
            ("https://notups.com/", false),
            ("http://www.ups.com/track", false),
            ("https://www.ups.com:8443/", false),
            ("https://user@www.ups.com/", false),
            ("https://evil.example/", false),
            ("https://www.openstreetmap.org/search?query=1+Kai", true),
            ("https://www.openstreetmap.org/traces", false),
            ("http://127.0.0.1:8080/x", false),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("nonsense", false),
        ] {
            assert_eq!(allowed(url, &connections).is_some(), fine, "{url}");
        }
    }

    #[test]
    fn an_address_is_found_on_the_map_without_the_name() {
        let address = Address {
            name: "Ingrid Sørensen".into(),
            line1: "Kai 1".into(),
            city: "Bergen".into(),
            country: "NO".into(),
            ..Address::default()
        };
        let url = on_map(&address).unwrap_or_default();
        assert_eq!(url, "https://www.openstreetmap.org/search?query=Kai+1%2C+Bergen%2C+NO");
        assert!(allowed(&url, &[]).is_some());
        assert_eq!(on_map(&Address { country: "NO".into(), ..Address::default() }), None);
    }

    #[test]
    fn a_stand_in_opens_at_its_own_address_only() {
        let connections = [connection("http://127.0.0.1:8080/admin", Some("http://127.0.0.1:8080"))];
        assert!(allowed("http://127.0.0.1:8080/admin/orders/1", &connections).is_some());
        assert!(allowed("http://127.0.0.1:9090/", &connections).is_none());
    }
}
