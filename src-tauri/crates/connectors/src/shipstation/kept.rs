//! What ShipStation keeps of the fields that mappings fill. The lengths are those of [`super::cut`].

use super::cut::{CUSTOM_FIELD_MAX, NAME_MAX, NOTE_MAX};
use quayside_model::{FieldKept, HubField};

pub(super) const KEPT: &[FieldKept] = &[
    FieldKept::cut(HubField::CustomField1, CUSTOM_FIELD_MAX),
    FieldKept::cut(HubField::CustomField2, CUSTOM_FIELD_MAX),
    FieldKept::cut(HubField::CustomField3, CUSTOM_FIELD_MAX),
    FieldKept::cut(HubField::InternalNote, NOTE_MAX),
    FieldKept::cut(HubField::BuyersNote, NOTE_MAX),
    FieldKept::cut(HubField::GiftMessage, NOTE_MAX),
    FieldKept::whole(HubField::Tag),
    FieldKept::cut(HubField::RequestedService, NAME_MAX),
    FieldKept::cut(HubField::Company, NAME_MAX),
    FieldKept::cut(HubField::AddressLine2, NAME_MAX),
    FieldKept::cut(HubField::Phone, NAME_MAX),
    FieldKept::whole(HubField::Carrier),
    FieldKept::whole(HubField::Service),
    FieldKept::whole(HubField::Package),
    FieldKept::whole(HubField::Confirmation),
    FieldKept::whole(HubField::Warehouse),
    FieldKept::whole(HubField::ShipBy),
    FieldKept::whole(HubField::LineNote),
    FieldKept::whole(HubField::LineOption),
];
