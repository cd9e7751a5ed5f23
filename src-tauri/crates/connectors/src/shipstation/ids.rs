//! One identity for one thing, whichever API it was read through.
//!
//! V1's order 123 is V2's shipment `se-123`; V1's shipment 456 is V2's label
//! `se-456`. Ours are the bare digits, so that an account which gains or loses
//! one of the APIs keeps its history.

/// Prefix of parcels with a label bought in ShipStation.
const LABEL: &str = "label:";
/// Prefix of parcels shipped elsewhere.
const EXTERNAL: &str = "external:";

/// V2's id of a thing we know by `ours`.
pub(super) fn to_v2(ours: &str) -> String {
    if ours.starts_with("se-") { ours.to_owned() } else { format!("se-{ours}") }
}

/// Our id of a thing V2 calls `theirs`.
pub(super) fn from_v2(theirs: &str) -> String {
    match theirs.strip_prefix("se-") {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => digits.to_owned(),
        _ => theirs.to_owned(),
    }
}

/// V1 wants numbers.
pub(super) fn to_v1(ours: &str) -> Option<i64> {
    ours.strip_prefix("se-").unwrap_or(ours).parse().ok()
}

/// A parcel's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParcelId<'a> {
    /// A label, by the bare id.
    Label(&'a str),
    /// Marked as shipped, by the bare id.
    External(&'a str),
}

impl<'a> ParcelId<'a> {
    /// From a [`quayside_model::Parcel::remote_id`].
    pub(super) fn parse(remote_id: &'a str) -> Option<Self> {
        let bare = |id: &'a str| Some(id).filter(|id| !id.is_empty());
        match remote_id.strip_prefix(LABEL) {
            Some(id) => bare(id).map(Self::Label),
            None => remote_id.strip_prefix(EXTERNAL).and_then(bare).map(Self::External),
        }
    }
}

/// Our id of a label.
pub(super) fn label(id: &str) -> String {
    format!("{LABEL}{}", from_v2(id))
}

/// Our id of something marked as shipped.
pub(super) fn external(id: &str) -> String {
    format!("{EXTERNAL}{}", from_v2(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_has_one_id() {
        assert_eq!(from_v2("se-123"), "123");
        assert_eq!(to_v2("123"), "se-123");
        assert_eq!(to_v2("se-abc-1"), "se-abc-1");
        assert_eq!(from_v2("se-abc-1"), "se-abc-1");
        assert_eq!(to_v1("123"), Some(123));
        assert_eq!(to_v1("se-abc-1"), None);
        assert_eq!(label("se-456"), label("456"));
        assert_eq!(ParcelId::parse("label:456"), Some(ParcelId::Label("456")));
        assert_eq!(ParcelId::parse("external:9"), Some(ParcelId::External("9")));
        assert_eq!(ParcelId::parse("label:"), None);
        assert_eq!(ParcelId::parse("456"), None);
    }
}
