// Every place, tab and dialog of the real window: without findings of axe-core, light and dark,
// and at 200 % without anything that is cut or stands where nobody can reach it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../desk/until.ts';
import { story, type DeskWindow, type Stage } from '../desk/window.ts';

/** What the sandbox happens to have, for the screens that show one of something. */
interface Some {
	account: string;
	cause: string;
	/** An order that can be held and cancelled. */
	order: number;
	/** A cause with an entry whose order can be edited. */
	editable: string;
	/** An order that a label can be bought for. */
	label: number;
}
interface Screen {
	name: string;
	place: string;
	/** Test id of what must stand there before it is looked at. */
	shows: string;
	/** What is clicked first, in this order, by test id or by key. */
	click?: string[];
	press?: string;
}

const TABS: Screen[] = [
	{ name: 'home', place: 'home', shows: 'home' },
	{ name: 'queue', place: 'queue', shows: 'queue' },
	{ name: 'queue-groups', place: 'queue?group=due', shows: 'queue' },
	{ name: 'queue-filtered', place: 'queue?q=country%3Agb%20nobody', shows: 'filter-chips' },
	{ name: 'unfulfilled', place: 'unfulfilled', shows: 'screen-unfulfilled' },
	...['needs_me', 'waiting', 'unknown', 'snoozed', 'muted', 'resolved'].map((view) => ({
		name: `exceptions-${view}`,
		place: `exceptions?view=${view}`,
		shows: 'exceptions',
	})),
	{ name: 'shipments', place: 'shipments', shows: 'shipments' },
	{ name: 'returns', place: 'returns?part=all', shows: 'returns' },
	{ name: 'stock', place: 'stock', shows: 'stock' },
	{ name: 'stock-differs', place: 'stock?part=differs', shows: 'stock' },
	...['unfulfilled', 'performance', 'shipping_cost', 'reconciliation'].map((kind) => ({
		name: `report-${kind}`,
		place: `reports?kind=${kind}`,
		shows: `made-${kind}`,
	})),
	...['accounts', 'outbox', 'asked', 'history', 'notified'].map((tab) => ({
		name: `activity-${tab}`,
		place: `activity?tab=${tab}`,
		shows: 'screen-activity',
	})),
	{ name: 'automations', place: 'automations', shows: 'automations' },
	{ name: 'rules', place: 'automations?tab=rules', shows: 'rules' },
	{ name: 'mapping', place: 'automations?tab=mapping', shows: 'mapping' },
	{ name: 'aliases', place: 'automations?tab=aliases', shows: 'aliases' },
	{ name: 'connections', place: 'connections', shows: 'add-connection' },
	{ name: 'connect', place: 'connections?sheet=add', shows: 'add' },
	{ name: 'connect-form', place: 'connections?sheet=add&platform=shopify', shows: 'form-shopify' },
	{ name: 'settings', place: 'settings', shows: 'settings' },
	{ name: 'wall', place: 'wall', shows: 'wall' },
];

const ones = (some: Some): Screen[] => [
	{ name: 'cause', place: `exceptions?page=${some.cause}`, shows: 'cause-page' },
	{ name: 'account', place: `connections?id=${some.account}`, shows: 'connection-detail' },
	{ name: 'order', place: `queue?order=${some.order}`, shows: 'waits-box' },
	...['sides', 'links', 'raw'].map((tab) => ({
		name: `order-${tab}`,
		place: `queue?order=${some.order}`,
		click: [`tab-${tab}`],
		shows: 'drawer',
	})),
];

const dialogs = (some: Some): Screen[] => [
	{ name: 'plan', place: 'automations', click: ['plan-cancellations'], shows: 'plan-dialog' },
	{ name: 'plan-stock', place: 'automations', click: ['plan-stock'], shows: 'plan-dialog' },
	{ name: 'go-live', place: 'automations', click: ['line-cancellations'], shows: 'plan-dialog' },
	{
		name: 'edit-address',
		place: `exceptions?page=${some.editable}`,
		click: ['act-all'],
		shows: 'edit-dialog',
	},
	{ name: 'snooze', place: `exceptions?page=${some.cause}`, click: ['snooze-all'], shows: 'snooze-dialog' },
	{ name: 'give', place: `exceptions?page=${some.cause}`, click: ['assign-all'], shows: 'assign-dialog' },
	{ name: 'mute', place: `exceptions?page=${some.cause}`, click: ['mute'], shows: 'mute-dialog' },
	{ name: 'hold', place: `queue?order=${some.order}`, click: ['act-hold'], shows: 'hold-dialog' },
	{ name: 'cancel', place: `queue?order=${some.order}`, click: ['act-cancel'], shows: 'cancel-dialog' },
	{ name: 'bulk-bar', place: 'queue?view=all', click: ['tick-all'], shows: 'bulk-bar' },
	{ name: 'label', place: `queue?order=${some.label}`, click: ['act-buy_label'], shows: 'label-dialog' },
	{ name: 'labels', place: 'queue?view=packing', click: ['tick-all', 'act-buy_label'], shows: 'labels-dialog' },
	{ name: 'tie', place: `queue?order=${some.order}`, click: ['tab-links', 'tie'], shows: 'tie-dialog' },
	{ name: 'tie-sale', place: `queue?order=${some.order}`, click: ['tab-links', 'tie-sale'], shows: 'sale-dialog' },
	{
		name: 'evidence',
		place: `queue?order=${some.order}`,
		click: ['drawer-more', 'act-evidence'],
		shows: 'evidence-dialog',
	},
	{ name: 'rotate', place: `connections?id=${some.account}&sheet=rotate`, shows: 'rotate-dialog' },
	{ name: 'remove', place: `connections?id=${some.account}&sheet=remove`, shows: 'remove-dialog' },
	{ name: 'rename', place: `connections?id=${some.account}`, click: ['act-rename'], shows: 'rename-dialog' },
	{ name: 'every-day', place: 'reports', click: ['every-day'], shows: 'every-day-dialog' },
	{ name: 'schedule', place: 'reports', click: ['every-day', 'add-schedule'], shows: 'schedule-dialog' },
	{
		name: 'mapping-import',
		place: 'automations?tab=mapping',
		click: ['mapping-import'],
		shows: 'mapping-import-dialog',
	},
	{ name: 'deliver', place: 'reports', click: ['deliver'], shows: 'deliver-dialog' },
	{ name: 'alias', place: 'automations?tab=aliases', click: ['alias-add'], shows: 'alias-dialog' },
	{ name: 'columns', place: 'queue', click: ['columns'], shows: 'columns-dialog' },
	{ name: 'save-view', place: 'queue', click: ['save-view'], shows: 'save-view-dialog' },
	{ name: 'backup', place: 'settings', click: ['backup'], shows: 'backup-dialog' },
	{ name: 'bundle', place: 'settings', click: ['open-bundle'], shows: 'bundle-dialog' },
	{ name: 'customer', place: 'settings', click: ['customer'], shows: 'customer-dialog' },
	{ name: 'restore', place: 'settings', click: ['restore'], shows: 'restore-dialog' },
	{ name: 'doctor', place: 'settings', click: ['run-doctor'], shows: 'doctor' },
	{ name: 'tested', place: `connections?id=${some.account}`, click: ['test-saved'], shows: 'checks' },
	{ name: 'palette', place: 'queue', press: 'Control+k', shows: 'palette' },
	{ name: 'keys', place: 'queue', press: '?', shows: 'keys' },
];

/** Opens every screen in turn and hands over its name. */
async function* visited(desk: DeskWindow): AsyncGenerator<string> {
	for (const screen of TABS) {
		await visit(desk, screen);
		yield screen.name;
	}
	// The sandbox packs and ships in the meantime: what a screen shows one of is chosen right before, and chosen anew where
	// it was gone all the same.
	let some = await whatThereIs(desk);
	const all = (of: Some) => [...ones(of), ...dialogs(of)];
	for (const [i, { name }] of all(some).entries()) {
		for (let tries = 1; ; tries += 1) {
			try {
				const screen = all(some)[i];
				if (screen) await visit(desk, screen);
				break;
			} catch (error) {
				if (tries === 3) throw error;
				some = await whatThereIs(desk);
			}
		}
		yield name;
	}
}

story(
	'Every place, tab and dialog can be seen and heard in all four themes, and fits at 200 %',
	async (stage) => {
		const desk = await stage.open({ sandbox: true });
		await desk.isReady();
		await desk.person.sees(/#10\d\d/, 90_000);
		// Orders go to the hub, so that some of them cannot.
		await desk.asks('go_live', { id: 'orders_to_hub', mode: 'auto', fromMs: null });
		const findings: string[] = [];
		await looksLike(desk, { theme: 'light', zoom: 100 });
		for await (const name of visited(desk)) {
			const found = (await desk.accessibilityViolations()).map((each) => `light: ${each}`);
			// The other themes differ in colours alone.
			for (const theme of ['dark', 'contrast-light', 'contrast-dark']) {
				await desk.paints(theme);
				found.push(...(await desk.accessibilityViolations(['color-contrast'])).map((each) => `${theme}: ${each}`));
			}
			await desk.paints('light');
			await desk.zooms(200);
			await desk.shot(`at-200-${name}`);
			found.push(...(await desk.misfits()).map((each) => `200 %: ${each}`));
			await desk.zooms(100);
			findings.push(...found.map((each) => `${name}, ${each}`));
		}
		expect(findings).toEqual([]);
	},
	1_200_000,
);

story(
	'The first screen and the one of a broken start can be seen and heard, light and dark, and fit at 200 %',
	async (stage) => {
		const findings: string[] = [];
		const look = async (desk: DeskWindow, name: string) => {
			await desk.settles();
			for (const each of await desk.accessibilityViolations()) findings.push(`${name}: ${each}`);
			for (const each of await desk.misfits()) findings.push(`${name}: ${each}`);
		};
		for (const theme of ['light', 'dark']) {
			const profile = stage.folder();
			const desk = await openedAt(stage, profile, theme);
			await look(desk, `first screen, ${theme}`);
			await desk.goes('connections?sheet=add');
			await desk.shows('add');
			await look(desk, `first account, ${theme}`);
			await desk.close();

			writeFileSync(join(profile, 'quayside.db'), Buffer.alloc(65_536, 0x5a));
			const broken = await stage.open({ profile });
			await broken.shows('broken');
			await look(broken, `broken, ${theme}`);
			await press(broken, 'way-start_fresh');
			await broken.shows('fresh-dialog');
			await look(broken, `start fresh, ${theme}`);
			await broken.close();
		}
		expect(findings).toEqual([]);
	},
	300_000,
);

/** The first screen in a theme and, for what fits, at 200 %. */
async function openedAt(stage: Stage, profile: string, theme: string): Promise<DeskWindow> {
	const desk = await stage.open({ profile });
	await desk.isReady();
	const settings = await desk.asks<Record<string, unknown>>('settings');
	await desk.asks('put_settings', { settings: { ...settings, theme, zoom: 200 } });
	await desk.session.run('location.reload()');
	await desk.shows('first-run');
	return desk;
}

async function looksLike(desk: DeskWindow, some: Record<string, unknown>): Promise<void> {
	const settings = await desk.asks<Record<string, unknown>>('settings');
	await desk.asks('put_settings', { settings: { ...settings, ...some } });
	// The page hears of settings by itself only when it makes them.
	await desk.goes('queue');
	await desk.session.run('location.reload()');
	await desk.shows('queue');
}

/** Goes there and opens what is to be opened; whatever was open before is closed. */
async function visit(desk: DeskWindow, { name, place, shows, click, press: key }: Screen): Promise<void> {
	// A dialog belongs to the page; leaving the place closes those that belong to a place.
	await until(
		`nothing to be open before ${name}`,
		async () => {
			if (!(await desk.session.run<boolean>(`return document.querySelector('[role="dialog"]') !== null`))) return true;
			await desk.person.presses('Escape');
			return undefined;
		},
		{ every_ms: 250 },
	);
	await desk.goes('unfulfilled?again');
	await desk.shows('screen-unfulfilled');
	await desk.goes(place);
	for (const id of click ?? []) await press(desk, id);
	if (key) {
		await desk.shows('queue');
		await desk.person.presses(key);
	}
	await desk.shows(shows);
	await desk.settles();
}

/** Presses a button once it can be pressed. How people find it by its name is told in other stories. */
async function press(desk: DeskWindow, id: string): Promise<void> {
	await until(
		`${id} to be pressed`,
		() =>
			desk.session.run<boolean>(
				`const el = document.querySelector('[data-testid="' + arguments[0] + '"]');
				if (!el || el.getAttribute('aria-disabled') === 'true') return false;
				el.focus();
				el.click();
				return true;`,
				id,
			),
		{ otherwise: () => desk.person.readsThePage() },
	);
}

interface Page {
	groups: { cause: string; actions: string[]; entries: { editable: unknown[] }[] }[];
}
interface Detail {
	actions: { verb: string; disabled_because: string | null }[];
}

/** Waits until the sandbox has one of each. It goes on living, so each round asks anew. */
async function whatThereIs(desk: DeskWindow): Promise<Some> {
	const groups = await until(
		'a cause whose orders can be edited',
		async () => {
			const page = await desk.asks<Page>('exceptions', { ask: { view: 'needs_me', cause: null, text: '' } });
			const editable = page.groups.find(
				(group) => group.actions[0] === 'edit_and_retry' && group.entries.some((each) => each.editable.length > 0),
			);
			return editable ? { cause: page.groups[0]?.cause ?? editable.cause, editable: editable.cause } : undefined;
		},
		{ within_ms: 240_000, every_ms: 2_000 },
	);
	const rows = await desk.asks<{ rows: { id: number }[] }>('queue', {
		ask: { view: 'open', text: '', sort: 'placed', descending: true, after: null, limit: 50 },
	});
	let order: number | undefined;
	for (const { id } of rows.rows) {
		const { actions } = await desk.asks<Detail>('order', { id });
		const may = (verb: string) => actions.some((each) => each.verb === verb && each.disabled_because === null);
		if (may('hold') && may('cancel')) order = id;
		if (order !== undefined) break;
	}
	if (order === undefined) throw new Error('None of the newest fifty orders can be held and cancelled.');
	const label = await until(
		'an order that a label can be bought for',
		async () => {
			const packing = await desk.asks<{ rows: { id: number }[] }>('queue', {
				ask: { view: 'packing', text: '', sort: 'placed', descending: true, after: null, limit: 50 },
			});
			for (const { id } of packing.rows) {
				const { actions } = await desk.asks<Detail>('order', { id });
				if (actions.some((each) => each.verb === 'buy_label' && each.disabled_because === null)) return id;
			}
			return undefined;
		},
		{ within_ms: 120_000, every_ms: 3_000 },
	);
	const [account] = await desk.asks<{ id: string }[]>('connections');
	return { ...groups, order, label, account: account?.id ?? '' };
}
