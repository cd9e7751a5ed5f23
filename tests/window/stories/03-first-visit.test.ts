// The main job, as somebody meets it on the first day: a look at the sandbox, the
// plan, going live, an order that needs help, a notification, and a parcel the
// buyer knows of. Real keychain, real notification bus, real window.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

const ADDRESS = [
	['Recipient', 'Ewan Fraser'],
	['Street and number', '12 Quay Street'],
	['Postcode', 'AB11 5QX'],
	['Town', 'Aberdeen'],
	['Country (two letters)', 'GB'],
] as const;
const AUTOMATIONS = ['Orders to the hub', 'Cancellations', 'Both sides agree', 'Tracking to the store'];

story(
	'From the first start to a parcel the buyer knows of',
	async (stage) => {
		const bus = await stage.notifications();
		// Where this person chooses in the system's dialog; there is no such folder yet.
		const folder = join(stage.folder(), 'reports');
		const desk = await stage.open({ env: { QUAYSIDE_CHOSEN_IN: folder } });
		const { person } = desk;

		await person.sees('One desk for every order');
		await desk.shot('01-first-run');
		await person.clicks('Look around with the sandbox');
		await person.sees('These orders are made up', 60_000);
		await person.sees(/#10\d\d/, 60_000);
		await neverQuiet(desk);

		// It only watches: nothing has been sent, and the plan says what would be.
		expect(await sent(desk)).toEqual({});
		await desk.shot('02-watching');
		await person.clicks('Automations');
		await person.clicks('What it would do now', { inside: 'Orders to the hub' });
		await person.sees('Nothing is sent by looking.');
		await person.sees(/Send #10\d\d to ShipStation/);
		await desk.shot('03-plan');
		await person.clicks('Close', { inside: 'Nothing is sent by looking.' });

		for (const automation of AUTOMATIONS) {
			await person.clicks('Auto', { inside: automation });
			await person.clicks('All open orders');
			await person.sees(/\d+ changes? from \d+ orders?|Nothing would be sent/);
			await person.clicks('Switch to Auto');
			await person.sees(`“${automation}” is in mode Auto`);
		}
		await desk.shot('04-automations');

		await person.clicks('Queue');
		await person.sees(/In ShipStation since .*, waits for packing/, 90_000);
		await desk.shot('05-queue');

		// One order cannot be sent; the person completes its address and it goes.
		await person.clicks('Exceptions');
		await person.sees('The address is incomplete', 120_000);
		await desk.shot('06-exceptions');
		// A notification says what presses most, while it is so; a click on it opens the list.
		const notice = await bus.hears(/need(s)? you|late|must leave/, 90_000);
		expect(notice).toMatchObject({ app: 'Quayside', actions: ['default', 'later'] });
		expect(`${notice.title} ${notice.body}`).not.toMatch(/Street|@/);
		await person.clicks('Settings');
		const clicks: string[] = [];
		// Several may stand on the screen, one for each topic: the newest first, and
		// each click takes the one it answered away.
		await until(
			'the list the notification was about',
			async () => {
				if (/#\/(exceptions|queue)/.test(await desk.session.run<string>('return location.hash'))) return true;
				const asked = spawnSync('dunstctl', ['action', '0'], { encoding: 'utf8' });
				clicks.push(`${asked.status ?? asked.error?.message} ${asked.stderr}`.trim());
				return undefined;
			},
			{
				within_ms: 60_000,
				every_ms: 1_000,
				otherwise: () =>
					`heard: ${JSON.stringify(bus.heard)}; clicks ended with: ${[...new Set(clicks)].join(' | ')}; standing: ${
						spawnSync('dunstctl', ['count'], { encoding: 'utf8' }).stdout
					}`,
			},
		);
		await desk.shot('08-notified');
		await person.clicks('Exceptions');

		await person.clicks('Edit address', { inside: 'The address is incomplete' });
		await person.sees(/Edit the address of #\d+/);
		const number = /Edit the address of (#\d+)/.exec(await person.readsThePage())?.[1] ?? 'none';
		await desk.shot('07-edit-address');
		// Whatever is missing, up to all of it: what the fields ask for is filled in.
		const dialog = await person.readsThePage();
		const lacks = (label: string) =>
			new RegExp(`${label.replace(/[()]/g, '\\$&')}[^\\n]*\\n+A carrier needs`).test(dialog);
		const nothing = lacks('Recipient');
		for (const [label, words] of ADDRESS) if (nothing || lacks(label)) await person.fills(label, words);
		// The other store may have an order of the same number, and that is there already.
		const before = (await sentFor(desk, number))['put_hub_order'] ?? 0;
		await person.clicks('Save and retry');
		await until(
			`${number} to reach the hub`,
			async () => (await sentFor(desk, number))['put_hub_order'] === before + 1,
			{
				within_ms: 90_000,
				otherwise: () => person.readsThePage(),
			},
		);
		// Where several wait, the dialog goes on to the next one.
		if ((await person.readsThePage()).includes('Save and retry')) await person.clicks('Close');

		// The warehouse packs, and the store's buyer is told.
		await until(
			'a parcel to be told to the store',
			async () => {
				await desk.asks('sync_now', { scope: { what: 'everything' } });
				return ((await sent(desk))['fulfill'] ?? 0) > 0;
			},
			{ within_ms: 360_000, every_ms: 10_000, otherwise: async () => JSON.stringify(await sent(desk)) },
		);
		await person.clicks('Shipments');
		await person.sees(/told the store|in the store/i);
		await desk.shot('09-shipments');

		// What it cost is a report: read, opened, kept as a file without a buyer in it, and made every day from now on.
		const ask = { kind: 'shipping_cost', from_day: '', to_day: '' };
		await person.presses('g', 'r');
		await desk.shows('made-unfulfilled');
		await person.clicks('Shipping cost');
		await desk.shows('made-shipping_cost');
		await desk.shows('table-labels');
		// What left first may have left without a label.
		await until(
			'a label in the report',
			async () => {
				const there = `return document.querySelector('[data-testid="table-labels"] [data-order]') !== null`;
				if (await desk.session.run<boolean>(there)) return true;
				await person.clicks('Make anew');
				return undefined;
			},
			{ within_ms: 240_000, every_ms: 5_000, otherwise: () => person.readsThePage() },
		);
		await desk.shot('reports-cost');
		const order = await desk.session.run<string>(
			`const link = document.querySelector('[data-testid="table-labels"] [data-order]'); link.click(); return link.innerText`,
		);
		await desk.shows('drawer');
		await person.sees(order);
		await person.presses('Escape');

		await person.clicks('Performance');
		await desk.shows('made-performance');
		await desk.shot('reports-performance');
		expect(await desk.accessibilityViolations()).toEqual([]);

		await person.clicks('Every day…');
		await desk.shows('every-day-dialog');
		await person.clicks('Choose…');
		await person.clicks('Switch on');
		await person.sees(/There is no folder/);
		await desk.shot('reports-every-day');
		mkdirSync(folder, { recursive: true });
		await person.clicks('Switch on');
		await until('it to be kept', async () => {
			const { plan } = await desk.asks<{ plan: { on: boolean; folder: string } }>('report_plan', {});
			return plan.on && plan.folder === folder;
		});

		// The system's dialog gives a path; the desk writes there.
		const file = await desk.asks<string>('pick_file', { wish: 'save', suggested: 'labels.csv' });
		await desk.asks('save_report', { ask, form: 'csv', table: 'labels', path: file });
		const text = readFileSync(file, 'utf8');
		expect(text).toMatch(/^\uFEFFLabel made,Order,Store,/);
		expect(text.trim().split('\n').length).toBeGreaterThan(1);
		expect(text).not.toMatch(/@/);
	},
	600_000,
);

/** Effects that were performed, by kind. */
async function sent(desk: DeskWindow): Promise<Record<string, number>> {
	return tally(await done(desk, ''));
}

async function sentFor(desk: DeskWindow, number: string): Promise<Record<string, number>> {
	return tally((await done(desk, number)).filter((effect) => effect.order_number === number));
}

interface Effect {
	kind: string;
	order_number: string;
}

function done(desk: DeskWindow, text: string): Promise<Effect[]> {
	return desk.asks('effects', { ask: { connection: null, states: ['done'], text, before: null, limit: 500 } });
}

function tally(effects: Effect[]): Record<string, number> {
	const kinds: Record<string, number> = {};
	for (const { kind } of effects) kinds[kind] = (kinds[kind] ?? 0) + 1;
	return kinds;
}

/** The test may run at night. */
async function neverQuiet(desk: DeskWindow): Promise<void> {
	const settings = await desk.asks<Record<string, unknown>>('settings');
	await desk.asks('put_settings', { settings: { ...settings, quiet_from_min: 0, quiet_to_min: 0 } });
}
