// From an empty profile to an order that can be read, by keys alone: a store and a shipping account are connected
// by form, tested first. Prints JSON lines for `make bench`. The driver presses keys faster than a person types
// and reads nothing: what is measured is what the desk makes a person wait for, and how many keys it takes.
import { enters, pointed, tabsTo, typesInto, watchForPointers } from '../desk/keys.ts';
import { Merchant, type StandIn } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

/** What a person is promised, ms. */
const GOAL_MS = 5 * 60_000;
const ORDERS = 5;

interface Platform {
	platform: string;
	ways: { id: string; fields: { name: string }[] }[];
}

story(
	'The first run, timed',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--quiet', '--faults', 'none', '--platforms', 'none');
		try {
			for (let n = 0; n < ORDERS; n++) await merchant.buys({ account: 'harbour-goods', sku: 'BAL-BEE' });
			const store = merchant.accounts.find((each) => each.name === 'harbour-goods');
			const hub = merchant.accounts.find((each) => each.platform === 'shipstation');
			if (!store || !hub) throw new Error('The stand-ins have no store and no shipping account.');

			const begun = Date.now();
			const laps: Record<string, number> = {};
			const lap = (name: string) => (laps[name] = Date.now() - begun);
			const desk = await stage.open();
			await desk.shows('first-run');
			lap('first_screen_ms');
			await watchForPointers(desk);
			const platforms = await desk.asks<Platform[]>('platforms');

			await enters(desk, 'door-connect');
			await connects(desk, store, platforms);
			lap('store_connected_ms');
			await enters(desk, 'add-connection');
			await connects(desk, hub, platforms);
			lap('hub_connected_ms');

			await desk.person.presses('Escape', 'g', 'q');
			await desk.shows('queue');
			await until(
				'orders in the queue',
				() => desk.session.run<boolean>(`return document.querySelector('main [data-testid^="row-#"]') !== null`),
				{ within_ms: 120_000, otherwise: () => desk.person.readsThePage() },
			);
			lap('first_order_ms');
			await desk.person.presses('j', 'Enter');
			await desk.shows('waits-box');
			const whole = lap('first_order_read_ms');

			print({ bench: 'first_run_ms', ...laps, goal: GOAL_MS, pointer: await pointed(desk) });
			expect(await pointed(desk)).toBe(0);
			expect(whole).toBeLessThan(GOAL_MS);
		} finally {
			merchant.close();
		}
	},
	GOAL_MS + 60_000,
);

/** Fills in the form of an account, tests it and connects it. */
async function connects(desk: DeskWindow, account: StandIn, platforms: Platform[]): Promise<void> {
	const way = platforms
		.find((each) => each.platform === account.platform)
		?.ways.find((each) => each.id === account.way);
	if (!way) throw new Error(`${account.title} signs in by ${account.way}, and the form does not offer that.`);
	await enters(desk, `platform-${account.platform}`);
	await desk.shows(`form-${account.platform}`);
	await choosesTheWay(desk, account.way);
	for (const field of way.fields) {
		const value = account.fields[field.name];
		if (value) await typesInto(desk, `field-${field.name}`, value);
	}
	// The stand-in's own field is behind a fold.
	await until('the fold for stand-ins', async () => {
		const open = await desk.session.run<boolean>(
			`if (document.activeElement?.localName === 'summary') return document.activeElement.parentElement.open || 'fold';
			return document.activeElement?.dataset.testid === 'field-base_url'`,
		);
		if (open === true) return true;
		await desk.person.presses(String(open) === 'fold' ? 'Enter' : 'Tab');
		return false;
	});
	await typesInto(desk, 'field-base_url', account.base_url);
	await enters(desk, 'test-connection');
	await typesInto(desk, 'field-name', account.title);
	await enters(desk, 'connect');
	await until(`${account.title} to be connected`, async () =>
		(await desk.asks<{ name: string }[]>('connections')).some((each) => each.name === account.title),
	);
}

/** Where there are several ways to sign in, the arrow keys go from one to the next. */
async function choosesTheWay(desk: DeskWindow, way: string): Promise<void> {
	const tab = `tab-${way}`;
	const there = () =>
		desk.session.run<string>(
			`const tab = document.querySelector('[data-testid="' + arguments[0] + '"]');
		return !tab ? 'one way' : tab.ariaSelected === 'true' ? 'chosen' : 'another'`,
			tab,
		);
	if ((await there()) !== 'another') return;
	const chosen = await desk.session.run<string>(
		`return document.querySelector('[data-testid="' + arguments[0] + '"]').closest('[role=tablist]')
			.querySelector('[aria-selected=true]').dataset.testid`,
		tab,
	);
	await tabsTo(desk, chosen);
	for (let n = 0; n < 8 && (await there()) === 'another'; n++) await desk.person.presses('ArrowRight');
	if ((await there()) === 'another') throw new Error(`The arrow keys do not lead to the way ${way}.`);
}

function print(line: unknown): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}
