//! The program's own settings, with sensible defaults.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The program's own settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Settings {
    /// `system`, `light`, `dark`, `contrast_light`, `contrast_dark`.
    pub theme: String,
    /// `comfortable`, `compact`.
    pub density: String,
    /// Zoom in percent, 80 to 200.
    pub zoom: u32,
    /// Closing the window keeps it working.
    pub close_to_tray: bool,
    /// Start with the computer.
    pub start_at_login: bool,
    /// Desktop notifications at all.
    pub notifications: bool,
    /// Notify about: stuck orders.
    pub notify_exceptions: bool,
    /// Notify about: orders soon late.
    pub notify_at_risk: bool,
    /// Notify about: accounts that need a sign-in.
    pub notify_connections: bool,
    /// No notifications from, minutes after midnight local; equal to `quiet_to` means never quiet.
    pub quiet_from_min: u32,
    /// … to.
    pub quiet_to_min: u32,
    /// One summary a day instead of notifications as they come.
    pub digest: bool,
    /// When it is told, minutes after midnight by this computer's clock.
    pub digest_at_min: u32,
    /// An order is at risk so many minutes before its ship-by.
    pub at_risk_min: u32,
    /// Paid orders count as unfulfilled after so many business days.
    pub unfulfilled_after_days: u32,
    /// Orders paid after this time count as the next day's, minutes after midnight.
    pub cut_off_min: u32,
    /// Zone of the cut-off (IANA); empty means the store's own.
    pub time_zone: String,
    /// Working days, Monday first.
    pub business_days: [bool; 7],
    /// Days nobody works: `2026-12-24` once, `12-25` every year.
    pub holidays: Vec<String>,
    /// Promise: an order without its own ship-by must leave within so many business days; 0 means no promise.
    pub promise_days: u32,
    /// Keep closed orders' raw answers so many days.
    pub keep_raw_days: u32,
    /// Keep history so many days.
    pub keep_history_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: "system".into(),
            density: "comfortable".into(),
            zoom: 100,
            close_to_tray: true,
            start_at_login: false,
            notifications: true,
            notify_exceptions: true,
            notify_at_risk: true,
            notify_connections: true,
            quiet_from_min: 20 * 60,
            quiet_to_min: 7 * 60,
            digest: false,
            digest_at_min: 8 * 60,
            at_risk_min: 180,
            unfulfilled_after_days: 1,
            cut_off_min: 14 * 60,
            time_zone: String::new(),
            business_days: [true, true, true, true, true, false, false],
            holidays: Vec::new(),
            promise_days: 1,
            keep_raw_days: 180,
            keep_history_days: 400,
        }
    }
}
