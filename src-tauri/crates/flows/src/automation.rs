//! What an automation says about itself: its card, its settings, its manual.

use crate::look::Look;
use quayside_model::{IntentKind, RecordKind, Role, SettingDecl};

/// An entry of the registry.
pub struct AutomationDecl {
    /// Stable word.
    pub id: &'static str,
    /// Title of the card.
    pub title: &'static str,
    /// What it does, from where to where.
    pub summary: &'static str,
    /// Worked examples: what happens, what it does. Each is also a test in the automation's file.
    pub examples: &'static [(&'static str, &'static str)],
    /// What it needs of the accounts it works between.
    pub needs: &'static [Need],
    /// How what it did is taken back, or why that cannot be.
    pub undo: &'static str,
    /// Choices a person can make.
    pub settings: &'static [SettingDecl],
    /// Looks at one order and adds what it wants done.
    pub(crate) look: fn(&mut Look<'_>),
}

/// Something an account must be able to do for an automation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// An account that plays this part can be read for these records.
    Reads(Role, RecordKind),
    /// It performs this kind of change.
    Performs(Role, IntentKind),
    /// Any account can be read for these records, whatever part it plays.
    ReadsAnywhere(RecordKind),
    /// Of those accounts, the ones that follow perform this kind of change; one that does not can only be followed.
    SetsAnywhere(IntentKind),
    /// The store or the hub tells when a parcel arrived: one of them is enough.
    TellsDelivery,
    /// The store's rules let its buyers be written to by mail of our own.
    BuyersMayBeWritten,
}

impl Need {
    /// The part it is about; `None`: it is not one part's alone.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Reads(role, _) | Self::Performs(role, _) => Some(role),
            Self::BuyersMayBeWritten => Some(Role::Channel),
            Self::ReadsAnywhere(_) | Self::SetsAnywhere(_) | Self::TellsDelivery => None,
        }
    }
    /// In words, after "does not".
    pub fn words(self) -> String {
        match self {
            Self::Reads(_, RecordKind::Stock) | Self::ReadsAnywhere(RecordKind::Stock) => {
                "give its counts of stock".to_owned()
            }
            Self::Reads(_, kind) | Self::ReadsAnywhere(kind) => format!("give its {}s", kind.code().replace('_', " ")),
            Self::Performs(_, kind) | Self::SetsAnywhere(kind) => kind.phrase().to_owned(),
            Self::TellsDelivery => "tell when a parcel arrived".to_owned(),
            Self::BuyersMayBeWritten => "let its buyers be written to by mail of our own".to_owned(),
        }
    }
}

impl std::fmt::Debug for AutomationDecl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AutomationDecl").field("id", &self.id).finish_non_exhaustive()
    }
}
