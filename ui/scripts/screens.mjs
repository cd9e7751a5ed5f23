// Every screen worth a look: where it is, how big, and what is pressed first.
const click = (selector) => async (page) => {
	await page.waitForSelector(selector, { timeout: 3000 });
	await page.click(selector);
};
const keys =
	(...pressed) =>
	async (page) => {
		for (const key of pressed) await page.keyboard.press(key);
	};

/** A profile on the bench, with a sample that one required field is not found in. */
const bench = async (page) => {
	await click('[data-testid="tab-own"]')(page);
	await page.type('[data-testid="field-host"]', 'api.harbour.example');
	await page.type('[data-testid="field-api_key"]', 'oz_key_1');
	await click('[data-testid="profile-open"]')(page);
	await click('[data-testid="start-assumed-contract"]')(page);
	await click('[data-testid="sample-fetch"]:not([aria-disabled])')(page);
	await page.waitForSelector('[data-testid="field-row-number"] .mono.selectable', { timeout: 3000 });
};
const PROFILE = 'connections?sheet=add&platform=orderez';

export const SCREENS = [
	{ name: 'queue-light', place: 'queue' },
	{ name: 'queue-dark', place: 'queue', theme: 'dark' },
	{ name: 'queue-compact', place: 'queue', search: '&density=compact' },
	{ name: 'queue-1024', place: 'queue', width: 1024, height: 700 },
	{ name: 'queue-zoom200', place: 'queue', width: 720, height: 450, scale: 2 },
	{ name: 'queue-bulk', place: 'queue', act: keys('j', 'x', 'j', 'x', 'j', 'x') },
	{ name: 'queue-filter', place: 'queue?q=is%3Aat_risk%20store%3A%22Harbour%20Goods%22%20colour%3Ared' },
	{ name: 'queue-groups', place: 'queue?group=waits' },
	{ name: 'queue-columns', place: 'queue', act: click('[data-testid="columns"]') },
	{
		name: 'label-quotes',
		place: 'queue?view=packing',
		act: async (page) => {
			await keys('j', 'l')(page);
			await page.waitForSelector('[data-testid="quotes"]', { timeout: 3000 });
		},
	},
	{
		name: 'label-bought',
		place: 'queue?view=packing',
		act: async (page) => {
			await keys('j', 'l')(page);
			await click('[data-testid="label-dialog"] [data-testid="confirm"]:not([aria-disabled])')(page);
			await click('[data-testid="buy"]')(page);
			await page.waitForSelector('[data-testid="tracking"]', { timeout: 3000 });
		},
	},
	{
		name: 'label-batch',
		place: 'queue?view=packing',
		act: async (page) => {
			await keys('j', 'x', 'j', 'x', 'j', 'x', 'l')(page);
			await page.waitForSelector('[data-testid="batch"] tbody tr:last-child b', { timeout: 3000 });
		},
	},
	{ name: 'queue-save-view', place: 'queue', act: click('[data-testid="save-view"]') },
	{
		name: 'queue-news',
		place: 'queue',
		act: async (page) => {
			await page.keyboard.press('j');
			await page.evaluate(() => {
				const desk = globalThis.__fake;
				const row = desk.orders[3];
				desk.orders.push({ ...row, id: 0.5, number: '#10483' });
				desk.emit({ topics: ['orders'], orders: [] });
			});
			await page.waitForSelector('[data-testid="news"]', { timeout: 3000 });
		},
	},
	{
		name: 'queue-results',
		place: 'queue',
		act: async (page) => {
			await page.click('[data-testid="tick-all"]');
			await click('[data-testid="select-matching"]')(page);
			await click('[data-testid="bulk-bar"] [data-testid="act-hold"]')(page);
			await click('[data-testid="confirm"]')(page);
			await click('[data-testid="toast-more"]')(page);
		},
	},
	{
		name: 'queue-far',
		place: 'queue?view=all',
		search: '&orders=5000&slow=600',
		act: async (page) => {
			await page.waitForSelector('[data-testid^="row-#"]', { timeout: 5000 });
			await page.evaluate(() => (document.querySelector('[data-testid="queue"] .body').scrollTop = 100_000));
			await page.waitForSelector('[data-testid="row-loading"]', { timeout: 3000 });
		},
	},
	{
		name: 'queue-trouble',
		place: 'queue',
		act: async (page) => {
			await page.evaluate(() => {
				const desk = globalThis.__fake;
				desk.storageTrouble =
					'The disk is full: could not save a change. Nothing was changed; free some space and it goes on.';
				desk.emit({ topics: ['trouble'], orders: [] });
			});
			await page.waitForSelector('[data-testid="trouble-bar"]', { timeout: 3000 });
		},
	},
	{ name: 'queue-nothing', place: 'queue?q=zzz' },
	{
		name: 'queue-complete',
		place: 'queue',
		act: async (page) => {
			await page.keyboard.press('/');
			await page.keyboard.type('is:');
		},
	},
	{ name: 'drawer-light', place: 'queue?order=1' },
	{ name: 'drawer-dark', place: 'queue?order=1', theme: 'dark' },
	{ name: 'drawer-sides', place: 'queue?order=1', act: click('[data-testid="tab-sides"]') },
	{
		name: 'drawer-raw',
		place: 'queue?order=1',
		act: async (page) => {
			await click('[data-testid="tab-raw"]')(page);
			await click('[data-testid="raw-order"]')(page);
		},
	},
	{ name: 'drawer-rules', place: 'queue?order=1', act: click('[data-testid="tab-rules"]') },
	{ name: 'drawer-packing', place: 'queue?order=5' },
	{ name: 'drawer-account', place: 'queue?q=store%3Asalesforce&order=7' },
	{ name: 'drawer-links', place: 'queue?order=9', act: click('[data-testid="tab-links"]') },
	{ name: 'drawer-zoom200', place: 'queue?order=1', width: 720, height: 450, scale: 2 },
	{ name: 'hold-dialog', place: 'queue?order=5', act: click('[data-testid="drawer"] [data-testid="act-hold"]') },
	{
		name: 'cancel-dialog',
		place: 'queue?order=5',
		theme: 'dark',
		act: click('[data-testid="drawer"] [data-testid="act-cancel"]'),
	},
	{ name: 'edit-dialog', place: 'queue', act: click('[data-testid="waits-#10479"]') },
	{
		name: 'palette',
		place: 'queue',
		act: async (page) => {
			await page.keyboard.down('Control');
			await page.keyboard.press('k');
			await page.keyboard.up('Control');
			await page.waitForSelector('[data-testid="palette-text"]');
			await page.keyboard.type('sor');
		},
	},
	{ name: 'keys', place: 'queue', act: click('[data-testid="show-keys"]') },
	{ name: 'home-steps', place: 'home', search: '&fresh' },
	{ name: 'home-dark', place: 'home', theme: 'dark' },
	{ name: 'home-light', place: 'home' },
	{ name: 'exceptions-light', place: 'exceptions', act: click('[data-testid="group-unknown_sku"]') },
	{ name: 'cause-light', place: 'exceptions?page=unknown_sku' },
	{ name: 'cause-dark', place: 'exceptions?page=unknown_sku', theme: 'dark' },
	{ name: 'cause-1024', place: 'exceptions?page=unknown_sku', width: 1024, height: 700 },
	{ name: 'cause-mute', place: 'exceptions?page=unknown_sku', act: click('[data-testid="mute"]') },
	{ name: 'cause-assign', place: 'exceptions?page=unknown_sku', act: click('[data-testid="assign-all"]') },
	{ name: 'exceptions-dark', place: 'exceptions', theme: 'dark' },
	...['waiting', 'unknown', 'snoozed', 'muted', 'resolved'].map((view) => ({
		name: `exceptions-${view}`,
		place: `exceptions?view=${view}`,
	})),
	{
		name: 'snooze-dialog',
		place: 'exceptions',
		act: async (page) => {
			await click('[data-testid="group-unknown_sku"]')(page);
			await click('[data-testid="entry-more-#10482"]')(page);
			await click('[data-testid="act-snooze"]')(page);
			await page.waitForSelector('[data-testid="snooze-dialog"]');
		},
	},
	{
		name: 'skip-dialog',
		place: 'activity?tab=outbox',
		act: click('[data-testid="act-skip"]'),
	},
	{
		name: 'tie-dialog',
		place: 'queue?order=1',
		act: async (page) => {
			await click('[data-testid="tab-links"]')(page);
			await click('[data-testid="tie"]')(page);
		},
	},
	{ name: 'unfulfilled-light', place: 'unfulfilled' },
	{ name: 'shipments-light', place: 'shipments' },
	{ name: 'stock-light', place: 'stock', act: click('[data-testid="sku-mat-rop"] button') },
	{ name: 'stock-dark', place: 'stock?part=differs', theme: 'dark' },
	{ name: 'plan-stock', place: 'automations', act: click('[data-testid="plan-stock"]') },
	{ name: 'reports-light', place: 'reports?kind=performance' },
	{ name: 'activity-light', place: 'activity' },
	{ name: 'activity-dark', place: 'activity', theme: 'dark' },
	{ name: 'activity-history', place: 'activity?tab=history' },
	{ name: 'activity-notified', place: 'activity?tab=notified' },
	{ name: 'wall-light', place: 'wall', width: 1920, height: 1080 },
	{ name: 'wall-dark', place: 'wall', theme: 'dark', width: 1920, height: 1080 },
	{ name: 'shipments-day', place: 'shipments?day=2026-11-20' },
	{ name: 'queue-contrast-light', place: 'queue', theme: 'contrast_light' },
	{ name: 'queue-contrast-dark', place: 'queue?order=1', theme: 'contrast_dark' },
	{ name: 'home-contrast-dark', place: 'home', theme: 'contrast_dark' },
	{ name: 'activity-outbox', place: 'activity?tab=outbox' },
	{ name: 'automations-light', place: 'automations' },
	{ name: 'live-dialog', place: 'automations', act: click('[data-testid="mode-cancellations-auto"]') },
	{ name: 'automations-dark', place: 'automations', theme: 'dark' },
	{ name: 'plan-dialog', place: 'automations', act: click('[data-testid="plan-cancellations"]') },
	{ name: 'rules-light', place: 'automations?tab=rules' },
	{
		name: 'rules-open',
		place: 'automations?tab=rules',
		act: async (page) => {
			await click('[data-testid="ready-vip"]')(page);
			await click('[data-testid="rules-test"]')(page);
			await page.waitForSelector('[data-testid="rules-result"]');
		},
	},
	{ name: 'mapping-light', place: 'automations?tab=mapping' },
	{ name: 'mapping-row', place: 'automations?tab=mapping', act: click('[data-testid="mapping-add"]') },
	{ name: 'aliases-light', place: 'automations?tab=aliases' },
	{ name: 'aliases-dark', place: 'automations?tab=aliases', theme: 'dark' },
	{ name: 'alias-dialog', place: 'automations?tab=aliases', act: click('[data-testid="alias-map"]') },
	{ name: 'rules-zoom200', place: 'automations?tab=rules', width: 720, height: 450, scale: 2 },
	{ name: 'aliases-zoom200', place: 'automations?tab=aliases', width: 720, height: 450, scale: 2 },
	{ name: 'connections-light', place: 'connections' },
	{ name: 'connections-one', place: 'connections?id=shipstation' },
	...['harbour-goods', 'bigcommerce', 'salesforce'].map((id) => ({
		name: `connections-one-${id}`,
		place: `connections?id=${id}`,
	})),
	{ name: 'connections-tested', place: 'connections?id=shipstation', act: click('[data-testid="test-saved"]') },
	{ name: 'connections-rotate', place: 'connections?id=shipstation&sheet=rotate' },
	{ name: 'connections-remove', place: 'connections?id=shipstation&sheet=remove' },
	{ name: 'connections-rename', place: 'connections?id=shipstation', act: click('[data-testid="act-rename"]') },
	{ name: 'connections-form-hub', place: 'connections?sheet=add&platform=shipstation' },
	{ name: 'connections-add', place: 'connections?sheet=add' },
	{
		name: 'connections-form',
		place: 'connections?sheet=add&platform=shopify',
		act: async (page) => {
			await page.waitForSelector('[data-testid="field-shop"]');
			await page.type('[data-testid="field-shop"]', 'harbour-goods.myshopify.com');
			await page.type('[data-testid="field-client_id"]', 'abc');
			await page.type('[data-testid="field-client_secret"]', 'def');
			await page.click('[data-testid="test-connection"]');
		},
	},
	{ name: 'settings-light', place: 'settings' },
	{ name: 'settings-backup', place: 'settings', act: click('[data-testid="backup"]') },
	{ name: 'settings-restore', place: 'settings', act: click('[data-testid="restore"]') },
	{ name: 'settings-doctor', place: 'settings', act: click('[data-testid="run-doctor"]') },
	{ name: 'settings-dark', place: 'settings', theme: 'dark' },
	{ name: 'first-run', place: '', search: '&first' },
	{ name: 'first-restore', place: '', search: '&first', act: click('[data-testid="door-restore"]') },
	{ name: 'broken', place: '', search: '&broken' },
	{ name: 'broken-fresh', place: '', search: '&broken', act: click('[data-testid="way-start_fresh"]') },
	{ name: 'broken-restore', place: '', search: '&broken', act: click('[data-testid="way-restore"]') },
	{ name: 'sandbox', place: '', search: '&first', act: click('[data-testid="door-sandbox"]') },
	{ name: 'home-1024', place: 'home', width: 1024, height: 700 },
	{ name: 'exceptions-1024', place: 'exceptions', width: 1024, height: 700 },
	{ name: 'exceptions-zoom200', place: 'exceptions', width: 720, height: 450, scale: 2 },
	{ name: 'profile-form', place: PROFILE, act: click('[data-testid="tab-own"]') },
	{
		name: 'profile-start',
		place: PROFILE,
		act: async (page) => {
			await click('[data-testid="tab-own"]')(page);
			await click('[data-testid="profile-open"]')(page);
		},
	},
	{ name: 'profile-fields', place: PROFILE, act: bench },
	{ name: 'profile-fields-dark', place: PROFILE, theme: 'dark', act: bench },
	{ name: 'profile-fields-zoom200', place: PROFILE, width: 720, height: 450, scale: 2, act: bench },
	{
		name: 'profile-missing',
		place: PROFILE,
		act: async (page) => {
			await bench(page);
			await page.mark('[data-testid="expression-status"]');
			await page.keyboard.type('nowhere');
			await page.keyboard.press('Tab');
			await page.waitForSelector('tr.missing', { timeout: 3000 });
		},
	},
	{
		name: 'profile-requests',
		place: PROFILE,
		act: async (page) => {
			await bench(page);
			await click('[data-testid="tab-requests"]')(page);
			await page.waitForSelector('[data-testid="dry-request"]', { timeout: 3000 });
		},
	},
	{
		name: 'profile-requests-dark',
		place: PROFILE,
		theme: 'dark',
		act: async (page) => {
			await bench(page);
			await click('[data-testid="tab-requests"]')(page);
			await page.waitForSelector('[data-testid="dry-request"]', { timeout: 3000 });
		},
	},
	{
		name: 'profile-abilities',
		place: PROFILE,
		act: async (page) => {
			await bench(page);
			await click('[data-testid="tab-abilities"]')(page);
			await click('[data-testid="switch-fulfillments.read"]')(page);
		},
	},
	{
		name: 'profile-file',
		place: PROFILE,
		act: async (page) => {
			await bench(page);
			await click('[data-testid="tab-file"]')(page);
		},
	},
	{
		name: 'profile-import',
		place: PROFILE,
		act: async (page) => {
			await bench(page);
			await click('[data-testid="profile-import"]')(page);
			await page.waitForSelector('[data-testid="import-text"]', { timeout: 3000 });
			await page.type(
				'[data-testid="import-text"]',
				'{"info":{"name":"A"},"item":[{"name":"L","request":{"method":"GET","url":"{{u}}/v1/orders"}}]}',
			);
			await click('[data-testid="import-read"]')(page);
		},
	},
	{
		name: 'profile-csv',
		place: 'connections',
		act: async (page) => {
			await page.evaluate(async () => {
				const fields = { host: 'api.harbour.example', api_key: 'oz' };
				await globalThis.__fake.connect({ platform: 'orderez', way: 'assumed-contract', name: 'Harbour Desk', fields });
			});
			await click('[data-testid="open-harbour-desk"]')(page);
			await click('[data-testid="csv-open"]')(page);
			await page.waitForSelector('[data-testid="csv-text"]', { timeout: 3000 });
			await page.type('[data-testid="csv-text"]', 'Ref,SKU,Quantity\nSO-1,HG-MUG-B,2\nSO-2,HG-LAMP-S,1');
			await click('[data-testid="csv-read"]')(page);
		},
	},
	{
		name: 'profile-account',
		place: 'connections',
		act: async (page) => {
			await page.evaluate(async () => {
				const fields = { host: 'api.harbour.example', api_key: 'oz' };
				await globalThis.__fake.connect({ platform: 'orderez', way: 'assumed-contract', name: 'Harbour Desk', fields });
			});
			await click('[data-testid="open-harbour-desk"]')(page);
			await page.waitForSelector('[data-testid="profile-summary"] li', { timeout: 3000 });
		},
	},
	{ name: 'connections-zoom200', place: 'connections?sheet=add&platform=shopify', width: 720, height: 450, scale: 2 },
	{ name: 'automations-zoom200', place: 'automations', width: 720, height: 450, scale: 2 },
	{ name: 'settings-zoom200', place: 'settings', width: 720, height: 450, scale: 2 },
	// Every part in every state, and the dialogs that only it opens.
	{ name: 'parts', page: 'parts.html', place: '' },
	{ name: 'parts-compact', page: 'parts.html', place: '', search: '&density=compact' },
	{
		name: 'parts-queue',
		page: 'parts.html',
		place: '',
		act: (page) => page.evaluate(() => document.getElementById('part-row').scrollIntoView()),
	},
	{
		name: 'queue-offered',
		place: 'queue',
		act: click('[data-testid="offered-views"]'),
	},
	{
		name: 'edit-preview',
		place: 'queue',
		act: async (page) => {
			await click('[data-testid="waits-#10479"]')(page);
			await page.type('[data-testid="field-ship_to.line1"]', ' 7');
			await page.waitForSelector('[data-testid="plan"]');
		},
	},
	{
		name: 'bulk-hold',
		place: 'queue',
		act: async (page) => {
			await keys('j', 'x', 'j', 'x', 'h')(page);
			await page.waitForSelector('[data-testid="hold-dialog"]');
		},
	},
	{
		name: 'toast-undo',
		place: 'queue',
		act: async (page) => {
			await keys('j', 'h')(page);
			await click('[data-testid="confirm"]')(page);
			await page.waitForSelector('[data-testid="toast-undo"]');
		},
	},
	{
		name: 'refund-dialog',
		place: 'queue',
		act: async (page) => {
			const id = await page.evaluate(
				() => globalThis.__fake.orders.find((each) => each.connection === 'bigcommerce' && each.stage === 'packing').id,
			);
			await page.evaluate((order) => (location.hash = `#/queue?order=${order}`), id);
			await click('[data-testid="drawer-more"]')(page);
			await click('[data-testid="act-refund"]')(page);
			await page.waitForSelector('[data-testid="refund-dialog"]');
		},
	},
	{
		name: 'queue-waiting',
		place: 'queue',
		act: async (page) => {
			await keys('j', 'x')(page);
			await page.evaluate(() => globalThis.__fake.emit({ topics: ['orders'], orders: [] }));
		},
	},
	{
		name: 'settings-digest',
		place: 'settings',
		act: click('[data-testid="field-digest"]'),
	},
	{ name: 'activity-1024', place: 'activity', width: 1024, height: 700 },
];

/** The places that are pictured in every theme, density and size; what stands in each when it is first seen. */
export const MATRIX = [
	{ name: 'home', place: 'home' },
	{ name: 'queue', place: 'queue' },
	{ name: 'queue-groups', place: 'queue?group=due' },
	{ name: 'order', place: 'queue?order=1' },
	{ name: 'unfulfilled', place: 'unfulfilled' },
	{ name: 'exceptions', place: 'exceptions', act: click('[data-testid="group-unknown_sku"]') },
	{ name: 'cause', place: 'exceptions?page=unknown_sku' },
	{ name: 'shipments', place: 'shipments' },
	{ name: 'stock', place: 'stock' },
	{ name: 'stock-detail', place: 'stock', act: click('[data-testid="sku-mat-rop"] button') },
	{ name: 'reports', place: 'reports?kind=performance' },
	{ name: 'activity', place: 'activity' },
	{ name: 'notifications', place: 'activity?tab=notified' },
	{ name: 'automations', place: 'automations' },
	{ name: 'rules', place: 'automations?tab=rules' },
	{ name: 'mapping', place: 'automations?tab=mapping' },
	{ name: 'aliases', place: 'automations?tab=aliases' },
	{ name: 'connections', place: 'connections' },
	{ name: 'connect', place: 'connections?sheet=add&platform=shopify' },
	{ name: 'settings', place: 'settings' },
	{ name: 'wall', place: 'wall' },
	{ name: 'first-run', place: '', search: '&first' },
	{ name: 'broken', place: '', search: '&broken' },
];
export const THEMES = ['light', 'dark', 'contrast_light', 'contrast_dark'];
export const DENSITIES = ['comfortable', 'compact'];
/** Widths people have, each with the height that usually comes with it, px. */
export const SIZES = [
	[1024, 700],
	[1280, 800],
	[1440, 900],
	[1920, 1080],
];

/** The few that are held against approved pictures, in light and dark at 1280 (pictures.mjs): what people look at all day. */
export const APPROVED = [
	{ name: 'home', place: 'home' },
	{ name: 'queue', place: 'queue' },
	{ name: 'queue-compact', place: 'queue', search: '&density=compact' },
	{ name: 'order', place: 'queue?order=1' },
	{ name: 'unfulfilled', place: 'unfulfilled' },
	{ name: 'exceptions', place: 'exceptions', act: click('[data-testid="group-unknown_sku"]') },
	{ name: 'cause', place: 'exceptions?page=unknown_sku' },
	{ name: 'shipments', place: 'shipments' },
	{ name: 'stock', place: 'stock' },
	{ name: 'activity', place: 'activity' },
	{ name: 'automations', place: 'automations' },
	{ name: 'settings', place: 'settings' },
];
