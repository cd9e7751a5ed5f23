//! The queue in groups: how many of the matching orders stand under each heading.
//! The rows of a group are the queue again, narrowed; they are not read here.

use crate::error::{StoreError, Tried};
use crate::plan::from;
use crate::queue::{QueueFilter, SortBy};
use crate::sql::Sql;
use crate::store::Reader;
use rusqlite::params_from_iter;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Orders that are grouped at most; beyond it the numbers are "at least".
const GROUPED_MAX: u64 = 100_000;
/// Headings shown at most.
const HEADINGS_MAX: usize = 200;

/// What makes two orders stand under one heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// The account it came from.
    Store,
    /// How far it is.
    Stage,
    /// What it waits on.
    Waits,
    /// Where it goes.
    Country,
}

impl GroupBy {
    fn column(self) -> &'static str {
        match self {
            Self::Store => "o.connection_id",
            Self::Stage => "o.stage",
            Self::Waits => "o.waits_code",
            Self::Country => "o.country",
        }
    }
}

/// The headings with their numbers, most first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueGroups {
    /// Value of the column, and how many orders have it.
    pub groups: Vec<(String, u64)>,
    /// False: there are more orders than were grouped.
    pub exact: bool,
}

impl Reader<'_> {
    /// How many of the matching orders stand under each heading.
    pub fn queue_groups(&self, filter: &QueueFilter, by: GroupBy) -> Result<QueueGroups, StoreError> {
        const TRIED: &str = "group the queue";
        if filter.is_tallied() && by != GroupBy::Country {
            let stages = filter.all_stages();
            let mut groups: BTreeMap<String, u64> = BTreeMap::new();
            for tally in self.tallies()?.into_iter().filter(|tally| filter.matches(tally, &stages)) {
                let key = match by {
                    GroupBy::Store => tally.connection.0,
                    GroupBy::Stage => tally.stage.code().to_owned(),
                    GroupBy::Waits | GroupBy::Country => tally.waits_code,
                };
                *groups.entry(key).or_default() += tally.n;
            }
            let mut groups: Vec<(String, u64)> = groups.into_iter().collect();
            groups.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            groups.truncate(HEADINGS_MAX);
            return Ok(QueueGroups { groups, exact: true });
        }
        let Some(drive) = self.drive(filter, SortBy::Placed, true)? else {
            return Ok(QueueGroups { groups: Vec::new(), exact: true });
        };
        let mut sql = Sql::default();
        sql.push("SELECT heading, count(*) FROM (SELECT ").push(by.column()).push(" AS heading");
        from(&drive, &mut sql);
        filter.conditions(&mut sql, &drive);
        sql.push(" LIMIT ").bind(GROUPED_MAX as i64 + 1);
        sql.push(") GROUP BY heading ORDER BY 2 DESC, 1 LIMIT ").bind(HEADINGS_MAX as i64);
        let mut statement = self.conn.prepare_cached(&sql.text).tried(TRIED)?;
        let rows = statement
            .query_map(params_from_iter(&sql.values), |row| {
                Ok((row.get::<_, Option<String>>(0)?.unwrap_or_default(), row.get::<_, i64>(1)?.unsigned_abs()))
            })
            .tried(TRIED)?;
        let groups: Vec<(String, u64)> = rows.collect::<Result<_, _>>().tried(TRIED)?;
        let exact = groups.iter().map(|(_, n)| n).sum::<u64>() <= GROUPED_MAX;
        Ok(QueueGroups { groups, exact })
    }
}
