// The main job with the keychain of this computer and accounts outside the program: connected, planned, live, one order
// mended, told on the notification bus; then the window is killed in the middle of its work, again and again. What counts
// is the ledger of the other side.
import { Merchant, type LedgerEntry } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

const ACCOUNT = 'harbour-goods';
const SKU = 'BAL-BEE';
const AUTOMATIONS = ['Orders to the hub', 'Cancellations', 'Both sides agree', 'Tracking to the store'];
const DEATHS = 6;

story(
	'With a real keychain an order goes, one is mended, and killing the window loses and doubles nothing',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--quiet', '--faults', 'none', '--platforms', 'none');
		try {
			const bus = await stage.notifications();
			const profile = stage.folder();
			merchant.connectTo(profile);
			const bought = [await merchant.buys({ account: ACCOUNT, sku: SKU })];
			const homeless = await merchant.buys({ account: ACCOUNT, sku: SKU, street: '' });

			let desk = await stage.open({ profile });
			const { person } = desk;
			await desk.isReady();
			const settings = await desk.asks<Record<string, unknown>>('settings');
			await desk.asks('put_settings', { settings: { ...settings, quiet_from_min: 0, quiet_to_min: 0 } });
			await reads(desk);
			await person.sees(bought[0] ?? '', 60_000);
			expect(await hubOrders(merchant)).toEqual([]);

			// The store routes a new order some seconds after it was bought; sooner there is nothing to send.
			await until(
				'the order to be ready to send',
				async () => {
					await reads(desk);
					const plan = await desk.asks('plan', { automation: 'orders_to_hub', goingLive: null, skip: 0 });
					return JSON.stringify(plan).includes(`Send ${bought[0]}`) || undefined;
				},
				{ within_ms: 90_000, every_ms: 3_000 },
			);
			await person.clicks('Automations');
			await person.clicks('What it would do now', { inside: 'Orders to the hub' });
			await person.sees(new RegExp(`Send ${bought[0]} to ShipStation`));
			await desk.shot('kept-plan');
			await person.clicks('Close', { inside: 'Nothing is sent by looking.' });
			for (const automation of AUTOMATIONS) {
				await person.clicks('Auto', { inside: automation });
				await person.clicks('All open orders');
				await person.sees(/\d+ changes? from \d+ orders?|Nothing would be sent/);
				await person.clicks('Switch to Auto');
				await person.sees(`“${automation}” is in mode Auto`);
			}
			await arrives(merchant, desk, bought);
			expect(numbers(await hubOrders(merchant))).not.toContain(homeless);

			const notice = await bus.hears(/needs you/, 90_000);
			expect(notice).toMatchObject({ app: 'Quayside', actions: ['default', 'later'] });
			await person.clicks('Exceptions');
			await person.sees('The address is incomplete');
			await person.clicks('Edit address', { inside: 'The address is incomplete' });
			await person.sees(`Edit the address of ${homeless}`);
			await person.fills('Street and number', '12 Quay Street');
			await person.clicks('Save and retry');
			bought.push(homeless);
			await arrives(merchant, desk, bought);
			await desk.shot('kept-mended');

			// As a power cut would, at another moment each time: while reading, while sending, while writing down.
			for (let death = 0; death < DEATHS; death++) {
				for (let n = 0; n < 3; n++) bought.push(await merchant.buys({ account: ACCOUNT, sku: SKU }));
				void desk.asks('sync_now', { scope: { what: 'everything' } }).catch(() => undefined);
				await new Promise((later) => setTimeout(later, 150 + death * 230));
				await desk.kill();
				desk = await stage.open({ profile });
				await desk.isReady();
			}
			await arrives(merchant, desk, bought);
			await desk.person.clicks('Queue');
			await desk.person.sees(bought.at(-1) ?? '', 30_000);
			await desk.shot('kept-after-deaths');
		} finally {
			merchant.close();
		}
	},
	420_000,
);

const reads = (desk: DeskWindow) => desk.asks('sync_now', { scope: { what: 'everything' } });

/** Orders the hub made, by its own ledger. */
async function hubOrders(merchant: Merchant): Promise<LedgerEntry[]> {
	return (await merchant.ledger()).filter((entry) => entry.effect === 'order_created' && entry.by === 'client');
}

const numbers = (entries: LedgerEntry[]) => entries.map((entry) => String(entry.detail['number'])).sort();

/** Waits until the hub has every one of them, and looks that it has each once and nothing else. */
async function arrives(merchant: Merchant, desk: DeskWindow, wanted: string[]): Promise<void> {
	await until(
		`${wanted.length} orders to arrive at the hub`,
		async () => {
			await reads(desk);
			return (await hubOrders(merchant)).length >= wanted.length || undefined;
		},
		{
			within_ms: 120_000,
			every_ms: 3_000,
			otherwise: async () => JSON.stringify({ wanted, there: numbers(await hubOrders(merchant)) }),
		},
	);
	expect(numbers(await hubOrders(merchant))).toEqual([...wanted].sort());
}
