//! Stages of opportunities: which of them count as won or closed only the org knows, so it is asked before one is written.

use super::Salesforce;
use super::mapping::{Gap, Schema, Usable, locked};
use super::verdicts::CallError;
use crate::Priority;
use serde_json::Value;

/// One active stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    /// Its API name.
    pub name: String,
    /// Opportunities there are closed.
    pub closed: bool,
    /// And won.
    pub won: bool,
}

impl Salesforce {
    /// The org's active stages, in its order.
    pub(super) async fn stages(&self, priority: Priority) -> Result<Vec<Stage>, CallError> {
        let query = "SELECT ApiName, IsClosed, IsWon FROM OpportunityStage WHERE IsActive = true ORDER BY SortOrder";
        let rows = self.rows_of(query, priority, "look at the stages").await?;
        let flag = |row: &Value, name: &str| row.get(name) == Some(&Value::Bool(true));
        let stage = |row: &Value| Stage {
            name: row.get("ApiName").and_then(Value::as_str).unwrap_or_default().to_owned(),
            closed: flag(row, "IsClosed"),
            won: flag(row, "IsWon"),
        };
        Ok(rows.iter().map(stage).collect())
    }

    /// Takes the stage for what has left into use, or says why not; says of the one for new opportunities what is wrong
    /// with it. Asked only where one is chosen.
    pub(super) async fn use_stage(
        &self,
        schema: &Schema,
        usable: &mut Usable,
        priority: Priority,
    ) -> Result<(), CallError> {
        let (wanted, first) = (self.mapping.shipped_stage.as_str(), self.keeping.offer_stage.as_str());
        if wanted.is_empty() && first.is_empty() {
            return Ok(());
        }
        let stages = match self.stages(priority).await {
            Ok(stages) => stages,
            // Hidden from this user: then nobody knows what a stage means.
            Err(CallError::Schema(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let new = (!first.is_empty()).then(|| no_open_stage(first, &stages)).flatten();
        usable.gaps.extend(new.map(|sentence| Gap {
            about: "settings".into(),
            purpose: "new opportunities".into(),
            sentence,
        }));
        if wanted.is_empty() {
            return Ok(());
        }
        let problem = match schema.field("Opportunity", "StageName") {
            Some(field) if !field.updateable => Some(locked("Opportunity", "StageName", PURPOSE)),
            _ => no_won_stage(wanted, &stages),
        };
        if let Some(gap) = problem {
            usable.gaps.push(gap);
        } else {
            let later = stages.iter().skip_while(|stage| stage.name != wanted).skip(1);
            usable.later_stages = later.map(|stage| stage.name.clone()).collect();
            usable.shipped_stage = Some(wanted.to_owned());
        }
        Ok(())
    }
}

const PURPOSE: &str = "the stage once all has left";

/// Why an opportunity may not be moved to a stage as shipped: elsewhere than among won ones it would stop being an order.
fn no_won_stage(wanted: &str, stages: &[Stage]) -> Option<Gap> {
    let won: Vec<&str> = stages.iter().filter(|stage| stage.won).map(|stage| stage.name.as_str()).collect();
    (!won.contains(&wanted)).then(|| Gap {
        about: "Opportunity.StageName".into(),
        purpose: PURPOSE.into(),
        sentence: format!(
            "The stage \"{wanted}\" chosen for what has left does not count as won in this org, so an opportunity there would be no order any more: stages are left alone. Choose {} in the settings, or none.",
            if won.is_empty() { "one that counts as won".to_owned() } else { won.join(" or ") }
        ),
    })
}

/// Why a new opportunity may not begin at a stage: one that is closed is no chance of a sale, and one that is won would be
/// an order at once.
pub fn no_open_stage(wanted: &str, stages: &[Stage]) -> Option<String> {
    let open: Vec<&str> = stages.iter().filter(|stage| !stage.closed).map(|stage| stage.name.as_str()).collect();
    (!open.contains(&wanted)).then(|| {
        format!(
            "The stage \"{wanted}\" is none of the open ones of this org, and a closed one would make it an order or a lost sale at once. Choose {} in the account's settings.",
            if open.is_empty() { "an open one".to_owned() } else { open.join(" or ") }
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages() -> Vec<Stage> {
        [
            ("Prospecting", false, false),
            ("Closed Won", true, true),
            ("Delivered", true, true),
            ("Closed Lost", true, false),
        ]
        .map(|(name, closed, won)| Stage { name: name.to_owned(), closed, won })
        .to_vec()
    }

    #[test]
    fn what_has_left_goes_to_a_stage_that_is_won() {
        for (wanted, fine) in [
            ("Delivered", true),
            ("Closed Won", true),
            ("Prospecting", false),
            ("Closed Lost", false),
            // Names count as they are written.
            ("delivered", false),
            ("Gone", false),
        ] {
            let gap = no_won_stage(wanted, &stages());
            assert_eq!(gap.is_none(), fine, "{wanted}: {gap:?}");
            assert!(gap.is_none_or(|gap| gap.sentence.contains("Choose Closed Won or Delivered")), "{wanted}");
        }
        assert!(no_won_stage("Delivered", &[]).is_some(), "what nobody can see is believed of none");
    }

    #[test]
    fn a_new_one_begins_open() {
        for (wanted, fine) in [("Prospecting", true), ("Closed Won", false), ("Closed Lost", false), ("", false)] {
            assert_eq!(no_open_stage(wanted, &stages()).is_none(), fine, "{wanted}");
        }
    }
}
