//! The shoppers.

use super::{Actor, Scene};
use crate::SandboxPlan;

/// The shoppers of all stores.
pub struct Shoppers;

impl Shoppers {
    /// As the plan says.
    pub fn new(_plan: &SandboxPlan) -> Self {
        Self
    }
}

impl Actor for Shoppers {
    fn name(&self) -> &'static str {
        "shoppers"
    }
    fn next_ms(&self) -> Option<i64> {
        None
    }
    fn act(&mut self, _scene: &mut Scene<'_>) {}
}
