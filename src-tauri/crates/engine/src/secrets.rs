//! Where secrets come from. The keychain is behind this; so is a simulation.

use quayside_connectors::Secrets;
use quayside_model::{ConnectionId, Refusal};

/// Secrets of connections, by connection. Implementations keep them nowhere but in the keychain.
pub trait SecretStore: Send + Sync {
    /// Secrets of one connection; a closed keychain is a refusal with cause `keychain_closed`.
    fn secrets(&self, connection: &ConnectionId) -> Result<Secrets, Refusal>;
    /// Keeps them.
    fn put_secrets(&self, connection: &ConnectionId, secrets: &Secrets) -> Result<(), Refusal>;
    /// Forgets them.
    fn forget_secrets(&self, connection: &ConnectionId) -> Result<(), Refusal>;
}
