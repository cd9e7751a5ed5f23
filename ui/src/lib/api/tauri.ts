// The real desk: every function is one command of the shell. With `bindings.ts` and
// `desk.ts` the only place that knows there is a shell at all.
import { listen as subscribe } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { open, save } from '@tauri-apps/plugin-dialog';
import { commands, EVENTS } from './bindings';
import type { Desk, DeskEvents } from './door';
import type { Console, Settings } from './types';

const FILTERS = [{ name: 'Quayside backup', extensions: ['quayside-backup'] }];
const TEXTS = [{ name: 'Text', extensions: ['txt'] }];
const TABLES = [{ name: 'Table', extensions: ['csv', 'txt', 'tsv'] }];
const PAGES = [{ name: 'Page', extensions: ['html'] }];
const DESCRIPTIONS = [{ name: 'Collection, OpenAPI file or profile', extensions: ['json', 'yaml', 'yml'] }];
/** What a dialog offers, by the ending of what it suggests. */
const FILTERS_OF: Record<string, typeof FILTERS> = { csv: TABLES, txt: TEXTS, json: DESCRIPTIONS, html: PAGES };
/** Ours to the shell's word for each event. */
const NAMES: Record<keyof DeskEvents, string> = {
	changed: EVENTS.changed,
	progress: EVENTS.progress,
	desk_state: EVENTS.deskState,
	go: EVENTS.go,
};

export const tauriDesk: Desk = {
	now: () => Date.now(),
	desk_state: commands.deskState,
	open_fresh: commands.openFresh,
	try_again: commands.tryAgain,
	counts: commands.counts,
	home: commands.home,
	queue: commands.queue,
	queue_groups: commands.queueGroups,
	order: commands.order,
	raw_answer: commands.rawAnswer,
	try_answer: commands.tryAnswer,
	order_text: commands.orderText,
	unfulfilled: commands.unfulfilled,
	reports: commands.reports,
	report: commands.report,
	report_text: commands.reportText,
	save_report: commands.saveReport,
	report_plan: commands.reportPlan,
	put_report_plan: commands.putReportPlan,
	report_ways: commands.reportWays,
	put_report_ways: commands.putReportWays,
	forget_report_way: commands.forgetReportWay,
	test_report_way: commands.testReportWay,
	send_reports: commands.sendReports,
	exceptions: commands.exceptions,
	cause: commands.cause,
	mute_cause: commands.muteCause,
	notifications: commands.notifications,
	checklist: commands.checklist,
	console: () => commands.console() as Promise<Console>,
	put_console: (console) => commands.putConsole(console) as Promise<Console>,
	shipments: commands.shipments,
	stock: commands.stock,
	act: commands.act,
	choices: commands.choices,
	refundable: commands.refundable,
	refund_quote: commands.refundQuote,
	undo: commands.undo,
	activity: commands.activity,
	effects: commands.effects,
	history: commands.history,
	sync_now: commands.syncNow,
	cancel_job: commands.cancelJob,
	platforms: commands.platforms,
	connections: commands.connections,
	test_connection: commands.testConnection,
	test_saved: commands.testSaved,
	connect: commands.connect,
	rotate: commands.rotate,
	rename_connection: commands.renameConnection,
	pause_connection: commands.pauseConnection,
	remove_connection: commands.removeConnection,
	put_connection_settings: commands.putConnectionSettings,
	put_stream_interval: commands.putStreamInterval,
	describe_account: commands.describeAccount,
	automations: commands.automations,
	put_automation: commands.putAutomation,
	go_live: commands.goLive,
	plan: commands.plan,
	sku_aliases: commands.skuAliases,
	put_sku_alias: commands.putSkuAlias,
	remove_sku_alias: commands.removeSkuAlias,
	import_sku_aliases: commands.importSkuAliases,
	export_sku_aliases: commands.exportSkuAliases,
	unknown_skus: commands.unknownSkus,
	profile_shipped: commands.profileShipped,
	profile_check: commands.profileCheck,
	profile_edit: commands.profileEdit,
	profile_preview: commands.profilePreview,
	profile_sample: commands.profileSample,
	profile_dry_run: commands.profileDryRun,
	profile_import: commands.profileImport,
	csv_preview: commands.csvPreview,
	import_csv: commands.importCsv,
	by_hand_text: commands.byHandText,
	export_by_hand: commands.exportByHand,
	field_mapping: commands.fieldMapping,
	put_field_mapping: commands.putFieldMapping,
	test_field_mapping: commands.testFieldMapping,
	rules: commands.rules,
	put_rules: commands.putRules,
	test_rules: commands.testRules,
	rule_trace: commands.ruleTrace,
	explain: commands.explain,
	settings: () => commands.settings() as Promise<Settings>,
	put_settings: (settings) => commands.putSettings(settings) as Promise<Settings>,
	backup: commands.backup,
	restore: commands.restore,
	doctor: commands.doctor,
	mend: commands.mend,
	bundle: commands.bundle,
	save_bundle: commands.saveBundle,
	fallen: commands.fallen,
	fallen_known: commands.fallenKnown,
	start_sandbox: commands.startSandbox,
	leave_sandbox: commands.leaveSandbox,
	open_link: commands.openLink,
	pick_file: (kind, suggested) => {
		const filters = FILTERS_OF[suggested.split('.').at(-1) ?? ''] ?? FILTERS;
		if (kind === 'save') return save({ defaultPath: suggested, filters });
		if (kind === 'folder') return open({ directory: true, defaultPath: suggested || undefined });
		return open({ multiple: false, directory: false, filters });
	},
	set_zoom: (factor) => getCurrentWebview().setZoom(factor),
	listen: (events) => {
		// Subscribing is asynchronous; leaving before it is done must still leave.
		const leaving = Object.entries(events).map(([name, heard]) =>
			subscribe(NAMES[name as keyof DeskEvents], (event) => (heard as (payload: unknown) => void)(event.payload)),
		);
		return () => leaving.forEach((left) => void left.then((leave) => leave()));
	},
};
