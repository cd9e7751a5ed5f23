//! Reports: asked for, made after some minutes, in the encoding and language of the region. No rows: cancelled.

use super::Amazon;
use super::door::{Call, invalid, json_answer, not_found, parse_time, time};
use super::state::{Order, Report, Return};
use http::Response;
use rand::Rng;
use serde_json::{Value, json};

const LISTINGS: &str = "GET_MERCHANT_LISTINGS_ALL_DATA";
const RETURNS: &str = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE";
const DAY_MS: i64 = 86_400_000;

impl Amazon {
    pub(super) fn create_report(&mut self, call: &Call<'_>, now_ms: i64) -> Response<Vec<u8>> {
        let Some(body) = call.json() else { return invalid("The body is no JSON.") };
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let kind = text("reportType");
        if kind != LISTINGS && kind != RETURNS {
            return invalid("The report type is not available to this app.");
        }
        let marketplaces: Vec<String> = body
            .get("marketplaceIds")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        if marketplaces.is_empty() || marketplaces.iter().any(|id| !self.plan.sells_in(id)) {
            return invalid("marketplaceIds is invalid.");
        }
        if kind == LISTINGS && marketplaces.len() > 1 {
            return invalid("This report takes one marketplace.");
        }
        let moment_of = |name: &str, otherwise: i64| match body.get(name).and_then(Value::as_str) {
            None => Some(otherwise),
            Some(text) => parse_time(text),
        };
        let (Some(from), Some(to)) =
            (moment_of("dataStartTime", now_ms - 30 * DAY_MS), moment_of("dataEndTime", now_ms))
        else {
            return invalid("A time is not ISO 8601.");
        };
        if kind == RETURNS && (to < from || to - from > 60 * DAY_MS) {
            return invalid("The report covers at most 60 days.");
        }
        let english = body.pointer("/reportOptions/preferredReportDocumentLocale") == Some(&json!("en_US"));
        let id = (80_000_000 + self.state.number()).to_string();
        let ends_ms = now_ms + self.rng.random_range(60_000..240_000);
        self.state.reports.push(Report {
            id: id.clone(),
            kind,
            marketplaces,
            window: (from, to),
            english,
            made_ms: now_ms,
            ends_ms,
            result: None,
        });
        json_answer(202, &json!({ "reportId": id }))
    }

    pub(super) fn get_report(&self, id: &str, now_ms: i64) -> Response<Vec<u8>> {
        match self.state.reports.iter().find(|report| report.id == id) {
            Some(report) => json_answer(200, &render(report, now_ms)),
            None => not_found("The report"),
        }
    }

    pub(super) fn get_reports(&self, call: &Call<'_>, now_ms: i64) -> Response<Vec<u8>> {
        let kinds = call.list("reportTypes");
        if kinds.is_empty() {
            return invalid("reportTypes is required where there is no nextToken.");
        }
        let since_ms = call.query.get("createdSince").and_then(|text| parse_time(text)).unwrap_or(0);
        let reports: Vec<Value> = self
            .state
            .reports
            .iter()
            .rev()
            .filter(|report| kinds.contains(&report.kind) && report.made_ms >= since_ms)
            .map(|report| render(report, now_ms))
            .collect();
        json_answer(200, &json!({ "reports": reports }))
    }

    /// Makes a report that is due.
    pub(super) fn finish_report(&mut self, index: usize) {
        let Some(report) = self.state.reports.get(index).cloned() else { return };
        self.apply_quantities(report.ends_ms);
        let text = if report.kind == LISTINGS { self.listings_text(&report) } else { self.returns_text(&report) };
        let result = match text {
            Some(text) => {
                let charset = self.plan.report_charset.clone();
                let bytes = match charset.as_str() {
                    "Cp1252" => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
                    "cp932" | "Shift_JIS" => encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
                    _ => text.into_bytes(),
                };
                let document = self.keep(bytes, &format!("text/plain;charset={charset}"), true);
                ("DONE".to_owned(), Some(document))
            }
            None => ("CANCELLED".to_owned(), None),
        };
        if let Some(report) = self.state.reports.get_mut(index) {
            report.result = Some(result);
        }
    }

    fn listings_text(&self, report: &Report) -> Option<String> {
        let currency_minor = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
        let names = if report.english {
            "item-name\titem-description\tlisting-id\tseller-sku\tprice\tquantity\topen-date\tasin1\tproduct-id\tfulfillment-channel\tstatus"
        } else {
            "Artikelbezeichnung\tArtikelbeschreibung\tAngebotsnummer\tHändler-SKU\tPreis\tMenge\tErstellungsdatum\tASIN 1\tProdukt-ID\tVersender\tStatus"
        };
        let rows: Vec<String> = self
            .state
            .listings
            .iter()
            .map(|(sku, listing)| {
                let channel = if listing.by_amazon { "AMAZON_EU" } else { "DEFAULT" };
                let quantity = if listing.by_amazon { String::new() } else { listing.live.to_string() };
                format!(
                    "{}\t\t0101X\t{sku}\t{}\t{quantity}\t2026-01-05 10:11:12 MEZ\t{}\t{}\t{channel}\tActive",
                    listing.title,
                    currency_minor(listing.price_minor),
                    listing.asin,
                    listing.asin
                )
            })
            .collect();
        (!rows.is_empty()).then(|| format!("{names}\r\n{}\r\n", rows.join("\r\n")))
    }

    fn returns_text(&self, report: &Report) -> Option<String> {
        let day = |at_ms: i64| {
            chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%d-%b-%Y").to_string()
        };
        let rows: Vec<String> = self
            .state
            .returns
            .iter()
            .filter(|back| (report.window.0..=report.window.1).contains(&back.asked_ms))
            .filter_map(|back| {
                let order = self.state.orders.get(&back.order)?;
                let item = order.items.iter().find(|item| item.id == back.item)?;
                let received = back.received_ms.map(day).unwrap_or_default();
                let refunded = self.refunded(back, order);
                Some(format!(
                    "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{received}\t{}\tStandardRefund\t{refunded}",
                    back.order,
                    day(order.created_ms),
                    day(back.asked_ms),
                    back.status,
                    back.rma,
                    "1ZRETURN",
                    item.asin,
                    item.sku,
                    back.quantity,
                    back.reason,
                    order.currency,
                ))
            })
            .collect();
        let names = "Order ID\tOrder date\tReturn request date\tReturn request status\tAmazon RMA ID\tTracking ID\tASIN\tMerchant SKU\tReturn quantity\tReturn Reason\tReturn delivery date\tCurrency code\tResolution\tRefunded Amount";
        (!rows.is_empty()).then(|| format!("{names}\r\n{}\r\n", rows.join("\r\n")))
    }
}

impl Amazon {
    /// What was given back for an item stands beside its first return.
    fn refunded(&self, back: &Return, order: &Order) -> String {
        let first = self.state.returns.iter().find(|one| one.order == back.order && one.item == back.item);
        let given = order.refunds.iter().filter(|(item, ..)| *item == back.item);
        let minor: i64 = given.map(|(.., minor)| minor).sum();
        let is_first = first.is_some_and(|first| first.rma == back.rma);
        match minor {
            minor if minor <= 0 || !is_first => String::new(),
            minor if order.currency == "JPY" => minor.to_string(),
            minor => format!("{}.{:02}", minor / 100, minor % 100),
        }
    }
}

fn render(report: &Report, now_ms: i64) -> Value {
    let mut out = json!({
        "reportId": report.id, "reportType": report.kind, "marketplaceIds": report.marketplaces,
        "createdTime": time(report.made_ms), "dataStartTime": time(report.window.0), "dataEndTime": time(report.window.1),
    });
    let status = match &report.result {
        Some((status, document)) => {
            if let Some(document) = document {
                out["reportDocumentId"] = json!(document);
            }
            out["processingEndTime"] = json!(time(report.ends_ms));
            status.as_str()
        }
        None if now_ms > report.made_ms + 20_000 => "IN_PROGRESS",
        None => "IN_QUEUE",
    };
    out["processingStatus"] = json!(status);
    out
}
