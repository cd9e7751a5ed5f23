// Somebody typed an order in at the hub. A person ties it to the store's order in the real window, sees that it is
// being packed, unties it again, and sees that it is not.
import { Merchant } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

interface Row {
	id: number;
	number: string;
}
interface Detail {
	row: { stage: string };
	raw: { kind: string; remote_id: string }[];
	timeline: { sentence: string }[];
}

const detail = (desk: DeskWindow, id: number) => desk.asks<Detail>('order', { id });
const hubOrders = async (desk: DeskWindow, id: number) =>
	(await detail(desk, id)).raw.filter((record) => record.kind === 'hub_order').map((record) => record.remote_id);

/** Types an order in at the hub, as its own people do; its id there. */
async function typedIn(merchant: Merchant, number: string): Promise<string> {
	const hub = merchant.accounts.find((account) => account.fields['key'] && account.fields['secret']);
	if (!hub) throw new Error('The sandbox has no hub with a key and a secret.');
	const key = Buffer.from(`${hub.fields['key']}:${hub.fields['secret']}`).toString('base64');
	const address = { name: 'Jane Roe', street1: 'Am Kai 1', city: 'Hamburg', postalCode: '20457', country: 'DE' };
	const answer = await fetch(`${hub.base_url}/orders/createorder`, {
		method: 'POST',
		headers: { authorization: `Basic ${key}`, 'content-type': 'application/json' },
		body: JSON.stringify({
			orderNumber: number,
			orderDate: new Date().toISOString().slice(0, 19),
			orderStatus: 'awaiting_shipment',
			billTo: address,
			shipTo: address,
			items: [{ sku: 'MAT-ROP', name: 'Rope mat', quantity: 1, unitPrice: 18.5 }],
		}),
	});
	if (!answer.ok) throw new Error(`The hub answered ${answer.status}: ${await answer.text()}`);
	return String(((await answer.json()) as { orderId: number }).orderId);
}

story(
	'A hub order is tied to an order by hand, seen, and untied again',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--quiet');
		try {
			const profile = stage.folder();
			merchant.connectTo(profile);
			const store = merchant.accounts.find((account) => account.platform === 'shopify');
			const number = await merchant.buys({ account: store?.name ?? '', sku: 'MAT-ROP' });
			const theirs = await typedIn(merchant, 'BY-HAND-7');

			const desk = await stage.open({ profile });
			const { person } = desk;
			await desk.isReady();
			const order = await until(
				`${number} to be read`,
				async () => {
					const page = await desk.asks<{ rows: Row[] }>('queue', {
						ask: { view: 'open', text: number, sort: '', descending: false, after: null, skip: 0, limit: 10 },
					});
					return page.rows.find((row) => row.number === number);
				},
				{ within_ms: 120_000, every_ms: 1_000 },
			);
			expect(await hubOrders(desk, order.id)).toEqual([]);

			await desk.goes(`queue?order=${order.id}`);
			await desk.shows('waits-box');
			await person.clicks('Links');
			// The first click looks at both: the numbers differ. The second one ties all the same.
			await until(
				'the hub order to be read, so that it can be named',
				async () => {
					if (/Look and tie/.test(await person.readsThePage())) await person.clicks('Leave it');
					await desk.asks('sync_now', { scope: { what: 'everything' } });
					await person.clicks('Tie a hub order…');
					await desk.shows('tie-dialog');
					await person.fills('Hub order', 'BY-HAND-7');
					await person.clicks('Look and tie');
					await person.sees(/The numbers differ|No hub order/);
					if (/The numbers differ/.test(await person.readsThePage())) return true;
					await person.clicks('Leave it');
					return false;
				},
				{ within_ms: 120_000, every_ms: 3_000 },
			);
			await person.clicks('Tie anyway');
			await until('the hub order to be this order', async () => (await hubOrders(desk, order.id)).includes(theirs));
			expect((await detail(desk, order.id)).row.stage).toBe('packing');
			await person.sees(theirs);
			await desk.shot('tied');
			expect(await desk.accessibilityViolations()).toEqual([]);

			await person.clicks('Not this order');
			await until('it to be another one', async () => (await hubOrders(desk, order.id)).length === 0);
			await person.seesNoMore(theirs);
			const after = await detail(desk, order.id);
			expect(after.row.stage).not.toBe('packing');
			expect(after.timeline.map((entry) => entry.sentence).join('\n')).toMatch(/BY-HAND-7 .* is not this order/);
			await desk.shot('untied');

			// The hub still has the one order: tying made none, untying deleted none.
			const made = (await merchant.ledger()).filter((entry) => entry.effect === 'order_created');
			expect(made.map((entry) => entry.subject)).toEqual([theirs]);
		} finally {
			merchant.close();
		}
	},
	300_000,
);
