//! How many calls a key may make in a minute: a fixed window that opens with
//! the first call after the last one closed.

use crate::Meter;

/// Length of a window, ms.
pub const WINDOW_MS: i64 = 60_000;

/// One key's allowance.
#[derive(Debug, Clone)]
pub struct Window {
    limit: u32,
    others: u32,
    opened_ms: Option<i64>,
    used: u32,
    spent: u64,
}

/// What the window says after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The call may be answered.
    pub allowed: bool,
    /// Calls per window.
    pub limit: u32,
    /// Calls left.
    pub remaining: u32,
    /// Seconds until the window closes, at least 1.
    pub reset_s: i64,
}

impl Window {
    /// `limit` calls a minute, `others` of which another tool uses up at once.
    pub fn new(limit: u32, others: u32) -> Self {
        Self { limit, others, opened_ms: None, used: 0, spent: 0 }
    }

    /// Counts a call. A refused call costs nothing more.
    pub fn spend(&mut self, now_ms: i64) -> Allowance {
        self.open(now_ms);
        let allowed = self.used < self.limit;
        if allowed {
            self.used += 1;
            self.spent += 1;
        }
        self.said(allowed, now_ms)
    }

    /// Some other tool has just used up all that was left.
    pub fn exhaust(&mut self, now_ms: i64) -> Allowance {
        self.open(now_ms);
        self.used = self.limit;
        self.said(false, now_ms)
    }

    /// What it would say now, without counting.
    pub fn look(&mut self, now_ms: i64) -> Allowance {
        self.open(now_ms);
        self.said(self.used < self.limit, now_ms)
    }

    /// What it counts.
    pub fn meter(&self, name: &str) -> Meter {
        Meter::of_window(name, self.spent, self.limit, WINDOW_MS)
    }

    fn open(&mut self, now_ms: i64) {
        let open = self.opened_ms.is_some_and(|opened| now_ms < opened + WINDOW_MS);
        if !open {
            self.opened_ms = Some(now_ms);
            self.used = self.others.min(self.limit);
        }
    }

    fn said(&self, allowed: bool, now_ms: i64) -> Allowance {
        let left_ms = self.opened_ms.map_or(WINDOW_MS, |opened| opened + WINDOW_MS - now_ms);
        let reset_s = (left_ms + 999).div_euclid(1000).clamp(1, WINDOW_MS / 1000);
        Allowance { allowed, limit: self.limit, remaining: self.limit.saturating_sub(self.used), reset_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_a_minute_and_not_one_more() {
        let mut window = Window::new(40, 0);
        for call in 0..40 {
            let said = window.spend(1_000 + call * 100);
            assert!(said.allowed, "call {call}");
            assert_eq!(said.remaining, 39 - call as u32);
        }
        let refused = window.spend(31_500);
        assert_eq!(refused, Allowance { allowed: false, limit: 40, remaining: 0, reset_s: 30 });
        assert!(!window.spend(60_999).allowed, "the window opened at 1 s and closes at 61 s");
        let next = window.spend(61_000);
        assert_eq!(next, Allowance { allowed: true, limit: 40, remaining: 39, reset_s: 60 });
    }

    #[test]
    fn waiting_as_long_as_told_is_always_enough() {
        for offset in [0, 1, 250, 999, 59_999] {
            let mut window = Window::new(3, 0);
            window.spend(0);
            window.spend(offset);
            window.spend(offset);
            let refused = window.spend(offset);
            assert!(!refused.allowed);
            assert!(window.spend(offset + refused.reset_s * 1000).allowed, "after {offset}");
        }
    }

    #[test]
    fn another_tool_eats_from_the_same_plate() {
        let mut window = Window::new(40, 10);
        assert_eq!(window.spend(0).remaining, 29);
        assert_eq!(window.exhaust(10).remaining, 0);
        assert!(!window.spend(20).allowed);
        assert_eq!(window.spend(60_000).remaining, 29);
    }
}
