//! The warehouse.

use super::{Actor, Scene};

/// The warehouse.
pub struct Warehouse {}

impl Warehouse {
    /// Opens at `start_ms`; something goes wrong with the share `trouble` of orders.
    pub fn new(_start_ms: i64, _trouble: f64) -> Self {
        Self {}
    }
}

impl Actor for Warehouse {
    fn name(&self) -> &'static str {
        "warehouse"
    }
    fn next_ms(&self) -> Option<i64> {
        None
    }
    fn act(&mut self, _scene: &mut Scene<'_>) {}
}
