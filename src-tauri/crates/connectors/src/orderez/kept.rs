//! What Orderez keeps of the fields that mappings fill: an address, one note for everything that is text, and a place to
//! ship from.

use super::compose::NOTE_MAX;
use quayside_model::{FieldKept, HubField};

/// What its orders have no place for.
const CHOICE: &str = "An order there has no place for how it is shipped: whoever packs it chooses. Write it into the note for the team instead.";
const DAY: &str = "An order there has no day to be shipped by. Write it into the note for the team, or set the promise under Settings.";

pub(super) const KEPT: &[FieldKept] = &[
    FieldKept::cut(HubField::CustomField1, NOTE_MAX),
    FieldKept::cut(HubField::CustomField2, NOTE_MAX),
    FieldKept::cut(HubField::CustomField3, NOTE_MAX),
    FieldKept::cut(HubField::InternalNote, NOTE_MAX),
    FieldKept::cut(HubField::BuyersNote, NOTE_MAX),
    FieldKept::cut(HubField::GiftMessage, NOTE_MAX),
    FieldKept::cut(HubField::Tag, NOTE_MAX),
    FieldKept::whole(HubField::RequestedService),
    FieldKept::whole(HubField::Company),
    FieldKept::whole(HubField::AddressLine2),
    FieldKept::whole(HubField::Phone),
    FieldKept::left_out(HubField::Carrier, CHOICE),
    FieldKept::left_out(HubField::Service, CHOICE),
    FieldKept::left_out(HubField::Package, CHOICE),
    FieldKept::left_out(HubField::Confirmation, CHOICE),
    // Where an account cannot be told, the trail of what was sent says so.
    FieldKept::whole(HubField::Warehouse),
    FieldKept::left_out(HubField::ShipBy, DAY),
    FieldKept::cut(HubField::LineNote, NOTE_MAX),
    FieldKept::cut(HubField::LineOption, NOTE_MAX),
];
