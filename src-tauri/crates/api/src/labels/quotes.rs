//! What carriers offer for an order, asked of its hub while a person looks.

use super::{LabelQuotes, QuoteView, buy, spend};
use crate::credentials::secrets_of;
use crate::desk::{Desk, Room};
use crate::orders;
use crate::trouble::Answer;
use crate::view::{Trouble, TroubleCode};
use quayside_connectors::{Connector, Priority, ReadError, Setup};
use quayside_flows::rate_choice::{self, Typed};
use quayside_flows::{Peer, Policy};
use quayside_model::{
    Cause, ConnectionId, LabelAsk, LabelQuote, LabelQuotes as Offered, Money, OrderId, ParcelSize, Refusal, Story,
};
use std::sync::Arc;
use std::time::Duration;

/// Whoever looks at an empty dialog does not wait longer.
const PATIENCE: Duration = Duration::from_secs(45);

impl Desk {
    /// What carriers offer for an order now; with `size` where somebody weighed it. Changes nothing.
    pub async fn label_quotes(&self, id: OrderId, size: ParcelSize) -> Answer<LabelQuotes> {
        let room = self.room()?;
        buy::check_size(&size).map_err(Trouble::input)?;
        let (policy, story) = (room.policy()?, orders::story_of(&room, id)?);
        if let Some(why) = buy::can_buy(&story, &policy) {
            return Err(Trouble::input(why));
        }
        let hub = policy.hub_of(&story).ok_or_else(|| Trouble::input("No shipping account is connected."))?;
        let seen = buy::open_order(&story, hub).ok_or_else(|| Trouble::input("It is not at the hub any more."))?;
        if hub.paused {
            return Err(Trouble::input(format!("{} is paused. Resume it first.", hub.name)));
        }
        let ask = LabelAsk { hub_order_id: seen.remote_id.clone(), size };
        let asked = async {
            if let Some(engine) = &room.engine {
                return engine.quote_labels(&hub.id, ask).await.map_err(Trouble::from);
            }
            let account = aside(&room, &hub.id).await?;
            account.quote_labels(&ask, Priority::Person).await.map_err(|error| unread(error, &hub.name))
        };
        let offered = tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(late(&hub.name)))?;
        let typed = Typed { size, ..Typed::default() };
        let (chosen, because) = match rate_choice::draft(&story, &policy, hub, seen, &typed, room.now_ms()) {
            Ok(draft) => match quayside_model::rates::pick(&offered.quotes, &draft) {
                Ok((quote, because)) => (offered.quotes.iter().position(|one| one == quote), because),
                Err(why) => (None, why),
            },
            Err(why) => (None, why),
        };
        view(&room, &policy, hub, &story, offered, (chosen, because))
    }
}

fn view(
    room: &Room,
    policy: &Policy,
    hub: &Peer,
    story: &Story,
    offered: Offered,
    (chosen, because): (Option<usize>, String),
) -> Answer<LabelQuotes> {
    let promised = rate_choice::promised_day(story, policy, room.now_ms());
    Ok(LabelQuotes {
        order_id: story.order_id,
        number: story.order.number.clone(),
        hub: hub.title.clone(),
        quotes: offered.quotes.iter().map(|quote| quote_view(quote, promised.as_deref())).collect(),
        not_offered: offered.not_offered,
        chosen: chosen.and_then(|at| u32::try_from(at).ok()),
        because,
        promised,
        size: offered.size,
        size_words: offered.size.words(),
        spend: spend(room, policy, hub)?,
        test: policy.toggle(rate_choice::ID, rate_choice::TEST),
    })
}

fn quote_view(quote: &LabelQuote, promised: Option<&str>) -> QuoteView {
    let plain = |minor: i64| Money::new(minor, quote.currency.clone()).decimal().to_string();
    let parts = if quote.extras_minor > 0 {
        format!("shipping {}, extras {}", plain(quote.shipping_minor), plain(quote.extras_minor))
    } else {
        String::new()
    };
    QuoteView {
        carrier_id: quote.carrier_id.clone(),
        carrier: quote.carrier.clone(),
        service: quote.service.clone(),
        service_name: quote.service_name.clone(),
        package: quote.package.clone(),
        total_minor: quote.total_minor(),
        total: quote.total().to_string(),
        amount: plain(quote.total_minor()),
        parts,
        days: quote.days,
        arrives: quote.arrives.clone(),
        in_time: promised.and_then(|day| quote.is_there_by(day)),
        notes: quote.notes.clone(),
    }
}

/// The account itself, where nothing works by itself (a terminal beside the window).
pub(super) async fn aside(room: &Room, hub: &ConnectionId) -> Answer<Arc<dyn Connector>> {
    let gone = || Trouble::gone("The shipping account was removed.");
    let config = room.store.read(|r| r.connection(hub))?.ok_or_else(gone)?;
    let platform = quayside_connectors::platform(&config.platform).ok_or_else(gone)?;
    let setup = Setup {
        secrets: secrets_of(room, &config.id).await?,
        config,
        wire: room.setup.wire.clone(),
        clock: room.setup.clock.clone(),
        buckets: Vec::new(),
    };
    (platform.open)(setup).map_err(Trouble::from)
}

pub(super) fn unread(error: ReadError, name: &str) -> Trouble {
    match error {
        ReadError::WaitUntil { why, .. } => Trouble::from(Refusal::new(
            Cause::RateLimited,
            format!("{name} was not asked about labels: {why}. Ask again in a moment."),
        )),
        ReadError::Refused(refusal) => Trouble::from(refusal),
    }
}

fn late(name: &str) -> Trouble {
    Trouble {
        code: TroubleCode::Platform,
        sentence: format!("{name} did not say in time what carriers offer. Nothing was bought; ask again."),
        field: None,
    }
}
