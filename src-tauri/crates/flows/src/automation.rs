//! What an automation says about itself: its card, its settings, its manual.

use crate::look::Look;
use quayside_model::SettingDecl;

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
    /// Choices a person can make.
    pub settings: &'static [SettingDecl],
    /// Looks at one order and adds what it wants done.
    pub(crate) look: fn(&mut Look<'_>),
}

impl std::fmt::Debug for AutomationDecl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AutomationDecl").field("id", &self.id).finish_non_exhaustive()
    }
}
