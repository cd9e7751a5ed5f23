// Something comes back: the list names it, somebody says that the goods are here, the prepared refund names its
// amount and waits, one click gives it back, and the store's own ledger has it exactly once.
import { Merchant } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story } from '../desk/window.ts';

interface Back {
	order_id: number;
	order_number: string;
	number: string;
	state: string;
	given: string | null;
	prepared: { effect: number; sum: string } | null;
}

const ACCOUNT = 'harbour-goods';
const given = async (merchant: Merchant) =>
	(await merchant.ledger()).filter((entry) => entry.effect === 'refund_created' && entry.by === 'client');

story(
	'Goods come back: said to be here, approved, given back once',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--faults', 'none');
		try {
			const profile = stage.folder();
			merchant.connectTo(profile);
			const desk = await stage.open({ profile });
			const { person } = desk;
			await desk.isReady();
			await person.sees(/#?10\d\d/, 90_000);
			const number = await merchant.buys({ account: ACCOUNT, sku: 'BAL-BEE' });
			await merchant.sendsBack({ account: ACCOUNT, order: number });
			const back = async (part: string): Promise<Back | undefined> => {
				const { rows } = await desk.asks<{ rows: Back[] }>('returns', { ask: { part, text: number, after: '' } });
				return rows.find((row) => row.order_number === number);
			};
			const asked = await until(
				'the desk to know of the return',
				async () => {
					await desk.asks('sync_now', { scope: { what: 'everything' } });
					return back('open');
				},
				{ within_ms: 180_000, every_ms: 5_000 },
			);
			expect([asked.state, asked.prepared]).toEqual(['expected', null]);
			expect(await given(merchant)).toEqual([]);

			await desk.goes('returns');
			await desk.shows(`return-${asked.number}`);
			await desk.shot('returns-list');
			expect(await desk.accessibilityViolations()).toEqual([]);
			await person.clicks(number);
			await person.clicks('Goods are here…');
			await desk.shows('goods-dialog');
			await desk.shot('returns-goods');
			expect(await desk.accessibilityViolations()).toEqual([]);
			await person.clicks('Goods are here');
			await person.seesNoMore('Not here');

			// The store is asked what it comes to; nothing goes before the click.
			const prepared = await until(
				'the refund to be prepared',
				async () => (await back('here'))?.prepared ?? undefined,
				{ within_ms: 120_000, otherwise: () => person.readsThePage() },
			);
			expect(Number.parseFloat(prepared.sum)).toBeGreaterThan(0);
			expect(await given(merchant)).toEqual([]);
			await person.clicks(`Refund ${prepared.sum}…`);
			await person.clicks('Approve', { inside: 'What was prepared is sent' });
			const entries = await until(
				'the store to have given it back',
				async () => {
					const found = await given(merchant);
					return found.length > 0 ? found : undefined;
				},
				{ within_ms: 90_000, otherwise: () => person.readsThePage() },
			);
			expect(entries).toHaveLength(1);
			expect(Number(entries[0]?.detail['minor']) / 100).toBe(Number.parseFloat(prepared.sum));

			await until(
				'the return to be settled',
				async () => {
					await desk.asks('sync_now', { scope: { what: 'everything' } });
					return (await back('all'))?.state === 'refunded';
				},
				{ within_ms: 120_000, every_ms: 5_000 },
			);
			await desk.shot('returns-done');
			expect(await given(merchant)).toHaveLength(1);
		} finally {
			merchant.close();
		}
	},
	600_000,
);
