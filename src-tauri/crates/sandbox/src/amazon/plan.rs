//! What kind of account it is: where it sells, what its app may see, how slow Amazon is today.

use crate::Account;
use std::collections::BTreeMap;

/// One account.
#[derive(Debug, Clone, PartialEq)]
pub struct AmazonPlan {
    /// Name in the sandbox.
    pub account: String,
    /// For people.
    pub title: String,
    /// `na`, `eu`, `fe`.
    pub region: String,
    /// Marketplaces it sells in: id, country, currency, name. New orders come in the first ones.
    pub marketplaces: Vec<(String, String, String, String)>,
    /// A marketplace whose orders Amazon refuses although the account sells there.
    pub refused_marketplace: Option<String>,
    /// Merchant token.
    pub seller_id: String,
    /// The app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// What authorising it gave.
    pub refresh_token: String,
    /// When the secret was made (`YYYY-MM-DD`), as the person wrote it down.
    pub secret_made_on: String,
    /// The 180 days of the secret are over.
    pub secret_ended: bool,
    /// The role for names and addresses was granted, and the app authorised after that.
    pub sees_addresses: bool,
    /// The role for order data and feeds was granted.
    pub sees_orders: bool,
    /// Share of orders that Amazon ships itself.
    pub fba_share: f64,
    /// Minutes Amazon takes to work through a feed: from, to.
    pub feed_minutes: (i64, i64),
    /// Feeds hang and are never finished.
    pub feeds_hang: bool,
    /// Feeds end without having done what they say, and without an error.
    pub feeds_do_nothing: bool,
    /// Seconds until a confirmed package shows: from, to.
    pub shows_after_s: (i64, i64),
    /// Amazon refuses `includedData=FULFILLMENT` for a while (a rollout in the region).
    pub rollout: bool,
    /// Page tokens lead in a circle.
    pub tokens_circle: bool,
    /// Orders per page, at most.
    pub page_rows: usize,
    /// Encoding of text reports, by Amazon's name for it.
    pub report_charset: String,
    /// The app may send feeds.
    pub may_feed: bool,
    /// The app may ask for reports.
    pub may_report: bool,
    /// The app has the role Product Listing.
    pub may_list: bool,
    /// Quantities are accepted and not applied.
    pub listings_ignore: bool,
}

impl Default for AmazonPlan {
    fn default() -> Self {
        let place = |id: &str, country: &str, currency: &str, name: &str| {
            (id.to_owned(), country.to_owned(), currency.to_owned(), name.to_owned())
        };
        Self {
            account: "harbour-amazon".into(),
            title: "Harbour on Amazon".into(),
            region: "eu".into(),
            marketplaces: vec![
                place("A1PA6795UKMFR9", "DE", "EUR", "Amazon.de"),
                place("A13V1IB3VIYZZH", "FR", "EUR", "Amazon.fr"),
            ],
            refused_marketplace: None,
            seller_id: "A2HARBOUR42XYZ".into(),
            client_id: "amzn1.application-oa2-client.5a4db0c5a4db0c5a4db0c5a4db0c5a4d".into(),
            client_secret: "amzn1.oa2-cs.v1.5eabab1e5eabab1e5eabab1e5eabab1e5eabab1e".into(),
            refresh_token: "Atzr|IwEBISandboxRefreshToken0123456789abcdef".into(),
            secret_made_on: "2026-10-01".into(),
            secret_ended: false,
            sees_addresses: true,
            sees_orders: true,
            fba_share: 0.1,
            feed_minutes: (3, 12),
            feeds_hang: false,
            feeds_do_nothing: false,
            shows_after_s: (30, 90),
            rollout: false,
            tokens_circle: false,
            page_rows: 100,
            report_charset: "Cp1252".into(),
            may_feed: true,
            may_report: true,
            may_list: true,
            listings_ignore: false,
        }
    }
}

impl AmazonPlan {
    /// What a client needs to enter it.
    pub fn card(&self) -> Account {
        let fields = [
            ("region", &self.region),
            ("seller_id", &self.seller_id),
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
            ("refresh_token", &self.refresh_token),
            ("secret_made_on", &self.secret_made_on),
        ];
        Account {
            platform: "amazon".to_owned(),
            name: self.account.clone(),
            title: self.title.clone(),
            base_url: format!("http://{}.sandbox", self.account),
            way: "private_app".to_owned(),
            fields: fields.into_iter().map(|(name, text)| (name.to_owned(), text.clone())).collect::<BTreeMap<_, _>>(),
        }
    }

    /// The app has the role an operation needs.
    pub fn may(&self, operation: &str) -> bool {
        match operation {
            "createFeedDocument" | "createFeed" | "getFeed" | "getFeeds" | "getFeedDocument" => self.may_feed,
            "createReport" | "getReport" | "getReports" | "getReportDocument" => self.may_report,
            "getListingsItem" | "patchListingsItem" => self.may_list,
            _ => true,
        }
    }

    /// The account sells there.
    pub fn sells_in(&self, marketplace: &str) -> bool {
        self.marketplaces.iter().any(|(id, ..)| id == marketplace)
    }
}
