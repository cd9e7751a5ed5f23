//! What giving money back would come to, before anything is given.
//!
//! A store that says so beforehand is asked, ahead of everything else the account does: a person looks at the answer. For
//! the others it is computed from what was paid. Either way no more is offered than is left.

use crate::changes::refund_changes;
use crate::credentials::secrets_of;
use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::{Act, RefundQuoteView, Refundable, RefundableLine, Trouble, TroubleCode};
use crate::{aim, choices, orders, refunds, words};
use quayside_connectors::{Priority, ReadError, Setup};
use quayside_flows::Policy;
use quayside_model::{IntentKind, Money, OrderId, RefundAsk, RefundQuote, Refusal, Story};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Whoever looks at an empty dialog does not wait longer.
const PATIENCE: Duration = Duration::from_secs(45);

impl Desk {
    /// What of an order can be given back, and what can be chosen beside it.
    pub fn refundable(&self, id: OrderId) -> Answer<Refundable> {
        let room = self.room()?;
        let (policy, story) = (room.policy()?, orders::story_of(&room, id)?);
        if let Some(why) = refunds::can_refund(&story, &policy) {
            return Err(Trouble::input(why));
        }
        let order = &story.order;
        let lines = order.lines.iter().map(|line| RefundableLine {
            line_id: line.remote_id.clone(),
            sku: line.sku.clone(),
            name: line.name.clone(),
            detail: words::line_detail(&line.variant, &line.options),
            left: refunds::units_left(&story, line),
            returned: quayside_flows::returns::units_coming_back(&story, line).min(refunds::units_left(&story, line)),
            unit_price_minor: line.discounted_unit_price_minor,
        });
        Ok(Refundable {
            number: order.number.clone(),
            platform: choices::declaration_of(&policy, &story.channel).map_or("the store", |it| it.title).to_owned(),
            quoted: refunds::way_of(&story, &policy).is_some_and(|way| way.quoted),
            lines: lines.filter(|line| line.left > 0).collect(),
            shipping_minor: refunds::shipping_left_minor(&story),
            left_minor: refunds::left_minor(&story),
            currency: order.currency.to_string(),
            currency_exponent: order.currency.exponent(),
            reasons: words::REFUND_REASONS.iter().map(|(word, label)| ((*word).into(), (*label).into())).collect(),
            choices: choices::offers(&policy, &BTreeSet::from([story.channel.clone()]), IntentKind::Refund),
        })
    }

    /// What an act that gives money back would come to. `total` may be left out: then it is what the store computes;
    /// `shipping` may be `all`. Changes nothing.
    pub async fn refund_quote(&self, act: Act) -> Answer<RefundQuoteView> {
        let room = self.room()?;
        let policy = room.policy()?;
        let mut about = aim::resolve(&room, &act)?.into_iter().filter_map(|aim| aim.order());
        let (Some(id), None) = (about.next(), about.next()) else {
            return Err(Trouble::input("Money is given back for one order at a time."));
        };
        let story = orders::story_of(&room, id)?;
        if let Some(why) = refunds::can_refund(&story, &policy)
            .or_else(|| choices::refused(&policy, &story.channel, IntentKind::Refund, &choices::chosen(&act)))
        {
            return Err(Trouble::input(why));
        }
        let typed = refunds::typed(&act, &story).map_err(Trouble::input)?;
        if typed.lines.is_empty() && typed.shipping_minor == Some(0) && typed.total_minor.is_none() {
            return Err(Trouble::input("Choose what is given back: units, shipping, or an amount."));
        }
        let declaration = choices::declaration_of(&policy, &story.channel);
        let title = declaration.map_or("The store", |declaration| declaration.title);
        let mut notes = Vec::new();
        let quoted = refunds::way_of(&story, &policy).is_some_and(|way| way.quoted);
        let quote = if quoted {
            let ask = RefundAsk {
                order_remote_id: story.order.remote_id.clone(),
                lines: typed.lines.clone(),
                shipping_max_minor: typed.shipping_minor.unwrap_or_else(|| refunds::left_minor(&story)),
                total_minor: typed.total_minor,
                currency: story.order.currency.clone(),
            };
            ask_store(&room, &policy, &story, ask).await?
        } else {
            notes.push(format!("{title} does not say beforehand what it gives back: computed from what was paid."));
            computed(&story, &typed).map_err(Trouble::input)?
        };
        let said = |minor: i64| Money::new(minor, story.order.currency.clone()).to_string();
        let left_minor = refunds::left_minor(&story);
        if quote.total_minor > left_minor {
            return Err(Trouble::input(format!(
                "{title} would give back {}, and {} of it are left. Choose less, or sync the order first.",
                said(quote.total_minor),
                said(left_minor)
            )));
        }
        if quote.total_minor <= 0 {
            return Err(Trouble::input(format!("{title} would give nothing back for that.")));
        }
        if let Some(wanted_minor) = typed.total_minor.filter(|minor| *minor != quote.total_minor) {
            return Err(Trouble::field(
                "total",
                format!("{title} would give back {} for that, not {}.", said(quote.total_minor), said(wanted_minor)),
            ));
        }
        if quote.recorded_only {
            notes.push(format!("{title} only records it: no money moves by itself. Pay it back by hand."));
        }
        let draft = refunds::draft(&act, &story, typed.lines, quote.shipping_minor, quote.total_minor);
        let plain = |minor: i64| Money::new(minor, story.order.currency.clone()).decimal().to_string();
        let mut fields = BTreeMap::from([("total".to_owned(), plain(draft.total_minor))]);
        if draft.shipping_minor > 0 {
            fields.insert("shipping".into(), plain(draft.shipping_minor));
        }
        for line in &draft.lines {
            fields.insert(format!("{}{}", refunds::LINE, line.order_line_id), line.quantity.to_string());
        }
        Ok(RefundQuoteView {
            by: quoted.then(|| title.to_owned()),
            total_minor: quote.total_minor,
            total: said(quote.total_minor),
            shipping_minor: quote.shipping_minor,
            tax_minor: quote.tax_minor,
            currency: story.order.currency.to_string(),
            currency_exponent: story.order.currency.exponent(),
            notes,
            changes: refund_changes(&draft, Some(&story), declaration),
            fields,
        })
    }
}

/// What was paid for it, where the store does not say; or why that is not to be had.
fn computed(story: &Story, typed: &refunds::Typed) -> Result<RefundQuote, String> {
    let order = &story.order;
    let paid = |wanted: &quayside_model::RefundLineDraft| {
        let line = order.lines.iter().find(|line| line.remote_id == wanted.order_line_id);
        line.map_or(0, |line| line.paid_minor(wanted.quantity, order.taxes_included))
    };
    let said = |minor: i64| Money::new(minor, order.currency.clone()).to_string();
    let goods_minor: i64 = typed.lines.iter().map(paid).sum();
    let shipping_left_minor = refunds::shipping_left_minor(story);
    let shipping_minor = typed.shipping_minor.unwrap_or(shipping_left_minor);
    if shipping_minor > shipping_left_minor {
        return Err(format!(
            "{} of the shipping are left, and {} were asked for.",
            said(shipping_left_minor),
            said(shipping_minor)
        ));
    }
    let worth_minor = (goods_minor + shipping_minor).min(refunds::left_minor(story));
    let total_minor = typed.total_minor.unwrap_or(worth_minor);
    if !typed.lines.is_empty() && total_minor > worth_minor {
        return Err(format!("{} were paid for that, and {} were asked for.", said(worth_minor), said(total_minor)));
    }
    Ok(RefundQuote {
        total_minor,
        shipping_minor: shipping_minor.min(total_minor),
        tax_minor: None,
        recorded_only: false,
    })
}

/// The store's own word.
async fn ask_store(room: &Room, policy: &Policy, story: &Story, ask: RefundAsk) -> Answer<RefundQuote> {
    let name = policy.peers.get(&story.channel).map_or("The store", |peer| peer.name.as_str());
    if policy.peers.get(&story.channel).is_some_and(|peer| peer.paused) {
        return Err(Trouble::input(format!("{name} is paused. Resume it first.")));
    }
    let asked = async {
        match &room.engine {
            Some(engine) => engine.quote_refund(&story.channel, ask).await.map_err(Trouble::from),
            None => ask_aside(room, story, ask).await,
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| {
        Err(Trouble {
            code: TroubleCode::Platform,
            sentence: format!("{name} did not say in time what can be given back. Nothing was changed; ask again."),
            field: None,
        })
    })
}

/// Where nothing works by itself (a terminal beside the window): asked once, with the account's own sign-in.
async fn ask_aside(room: &Room, story: &Story, ask: RefundAsk) -> Answer<RefundQuote> {
    let gone = || Trouble::gone("The account this order came from was removed.");
    let config = room.store.read(|r| r.connection(&story.channel))?.ok_or_else(gone)?;
    let platform = quayside_connectors::platform(&config.platform).ok_or_else(gone)?;
    let name = config.name.clone();
    let setup = Setup {
        secrets: secrets_of(room, &config.id).await?,
        config,
        wire: room.setup.wire.clone(),
        clock: room.setup.clock.clone(),
        buckets: Vec::new(),
    };
    let account = (platform.open)(setup).map_err(Trouble::from)?;
    account.quote_refund(&ask, Priority::Person).await.map_err(|error| match error {
        ReadError::WaitUntil { why, .. } => Trouble::from(Refusal::new(
            quayside_model::Cause::RateLimited,
            format!("{name} was not asked what can be given back: {why}. Ask again in a moment."),
        )),
        ReadError::Refused(refusal) => Trouble::from(refusal),
    })
}
