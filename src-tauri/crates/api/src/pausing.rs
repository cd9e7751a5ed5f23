//! Pausing everything at once, from the tray, and taking just that back.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::view::Trouble;
use quayside_model::ConnectionId;

/// Accounts that were paused together, in the desk's own notes.
const TOGETHER: &str = "paused_together";

impl Desk {
    /// Pauses every account, or resumes those that were paused this way: one that a person paused by itself stays so.
    pub fn pause_everything(&self, paused: bool) -> Answer<()> {
        let room = self.writable()?;
        let connections = room.store.read(|r| r.connections())?;
        let kept = room.store.read(|r| r.meta(TOGETHER))?.filter(|list| !list.is_empty());
        let together: Vec<ConnectionId> = match kept {
            // Paused since before this was noted, or one by one: then resuming means all.
            None if !paused => connections.iter().map(|config| config.id.clone()).collect(),
            Some(list) if !paused => serde_json::from_str(&list).map_err(|_| {
                Trouble::internal(
                    "The list of accounts that were paused together cannot be read. Resume them one by one.",
                )
            })?,
            _ => connections.iter().filter(|config| !config.paused).map(|config| config.id.clone()).collect(),
        };
        if paused && !together.is_empty() {
            let list = serde_json::to_string(&together).unwrap_or_default();
            room.store.write(|tx| tx.put_meta(TOGETHER, &list))?;
        }
        for id in together.iter().filter(|id| connections.iter().any(|config| config.id == **id)) {
            self.pause_connection(id, paused)?;
        }
        if !paused {
            room.store.write(|tx| tx.put_meta(TOGETHER, ""))?;
        }
        Ok(())
    }
}
