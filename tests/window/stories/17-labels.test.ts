// A person buys a label: the drawer asks what carriers want, the button names the price, the hub's own ledger has
// exactly one label for that price, its PDF is written where the person chose, and it is voided again.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Merchant } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

interface Row {
	id: number;
	number: string;
}
interface Offer {
	verb: string;
	disabled_because: string | null;
}
interface Detail {
	actions: Offer[];
	parcels: { tracking_number: string; voided_at_ms: number | null }[];
}

/** The order of this number, once a label can be bought for it. */
const readyFor = async (desk: DeskWindow, number: string): Promise<Row | undefined> => {
	const ask = { view: 'all', text: number, sort: 'placed', descending: true, after: null, skip: 0, limit: 50 };
	const { rows } = await desk.asks<{ rows: Row[] }>('queue', { ask });
	const row = rows.find((each) => each.number === number);
	if (!row) return undefined;
	const { actions } = await desk.asks<Detail>('order', { id: row.id });
	const may = actions.some((offer) => offer.verb === 'buy_label' && offer.disabled_because === null);
	return may ? row : undefined;
};
/** What the hub wrote down of labels that we bought or voided for an order; its warehouse buys others. */
const labelsOf = async (merchant: Merchant, effect: string, number: string) =>
	(await merchant.ledger()).filter(
		(entry) => entry.effect === effect && entry.by === 'client' && entry.detail['number'] === number,
	);

story(
	'A label is quoted, bought once for the price that was shown, written as a PDF, and voided',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--faults', 'none', '--platforms', 'none');
		try {
			const profile = stage.folder();
			merchant.connectTo(profile);
			const folder = stage.folder();
			const desk = await stage.open({ profile, env: { QUAYSIDE_CHOSEN_IN: folder } });
			const { person } = desk;
			await desk.isReady();
			await person.sees(/#10\d\d/, 90_000);
			await desk.asks('go_live', { id: 'orders_to_hub', mode: 'auto', fromMs: null });
			// Bought just now: the warehouse has not come to it.
			const number = await merchant.buys({ account: 'harbour-goods', sku: 'BAL-BEE' });
			const row = await until(
				`${number} to be at the hub`,
				async () => {
					await desk.asks('sync_now', { scope: { what: 'everything' } });
					return readyFor(desk, number);
				},
				{ within_ms: 120_000, every_ms: 5_000, otherwise: () => person.readsThePage() },
			);

			await desk.goes(`queue?order=${row.id}`);
			await person.clicks('Buy label…');
			await until('the carriers to answer', () => isThere(desk, 'quote-0'), {
				within_ms: 90_000,
				otherwise: () => person.readsThePage(),
			});
			// Nobody said which offer is to be taken, so a person does: with the keyboard.
			await desk.session.run(`document.querySelector('[data-testid="quote-0"] input').focus()`);
			await person.presses(' ');
			await until('a price on the button', async () => /Buy for \d/.test(await person.readsThePage()));
			await desk.shot('label-quotes');
			expect(await desk.accessibilityViolations()).toEqual([]);
			const price = /Buy for (\d[\d.]*) [A-Z]{3}…/.exec(await person.readsThePage())?.[1];
			if (price === undefined) throw new Error(`No button names a price:\n${await person.readsThePage()}`);
			await person.presses('Enter');
			await desk.shows('purchase-question');
			await desk.shot('label-question');
			expect(await desk.accessibilityViolations()).toEqual([]);
			expect(await labelsOf(merchant, 'label_bought', number)).toEqual([]);

			await person.presses('Enter');
			const bought = await until(
				'the hub to have sold it',
				async () => {
					const found = await labelsOf(merchant, 'label_bought', number);
					return found.length > 0 ? found : undefined;
				},
				{ within_ms: 90_000, otherwise: () => person.readsThePage() },
			);
			expect(bought).toHaveLength(1);
			expect(Number(bought[0]?.detail['cost_minor'])).toBe(Math.round(Number(price) * 100));
			const tracking = String(bought[0]?.detail['tracking_number']);
			await until(
				'its tracking number to be shown',
				async () => {
					await desk.asks('sync_now', { scope: { what: 'everything' } });
					return (await person.readsThePage()).includes(tracking);
				},
				{ within_ms: 90_000, every_ms: 5_000, otherwise: () => person.readsThePage() },
			);
			await desk.shot('label-bought');
			expect(await desk.accessibilityViolations()).toEqual([]);

			await person.clicks('Save as PDF…');
			const file = await until(
				'the PDF to be written',
				() => readdirSync(folder).find((each) => each.endsWith('.pdf')),
				{
					within_ms: 60_000,
					otherwise: () => person.readsThePage(),
				},
			);
			expect(readFileSync(join(folder, file), 'latin1').startsWith('%PDF-')).toBe(true);
			await person.sees('1 label written.');

			await person.clicks('Void…');
			await person.sees('the carrier gives the postage back');
			await person.clicks('Void label');
			await until(
				'the hub to have taken it back',
				async () => (await labelsOf(merchant, 'label_voided', number)).length === 1,
				{ within_ms: 90_000, otherwise: () => person.readsThePage() },
			);
			expect(await labelsOf(merchant, 'label_bought', number)).toHaveLength(1);
		} finally {
			merchant.close();
		}
	},
	500_000,
);

const isThere = (desk: DeskWindow, id: string) =>
	desk.session.run<boolean>(`return document.querySelector('[data-testid="' + arguments[0] + '"]') !== null`, id);
