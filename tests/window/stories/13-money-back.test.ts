// Money of one line is given back by a person: the drawer offers it, the store says what it comes to,
// the button names that amount, and the store's own ledger has it once.
import { Merchant } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

interface Row {
	id: number;
	number: string;
	connection: string;
}
interface Offer {
	verb: string;
	disabled_because: string | null;
}
interface Refundable {
	lines: { sku: string; name: string; left: number }[];
	left_minor: number;
}

/** An order of which money can be given back now. */
const refundable = async (desk: DeskWindow): Promise<Row | undefined> => {
	const ask = { view: 'all', text: '', sort: 'placed', descending: true, after: null, skip: 0, limit: 200 };
	const { rows } = await desk.asks<{ rows: Row[] }>('queue', { ask });
	for (const row of rows.filter((each) => each.connection.includes('depot'))) {
		const { actions } = await desk.asks<{ actions: Offer[] }>('order', { id: row.id });
		if (actions.some((offer) => offer.verb === 'refund' && offer.disabled_because === null)) return row;
	}
	return undefined;
};
const given = async (merchant: Merchant) =>
	(await merchant.ledger()).filter((entry) => entry.effect === 'refund_created' && entry.by === 'client');

story(
	'Money of one line is quoted by the store, given back by a click, and stands in its ledger once',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--faults', 'none', '--platforms', 'bigcommerce');
		try {
			const profile = stage.folder();
			merchant.connectTo(profile);
			const desk = await stage.open({ profile });
			const { person } = desk;
			await desk.isReady();
			await person.sees(/#?10\d\d/, 90_000);
			const row = await until(
				'an order of which money can be given back',
				async () => {
					await desk.asks('sync_now', { scope: { what: 'everything' } });
					return refundable(desk);
				},
				{ within_ms: 120_000, every_ms: 5_000 },
			);
			const can = await desk.asks<Refundable>('refundable', { id: row.id });
			const line = can.lines[0];
			if (!line) throw new Error(`${row.number} has no line of which something is left.`);

			await desk.goes(`queue?order=${row.id}`);
			await person.clicks('More for this order');
			await person.clicks('Give money back…');
			await desk.shows('refund-everything');
			expect(await person.could_click('Give back')).toBe(false);
			await person.clicks(`One ${line.sku || line.name} more`);
			await person.sees('says BigCommerce', 60_000);
			await desk.shot('money-back-dialog');
			expect(await desk.accessibilityViolations()).toEqual([]);
			const page = await person.readsThePage();
			const named = /Give back (\d[\d.]* [A-Z]{3})/.exec(page)?.[1];
			if (named === undefined) throw new Error(`No button names an amount:\n${page}`);
			expect(await given(merchant)).toEqual([]);

			await person.clicks(`Give back ${named}`);
			await person.seesNoMore('Keep the money');
			const entries = await until(
				'the store to have given it back',
				async () => {
					const found = await given(merchant);
					return found.length > 0 ? found : undefined;
				},
				{ within_ms: 60_000, otherwise: () => person.readsThePage() },
			);
			expect(entries).toHaveLength(1);
			expect(Number(entries[0]?.detail['minor']) / 100).toBe(Number.parseFloat(named));
			expect(entries[0]?.detail['lines']).toMatchObject([{ quantity: 1 }]);

			// The drawer tells it, from the click to the store's answer.
			await person.sees(`Give back ${named} of ${row.number}`);
			await until(
				'the order to show that it is done',
				async () => {
					const { effects } = await desk.asks<{ effects: { kind: string; state: string }[] }>('order', { id: row.id });
					return effects.some((effect) => effect.kind === 'refund' && effect.state === 'done');
				},
				{ within_ms: 60_000 },
			);
			await desk.shot('money-back-done');
			expect(await given(merchant)).toHaveLength(1);
		} finally {
			merchant.close();
		}
	},
	400_000,
);
