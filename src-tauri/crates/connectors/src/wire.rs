//! Bytes out, bytes in. The HTTP client is behind this, and so is the simulation.

use async_trait::async_trait;
use std::time::Duration;

/// Sends one HTTP request. Follows no redirect, retries nothing, knows no policy:
/// that is the [`crate::Door`]'s work.
#[async_trait]
pub trait Wire: Send + Sync {
    /// One exchange.
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError>;
}

/// No answer. The difference matters for writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It never left: no route, name unknown, connection or TLS refused. Certainly not applied.
    #[error("could not be reached ({0})")]
    NotSent(String),
    /// It left, and no whole answer came. It may have been applied.
    #[error("sent, but no whole answer came ({0})")]
    Lost(String),
}
