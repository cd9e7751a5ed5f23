//! Feeds: a file of messages that Amazon works through in its own time.
//!
//! Announce a file, put it, name it in a feed; the feed's id is the ticket an
//! effect keeps. Later the feed is asked for by its id, and its report read
//! message by message. Reports are fetched once per feed and kept, because
//! fetching one costs 45 seconds of allowance and one feed carries many effects.

use super::Amazon;
use super::at::{At, write_time};
use super::client::{Call, part};
use super::envelope::{Report, XML, read_report};
use super::limits::Op;
use super::verdicts::CallError;
use crate::Priority;
use quayside_model::Cause;
use serde_json::{Value, json};
use std::io::Read as _;

/// Largest file that is unpacked, bytes.
const FILE_MAX: u64 = 256 * 1024 * 1024;

/// Why a feed was not made.
pub enum SubmitError {
    /// It certainly was not.
    Before(CallError),
    /// The answer to the last step tells.
    Sent(CallError),
}

/// A feed as Amazon shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Its id.
    pub id: String,
    /// `IN_QUEUE`, `IN_PROGRESS`, `DONE`, `CANCELLED`, `FATAL`.
    pub status: String,
    /// When it was made, ms UTC.
    pub made_ms: Option<i64>,
    /// When Amazon was through with it, ms UTC.
    pub ended_ms: Option<i64>,
    /// Its report.
    pub report_id: Option<String>,
}

impl Feed {
    fn read(value: &Value) -> Self {
        let at = At::root(value);
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: at.get("feedId").text(),
            status: at.get("processingStatus").text(),
            made_ms: at.get("createdTime").time(),
            ended_ms: at.get("processingEndTime").time(),
            report_id: some(at.get("resultFeedDocumentId").text()),
        }
    }
    /// Amazon is through with it.
    pub fn is_over(&self) -> bool {
        matches!(self.status.as_str(), "DONE" | "CANCELLED" | "FATAL")
    }
}

impl Amazon {
    /// Makes a feed of one file. Gives its id.
    pub(super) async fn submit(
        &self,
        kind: &str,
        marketplaces: &[String],
        xml: String,
        priority: Priority,
        what: &str,
    ) -> Result<String, SubmitError> {
        use SubmitError::Before;
        let call = Call::post(Op::CreateFeedDocument, "/feeds/2021-06-30/documents", json!({ "contentType": XML }));
        let announced = self.client.call(&call, priority, what).await.map_err(Before)?;
        let at = At::root(&announced.body);
        let (document, link) = (at.get("feedDocumentId").text(), at.get("url").text());
        if document.is_empty() || link.is_empty() {
            let sentence = format!("Could not {what}. Amazon named no place for the file.");
            return Err(Before(CallError::NotExecuted(self.refusal(Cause::PlatformTrouble, &sentence))));
        }
        self.client.upload(&link, XML, xml.into_bytes(), what).await.map_err(Before)?;
        let body = json!({ "feedType": kind, "marketplaceIds": marketplaces, "inputFeedDocumentId": document });
        let call = Call::post(Op::CreateFeed, "/feeds/2021-06-30/feeds", body);
        let made =
            self.client.call(&call, priority, what).await.map_err(|error| SubmitError::Sent(Self::explained(error)))?;
        let id = At::root(&made.body).get("feedId").text();
        if id.is_empty() {
            let sentence = format!("Could not {what} for certain: Amazon's answer names no feed.");
            let refusal = self.refusal(Cause::OutcomeUnknown, &sentence).request(made.request_id);
            return Err(SubmitError::Sent(CallError::Lost(refusal)));
        }
        Ok(id)
    }

    /// Amazon refuses a feed without a word of why; these are the usual causes.
    fn explained(error: CallError) -> CallError {
        match error {
            CallError::Refused(mut refusal, errors) if refusal.status == Some(400) => {
                refusal.sentence.push_str(" It seldom says why. Usual causes: the app lacks the role for this kind of file, the order's marketplace is not one of this account, or the merchant token in the connection is another account's.");
                CallError::Refused(refusal, errors)
            }
            other => other,
        }
    }

    /// One feed by its id; `None` if Amazon does not know it.
    pub(super) async fn feed(&self, id: &str, priority: Priority, what: &str) -> Result<Option<Feed>, CallError> {
        let call = Call::get(Op::GetFeed, format!("/feeds/2021-06-30/feeds/{}", part(id)), vec![]);
        match self.client.call(&call, priority, what).await {
            Ok(data) => Ok(Some(Feed::read(&data.body))),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Feeds of one kind made since a moment.
    pub(super) async fn feeds_since(
        &self,
        kind: &str,
        since_ms: i64,
        priority: Priority,
        what: &str,
    ) -> Result<Vec<Feed>, CallError> {
        let query = vec![
            ("feedTypes", kind.to_owned()),
            ("createdSince", write_time(since_ms)),
            ("pageSize", "100".to_owned()),
        ];
        let call = Call::get(Op::GetFeeds, "/feeds/2021-06-30/feeds", query);
        let data = self.client.call(&call, priority, what).await?;
        Ok(data.body.get("feeds").and_then(Value::as_array).into_iter().flatten().map(Feed::read).collect())
    }

    /// What Amazon says of a feed that is over; `None` where it says nothing that can be read.
    pub(super) async fn feed_report(
        &self,
        feed: &Feed,
        priority: Priority,
        what: &str,
    ) -> Result<Option<Report>, CallError> {
        if let Some(report) = self.known_report(&feed.id) {
            return Ok(Some(report));
        }
        let Some(document) = &feed.report_id else { return Ok(None) };
        let call = Call::get(Op::GetFeedDocument, format!("/feeds/2021-06-30/documents/{}", part(document)), vec![]);
        let data = self.client.call(&call, priority, what).await?;
        let at = At::root(&data.body);
        let file = self.client.download(&at.get("url").text(), what).await?;
        let packed = at.get("compressionAlgorithm").text() == "GZIP";
        let bytes = if packed { unpack(&file.bytes) } else { Some(file.bytes) };
        // What cannot be read is not remembered: half a file is whole the next time.
        let report = bytes.and_then(|bytes| read_report(&decode(&bytes, &file.content_type)));
        if let Some(report) = &report {
            self.keep_report(&feed.id, report.clone());
        }
        Ok(report)
    }
}

/// Unzips; `None` if it is no gzip, or too much.
pub fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).take(FILE_MAX + 1).read_to_end(&mut out).ok()?;
    (out.len() as u64 <= FILE_MAX).then_some(out)
}

/// Bytes to text by the encoding that `Content-Type` names. Guessing has read one encoding as another before, so the
/// header is believed; only where it names none, UTF-8 is tried and Windows' western encoding is the fallback.
pub fn decode(bytes: &[u8], content_type: &str) -> String {
    let named = content_type
        .split(';')
        .filter_map(|part| part.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .and_then(|(_, label)| label_of(label.trim().trim_matches('"')));
    if let Some(encoding) = named {
        return encoding.decode(bytes).0.into_owned();
    }
    match std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
    }
}

/// Amazon writes encodings by Java's and Windows' names too.
fn label_of(label: &str) -> Option<&'static encoding_rs::Encoding> {
    let plain = label.to_ascii_lowercase();
    match plain.as_str() {
        "cp1252" => Some(encoding_rs::WINDOWS_1252),
        "cp932" | "ms932" | "windows-31j" => Some(encoding_rs::SHIFT_JIS),
        _ => encoding_rs::Encoding::for_label(plain.as_bytes()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn trap_27_the_header_is_believed_whatever_the_bytes_look_like() {
        let umlaut = "Teller für zwei";
        let (western, ..) = encoding_rs::WINDOWS_1252.encode(umlaut);
        let (japanese, ..) = encoding_rs::SHIFT_JIS.encode("皿");
        for (bytes, header, text) in [
            (umlaut.as_bytes(), "text/plain; charset=UTF-8", umlaut),
            (&*western, "text/tab-separated-values;charset=Cp1252", umlaut),
            (&*western, "text/plain; charset=\"ISO-8859-1\"", umlaut),
            (&*western, "text/plain", umlaut),
            (umlaut.as_bytes(), "", umlaut),
            // Bytes that would be fine UTF-8 are what the header says, not what they look like.
            (umlaut.as_bytes(), "text/plain; charset=ISO-8859-1", "Teller fÃ¼r zwei"),
            (&*japanese, "text/plain;charset=cp932", "皿"),
            (&*japanese, "text/plain; charset=Shift_JIS", "皿"),
        ] {
            assert_eq!(decode(bytes, header), text, "{header}");
        }
    }

    #[test]
    fn what_is_no_gzip_is_nothing() {
        assert_eq!(unpack(b"plain"), None);
    }
}
