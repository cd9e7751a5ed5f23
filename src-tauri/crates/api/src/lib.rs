//! What people and programs can ask and do. Every door, window or terminal, calls this.

pub mod view;
