//! Opportunities that are made for a customer: each once, and from then on people's.
//!
//! An upsert by our id would be enough to make one of them only; but it would also take one that people moved on, even won,
//! back to its first stage. So what is there already is left as it is, whichever computer made it.

use super::Salesforce;
use super::client::Call;
use super::describe::Object;
use super::soql::encoded;
use super::stages::no_open_stage;
use super::verdicts::{self, CallError};
use crate::Priority;
use quayside_model::{Cause, Receipt, RecordDraft, Verdict};
use serde_json::Value;

impl Salesforce {
    /// Makes one, unless it is there.
    pub(super) async fn put_offer(&self, draft: &RecordDraft, priority: Priority) -> Verdict {
        match self.make_offer(draft, priority).await {
            Ok(verdict) => verdict,
            Err(error) => error.before_change(),
        }
    }

    /// An error: nothing was written.
    async fn make_offer(&self, draft: &RecordDraft, priority: Priority) -> Result<Verdict, CallError> {
        let what = "Could not make the opportunity";
        let refuse = |sentence: &str| {
            let refusal = self.refusal(Cause::ContentRefused, &format!("{what}. {sentence}"));
            Ok(Verdict::NeedsPerson(refusal.about(draft.external_id.clone())))
        };
        let stage = self.keeping.offer_stage.as_str();
        if stage.is_empty() {
            return refuse(
                "No stage is chosen for new opportunities. Choose one in the account's settings, or let milestones make tasks.",
            );
        }
        let links = self.links(&[draft], priority).await?.into_iter().next().unwrap_or_default();
        let record = self.keeping.named(draft, &links);
        let described = self.object(&record.object, priority).await?;
        let record = in_its_currency(record, described.as_ref(), &self.mapping.currency);
        let row = match self.row(&record, described.as_ref()) {
            Ok(row) => row,
            Err(refusal) => return Ok(Verdict::NeedsPerson(refusal)),
        };
        if let Some(known) = self.offer_there(&record, priority).await? {
            return Ok(known);
        }
        if let Some(sentence) = no_open_stage(stage, &self.stages(priority).await?) {
            return refuse(&sentence);
        }
        let (object, key) = (record.object.as_str(), record.external_id_field.as_str());
        let written = self.write_rows(object, key, vec![(&record, row)], priority).await.into_iter().next();
        Ok(match written {
            Some(Ok(receipt)) => Verdict::Done(receipt),
            Some(Err(error)) => error.into_verdict(),
            None => Verdict::AnswerLost(self.refusal(Cause::OutcomeUnknown, &format!("{what}. No answer came back."))),
        })
    }

    /// It was made before.
    async fn offer_there(&self, record: &RecordDraft, priority: Priority) -> Result<Option<Verdict>, CallError> {
        let path = format!("/sobjects/{}/{}/{}", record.object, record.external_id_field, encoded(&record.external_id));
        let answer = self.client.send(Call::get(path, priority, "look for the opportunity")).await?;
        match answer.status {
            404 => Ok(None),
            200 => {
                let shown = self.client.body(&answer, "Could not look for the opportunity")?;
                let remote_id = shown.get("Id").and_then(Value::as_str).map(str::to_owned);
                let note = Some("It was there already, and stays as people have it.".to_owned());
                Ok(Some(Verdict::AlreadyDone(Receipt { remote_id, note, ..Receipt::default() })))
            }
            _ => Err(verdicts::by_answer(self.client.door(), &answer, "Could not look for the opportunity")),
        }
    }
}

/// An amount in the currency it is in. Where the org has one currency only, `own`, an amount in another is left to the
/// text.
pub fn in_its_currency(record: RecordDraft, described: Option<&Object>, own: &str) -> RecordDraft {
    let named = record.fact("CurrencyIsoCode");
    let several = described.is_some_and(|object| object.field("CurrencyIsoCode").is_some());
    let fits = several || named.is_some_and(|code| code.eq_ignore_ascii_case(own));
    let keep = |field: &str| match field {
        "CurrencyIsoCode" => several,
        "Amount" => fits,
        _ => true,
    };
    RecordDraft { fields: record.fields.into_iter().filter(|(field, _)| keep(field)).collect(), ..record }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(currency: &str) -> RecordDraft {
        let fields = [("Name", json!("x")), ("Amount", json!(12.5)), ("CurrencyIsoCode", json!(currency))];
        RecordDraft {
            noun: quayside_model::RecordNoun::Named,
            object: "Opportunity".into(),
            external_id_field: "K__c".into(),
            external_id: "k1".into(),
            fields: fields.map(|(name, value)| (name.to_owned(), value.to_string())).to_vec(),
        }
    }

    #[test]
    fn an_amount_is_written_in_its_own_currency_or_not_at_all() {
        let several = Object::read(&json!({ "name": "Opportunity", "fields": [
            { "name": "CurrencyIsoCode", "type": "picklist", "createable": true } ] }));
        let one = Object::read(&json!({ "name": "Opportunity", "fields": [] }));
        assert!(several.is_some() && one.is_some());
        for (described, currency, kept) in [
            (&several, "EUR", vec!["Name", "Amount", "CurrencyIsoCode"]),
            (&one, "USD", vec!["Name", "Amount"]),
            (&one, "usd", vec!["Name", "Amount"]),
            (&one, "EUR", vec!["Name"]),
        ] {
            let record = in_its_currency(record(currency), described.as_ref(), "USD");
            let fields: Vec<&str> = record.fields.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(fields, kept, "{currency}");
        }
    }
}
