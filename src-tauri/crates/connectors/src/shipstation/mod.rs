//! ShipStation.
