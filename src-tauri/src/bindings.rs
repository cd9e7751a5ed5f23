//! The TypeScript side of the commands, generated from the commands themselves.
//!
//! 64-bit ids and times cross as JavaScript numbers: rows are far below 2^53,
//! and milliseconds stay there for the next 280,000 years. Ids of platforms are
//! strings everywhere, so none of theirs is ever rounded.

use crate::{commands, shell, window};
use quayside_api::notices::Notice;
use quayside_api::view::{Changed, Progress};
use specta_typescript::Typescript;
use std::path::Path;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

/// Every command of the page.
pub fn commands() -> Builder<tauri::Wry> {
    Builder::new()
        .commands(collect_commands![
            commands::desk_state,
            commands::try_again,
            commands::open_fresh,
            commands::start_sandbox,
            commands::leave_sandbox,
            commands::counts,
            commands::home,
            commands::queue,
            commands::queue_groups,
            commands::filter_values,
            commands::order,
            commands::raw_answer,
            commands::try_answer,
            commands::order_text,
            commands::entry_text,
            commands::unfulfilled,
            commands::reports,
            commands::report,
            commands::report_text,
            commands::save_report,
            commands::report_plan,
            commands::put_report_plan,
            commands::report_schedules,
            commands::put_report_schedule,
            commands::forget_report_schedule,
            commands::report_ways,
            commands::put_report_ways,
            commands::forget_report_way,
            commands::test_report_way,
            commands::send_reports,
            commands::send_schedule,
            commands::team_alerts,
            commands::put_team_alerts,
            commands::exceptions,
            commands::cause,
            commands::mute_cause,
            commands::notifications,
            commands::checklist,
            commands::console,
            commands::put_console,
            commands::shipments,
            commands::stock,
            commands::adjust_stock,
            commands::returns,
            commands::returns_of,
            commands::receive_goods,
            commands::answer_return,
            commands::replace_goods,
            commands::act,
            commands::choices,
            commands::label_quotes,
            commands::label_batch,
            commands::save_labels,
            commands::open_labels,
            commands::refundable,
            commands::refund_quote,
            commands::undo,
            commands::activity,
            commands::effects,
            commands::history,
            commands::sync_now,
            commands::cancel_job,
            commands::platforms,
            commands::connections,
            commands::test_connection,
            commands::test_saved,
            commands::connect,
            commands::rotate,
            commands::rename_connection,
            commands::pause_connection,
            commands::remove_connection,
            commands::put_connection_settings,
            commands::put_stream_interval,
            commands::describe_account,
            commands::automations,
            commands::put_automation,
            commands::go_live,
            commands::plan,
            commands::sku_aliases,
            commands::put_sku_alias,
            commands::remove_sku_alias,
            commands::import_sku_aliases,
            commands::export_sku_aliases,
            commands::unknown_skus,
            commands::profile_shipped,
            commands::profile_check,
            commands::profile_edit,
            commands::profile_preview,
            commands::profile_sample,
            commands::profile_dry_run,
            commands::profile_import,
            commands::csv_preview,
            commands::import_csv,
            commands::by_hand_text,
            commands::export_by_hand,
            commands::field_mapping,
            commands::put_field_mapping,
            commands::test_field_mapping,
            commands::mapping_plan,
            commands::mapping_set_text,
            commands::export_mapping_set,
            commands::import_mapping_set,
            commands::buyer_messages,
            commands::put_buyer_messages,
            commands::preview_buyer_message,
            commands::rules,
            commands::put_rules,
            commands::test_rules,
            commands::rule_trace,
            commands::rules_plan,
            commands::split,
            commands::put_split,
            commands::explain,
            commands::edit_preview,
            commands::settings,
            commands::put_settings,
            commands::backup,
            commands::restore,
            commands::doctor,
            commands::mend,
            commands::bundle,
            commands::save_bundle,
            commands::find_customer,
            commands::customer_reviews,
            commands::choose_customer,
            commands::unlink_customer,
            commands::forget_customer,
            commands::export_customer,
            commands::save_evidence,
            commands::fallen,
            commands::fallen_known,
            commands::open_link,
            commands::pick_file,
        ])
        .typ::<Changed>()
        .typ::<Progress>()
        .typ::<Notice>()
        .constant(
            "EVENTS",
            serde_json::json!({
                "changed": shell::CHANGED,
                "progress": shell::PROGRESS,
                "deskState": shell::DESK_STATE,
                "go": window::GO,
            }),
        )
        .error_handling(ErrorHandlingMode::Throw)
        .dangerously_cast_bigints_to_number()
        // A left-out field and its default are the same to the page; two shapes of each type would only be noise.
        .disable_serde_phases()
}

/// Writes them.
pub fn write(file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    commands().export(Typescript::default(), file)?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Formatting is the formatter's; the words are ours.
    fn words(text: &str) -> Vec<String> {
        let plain = text.replace(['\'', '"', ',', ';', '(', ')', '|'], " ");
        plain.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_page_knows_the_commands_of_today() {
        let fresh = tempfile::NamedTempFile::with_suffix(".ts").unwrap();
        write(fresh.path()).unwrap();
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib/api/bindings.ts");
        let (fresh, kept) = (std::fs::read_to_string(fresh.path()).unwrap(), std::fs::read_to_string(kept).unwrap());
        assert!(words(&fresh) == words(&kept), "ui/src/lib/api/bindings.ts is stale. Type: make bindings");
    }
}
