//! What shoppers and staff do: here a deal is made by a seller, won, changed and lost.

use super::Salesforce;
use super::state::{moment as parse_moment, stamp};
use crate::Moment;
use crate::ledger::{By, Entry};
use crate::merchant::shop::{LineView, OrderView, Place, Purchase, ShipmentView, Shop};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

impl Salesforce {
    fn note(&mut self, effect: &str, subject: &str, detail: Json, moment: &mut Moment<'_>) {
        moment.ledger.note(Entry {
            at_ms: moment.now_ms,
            platform: "salesforce".to_owned(),
            account: self.plan.account.clone(),
            effect: effect.to_owned(),
            subject: subject.to_owned(),
            key: None,
            detail,
            by: By::Merchant,
        });
    }

    /// A seller moves a deal to a stage.
    pub fn set_stage(&mut self, opportunity: &str, stage: &str, moment: &mut Moment<'_>) {
        self.state.put("Opportunity", Some(opportunity.to_owned()), &json!({ "StageName": stage }), moment.now_ms);
        self.note("stage_changed", opportunity, json!({ "stage": stage }), moment);
    }

    /// A product by its code; made if the price book does not have it.
    fn product(&mut self, sku: &str, name: &str, now_ms: i64) -> String {
        let known = self.state.of("Product2").find(|record| {
            let text = |field: &str| record.values.get(field).and_then(Json::as_str).unwrap_or_default();
            text("StockKeepingUnit") == sku && text("Name") == name
        });
        if let Some(known) = known {
            return known.id.clone();
        }
        let sku = if sku.is_empty() { Json::Null } else { json!(sku) };
        self.state.put(
            "Product2",
            None,
            &json!({ "Name": name, "StockKeepingUnit": sku, "ProductCode": null, "Family": "Goods", "IsActive": true }),
            now_ms,
        )
    }

    fn lines_of(&self, opportunity: &str) -> Vec<String> {
        self.state
            .of("OpportunityLineItem")
            .filter(|line| line.values.get("OpportunityId") == Some(&json!(opportunity)))
            .map(|line| line.id.clone())
            .collect()
    }

    fn is_won(&self, opportunity: &str) -> bool {
        self.state.value(opportunity, "IsWon") == json!(true)
            && self.state.record(opportunity).is_some_and(|record| !record.deleted)
    }

    /// What people read in the tasks and shipment records under a deal: (numbers, units by line) of each that stands.
    fn parcels_of(&self, opportunity: &str) -> Vec<ShipmentView> {
        let tasks = self.state.of("Task").filter(|task| task.values.get("WhatId") == Some(&json!(opportunity)));
        let shipments =
            self.state.of("Shipment__c").filter(|one| one.values.get("Opportunity__c") == Some(&json!(opportunity)));
        let texts = tasks
            .filter_map(|task| task.values.get("Description"))
            .chain(shipments.filter_map(|one| one.values.get("Contents__c")));
        texts
            .filter_map(|text| {
                let (_, line) = text.as_str()?.split_once("quayside:")?;
                let told: Json = serde_json::from_str(line.lines().next()?).ok()?;
                if told.get("live") == Some(&json!(false)) {
                    return None;
                }
                let numbers = told["numbers"].as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect();
                let units = told["lines"]
                    .as_array()?
                    .iter()
                    .filter_map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].as_i64()?)));
                let mut by_line: BTreeMap<String, i64> = BTreeMap::new();
                for (line, n) in units {
                    *by_line.entry(line).or_default() += n;
                }
                Some(ShipmentView { numbers, units: by_line })
            })
            .collect()
    }
}

impl Shop for Salesforce {
    fn country(&self) -> &'static str {
        "US"
    }

    fn place(&mut self, purchase: &Purchase, moment: &mut Moment<'_>) -> Option<String> {
        // Downloads are not sold by opportunity here.
        let lines: Vec<_> = purchase.lines.iter().filter(|line| line.weight_g.is_some()).collect();
        if lines.is_empty() {
            return None;
        }
        let now_ms = moment.now_ms;
        let to = &purchase.ship_to;
        let street = [to.line1.as_str(), to.line2.as_str()]
            .into_iter()
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        let person = format!("{} {}", to.first_name, to.last_name);
        let firm = if to.company.is_empty() { person.clone() } else { to.company.clone() };
        let or_null = |text: &str| if text.is_empty() { Json::Null } else { json!(text) };
        let account = self.state.put("Account", None, &json!({
            "Name": firm, "Phone": or_null(&to.phone), "ShippingStreet": or_null(&street), "ShippingCity": or_null(&to.city),
            "ShippingState": or_null(&to.region), "ShippingPostalCode": or_null(&to.postcode), "ShippingCountry": or_null(&to.country_name),
        }), now_ms);
        let contact = self.state.put("Contact", None, &json!({
            "AccountId": account, "FirstName": to.first_name, "LastName": to.last_name, "Name": person, "Email": purchase.email, "Phone": or_null(&to.phone),
        }), now_ms);
        self.deals += 1;
        let name = format!("{} - {}", to.last_name, 1_000 + self.deals);
        let stage = if purchase.paid { "Closed Won" } else { "Negotiation" };
        let day = stamp(now_ms)[..10].to_owned();
        let opportunity = self.state.put("Opportunity", None, &json!({
            "Name": name, "AccountId": account, "StageName": "Negotiation", "CloseDate": day, "Delivery_Notes__c": or_null(&purchase.note.chars().take(1_000).collect::<String>()),
            "Gift_Message__c": or_null(&purchase.gift_message), "Paid__c": purchase.paid,
        }), now_ms);
        self.state.put(
            "OpportunityContactRole",
            None,
            &json!({ "OpportunityId": opportunity, "ContactId": contact, "IsPrimary": true, "Role": "Decision Maker" }),
            now_ms,
        );
        for (i, line) in lines.iter().enumerate() {
            let product = self.product(&line.sku, &line.name, now_ms);
            let price = line.unit_price_minor as f64 / 100.0;
            self.state.put("OpportunityLineItem", None, &json!({
                "OpportunityId": opportunity, "Product2Id": product, "Quantity": line.quantity as f64, "UnitPrice": price, "SortOrder": i + 1,
                "Description": line.options.first().map(|(name, text)| format!("{name}: {text}")),
            }), now_ms);
        }
        self.state.put("Opportunity", Some(opportunity.clone()), &json!({ "StageName": stage }), now_ms);
        self.placed.push(opportunity.clone());
        self.note("deal_made", &opportunity, json!({ "name": name, "stage": stage }), moment);
        Some(opportunity)
    }

    fn pay(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        if self.state.text(order, "StageName") != "Negotiation" {
            return false;
        }
        self.state.put("Opportunity", Some(order.to_owned()), &json!({ "Paid__c": true }), moment.now_ms);
        self.set_stage(order, "Closed Won", moment);
        true
    }

    fn cancel(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        if !self.parcels_of(order).is_empty() || self.state.text(order, "StageName") == "Closed Lost" {
            return false;
        }
        self.set_stage(order, "Closed Lost", moment);
        true
    }

    fn change_units(&mut self, order: &str, line: &str, units: i64, moment: &mut Moment<'_>) -> bool {
        if !self.is_won(order) || !self.lines_of(order).iter().any(|known| known == line) {
            return false;
        }
        let price = self.state.value(line, "UnitPrice").as_f64().unwrap_or(0.0);
        self.state.put(
            "OpportunityLineItem",
            Some(line.to_owned()),
            &json!({ "Quantity": units as f64, "TotalPrice": price * units as f64 }),
            moment.now_ms,
        );
        self.note("line_changed", order, json!({ "line": line, "units": units }), moment);
        true
    }

    fn give_back(&mut self, order: &str, line: &str, units: i64, moment: &mut Moment<'_>) -> bool {
        let left = self.state.value(line, "Quantity").as_f64().unwrap_or(0.0) as i64 - units;
        if left > 0 {
            return self.change_units(order, line, left, moment);
        }
        // The last product of a deal cannot go: the deal would be lost instead.
        if !self.is_won(order) || self.lines_of(order).len() < 2 {
            return false;
        }
        self.state.delete(line, moment.now_ms);
        self.note("line_removed", order, json!({ "line": line }), moment);
        true
    }

    fn change_address(&mut self, order: &str, address: &Place, moment: &mut Moment<'_>) -> bool {
        // People change the account; the opportunity's own stamp does not move.
        let account = self.state.text(order, "AccountId");
        self.state.put(
            "Account",
            Some(account),
            &json!({
                "ShippingStreet": address.line1, "ShippingCity": address.city, "ShippingPostalCode": address.postcode,
                "ShippingState": address.region, "ShippingCountry": address.country_name,
            }),
            moment.now_ms,
        );
        self.note("address_changed", order, Json::Null, moment);
        true
    }

    fn hold(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        if !self.is_won(order) {
            return false;
        }
        self.set_stage(order, "Negotiation", moment);
        true
    }

    fn release(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        if self.state.text(order, "StageName") != "Negotiation" {
            return false;
        }
        self.set_stage(order, "Closed Won", moment);
        true
    }

    fn order(&self, order: &str) -> Option<OrderView> {
        let record = self.state.record(order)?;
        let shipments = self.parcels_of(order);
        let shipped = |line: &str| shipments.iter().filter_map(|one| one.units.get(line)).sum::<i64>();
        let placed_ms = record.values.get("CreatedDate").and_then(Json::as_str).and_then(parse_moment).unwrap_or(0);
        let stage = self.state.text(order, "StageName");
        Some(OrderView {
            id: record.id.clone(),
            name: self.state.text(order, "Name"),
            placed_ms,
            paid: self.is_won(order),
            cancelled: stage == "Closed Lost" || record.deleted,
            never_ships: None,
            lines: self
                .lines_of(order)
                .into_iter()
                .map(|id| LineView {
                    units: self.state.value(&id, "Quantity").as_f64().unwrap_or(0.0) as i64,
                    shipped: shipped(&id),
                    id,
                })
                .collect(),
            shipments,
        })
    }

    fn orders(&self) -> Vec<String> {
        self.placed.clone()
    }
}
