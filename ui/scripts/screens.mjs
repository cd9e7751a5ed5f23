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

export const SCREENS = [
	{ name: 'queue-light', place: 'queue' },
	{ name: 'queue-dark', place: 'queue', theme: 'dark' },
	{ name: 'queue-compact', place: 'queue', search: '&density=compact' },
	{ name: 'queue-1024', place: 'queue', width: 1024, height: 700 },
	{ name: 'queue-zoom200', place: 'queue', width: 720, height: 450, scale: 2 },
	{ name: 'queue-bulk', place: 'queue', act: keys('j', 'x', 'j', 'x', 'j', 'x') },
	{ name: 'queue-filter', place: 'queue?q=is%3Aat_risk%20store%3A%22Harbour%20Goods%22%20colour%3Ared' },
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
	{ name: 'home-dark', place: 'home', theme: 'dark' },
	{ name: 'home-light', place: 'home' },
	{ name: 'exceptions-light', place: 'exceptions', act: click('[data-testid="group-unknown_sku"]') },
	{ name: 'exceptions-dark', place: 'exceptions', theme: 'dark' },
	{ name: 'unfulfilled-light', place: 'unfulfilled' },
	{ name: 'shipments-light', place: 'shipments' },
	{ name: 'activity-light', place: 'activity' },
	{ name: 'activity-dark', place: 'activity', theme: 'dark' },
	{ name: 'activity-history', place: 'activity?tab=history' },
	{ name: 'activity-outbox', place: 'activity?tab=outbox' },
	{ name: 'automations-light', place: 'automations' },
	{ name: 'automations-dark', place: 'automations', theme: 'dark' },
	{ name: 'plan-dialog', place: 'automations', act: click('[data-testid="plan-cancellations"]') },
	{ name: 'connections-light', place: 'connections' },
	{ name: 'connections-one', place: 'connections?id=shipstation' },
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
	{ name: 'settings-dark', place: 'settings', theme: 'dark' },
	{ name: 'first-run', place: '', search: '&first' },
	{ name: 'broken', place: '', search: '&broken' },
	{ name: 'home-1024', place: 'home', width: 1024, height: 700 },
	{ name: 'exceptions-1024', place: 'exceptions', width: 1024, height: 700 },
	{ name: 'exceptions-zoom200', place: 'exceptions', width: 720, height: 450, scale: 2 },
	{ name: 'connections-zoom200', place: 'connections?sheet=add&platform=shopify', width: 720, height: 450, scale: 2 },
	{ name: 'automations-zoom200', place: 'automations', width: 720, height: 450, scale: 2 },
	{ name: 'settings-zoom200', place: 'settings', width: 720, height: 450, scale: 2 },
	{ name: 'activity-1024', place: 'activity', width: 1024, height: 700 },
];
