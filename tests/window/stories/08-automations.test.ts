// What shapes orders, as a person sets it up on a living merchant: a SKU nobody knows is mapped
// once and its orders go on; a ready-made rule is tried, switched on, and acts. The hub's own
// ledger says what arrived.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Merchant, type LedgerEntry } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

interface Unknown {
	sku: string;
	store: string;
}
interface Row {
	id: number;
	number: string;
}
interface Line {
	sku: string;
}

const goes = (desk: DeskWindow, place: string) => desk.session.run(`location.hash = ${JSON.stringify(`#/${place}`)}`);

story(
	'A SKU is mapped once and its orders go on; a rule is tried, switched on, and acts',
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
			const findings: string[] = [];
			const look = async (name: string) => {
				await desk.shot(name);
				for (const finding of await desk.accessibilityViolations()) findings.push(`${name}: ${finding}`);
			};

			// The warehouse's own SKUs are its table; whatever is not in it holds its order.
			const skus = await until(
				'the open orders to be read',
				async () => {
					const named = (await unknown(desk)).filter((each) => each.sku !== '' && !isOld(each.sku));
					const found = [...new Set(named.map((each) => each.sku))];
					return found.length > 8 ? found : undefined;
				},
				{ within_ms: 60_000, otherwise: async () => JSON.stringify(await unknown(desk)) },
			);
			const keep = async (known: string[]) => {
				const table = ['store_sku,hub_sku', ...known.map((sku) => `${sku},${sku}`), ''].join('\n');
				writeFileSync(join(folder, 'table.csv'), table);
				const path = await desk.asks<string>('pick_file', { wish: 'open', suggested: 'table.csv' });
				await desk.asks('import_sku_aliases', { path, write: true });
			};
			await keep(skus);
			await desk.asks('put_automation', { id: 'sku_aliases', mode: 'watch', settings: { unknown: 'hold' } });
			await desk.asks('go_live', { id: 'sku_aliases', mode: 'auto', fromMs: null });
			await desk.asks('go_live', { id: 'orders_to_hub', mode: 'auto', fromMs: null });

			// A ready-made rule: tried on the last orders, kept, switched on.
			await goes(desk, 'automations?tab=rules');
			await person.sees('Ready-made rules');
			await look('automations-rules-empty');
			await person.clicks('Use it: VIP goes express');
			await person.clicks('Test on the last 500 orders');
			await person.sees(/rules would act on \d+|fits a rule/);
			await look('automations-rules-tested');
			await person.clicks('Keep the rules…');
			await person.sees(/open orders? changes?/);
			await person.clicks('Keep the rules', { inside: 'From the rules that are kept' });
			await person.sees('The rules are kept.');
			await person.sees('Rules: Watch.');
			await person.clicks('Auto', { inside: 'Rules: Watch.' });
			await person.sees('Switch “Rules” to Auto');
			await look('automations-rules-switch-on');
			await person.clicks('Only orders placed from now on');
			await person.sees(/changes? from/);
			await person.clicks('Switch to Auto');
			await person.sees('“Rules” is in mode Auto.');
			await person.sees('Rules: Auto.');

			// Somebody buys under the SKU of last year's catalogue: the order waits, and says why.
			await goes(desk, 'automations?tab=aliases');
			const old = { sku: 'bal-bee-OLD' };
			await merchant.buys({ account: 'harbour-goods', sku: 'BAL-BEE', shown_sku: old.sku });
			const carriers = await until(
				'an order that waits for a SKU of last year',
				async () => {
					await desk.asks('sync_now', { scope: { what: 'everything' } });
					const waiting = await rows(desk, `cause:unknown_sku sku:${old.sku}`);
					return waiting.length > 0 ? waiting : undefined;
				},
				{ within_ms: 90_000, every_ms: 5_000, otherwise: async () => JSON.stringify(await unknown(desk)) },
			);
			expect(await sentUnder(merchant, old.sku)).toEqual([]);
			// What was bought for the first time meanwhile is no riddle: only the old SKU is to hold them.
			const news = (await unknown(desk)).filter((each) => each.sku !== '' && !isOld(each.sku));
			if (news.length > 0) await keep([...new Set(news.map((each) => each.sku))]);
			await goes(desk, `queue?order=${carriers[0]?.id}`);
			await person.sees('Who can mend it');
			await person.sees('What says so');
			await person.sees(`line ${old.sku}`);
			await look('automations-order-explained');

			await goes(desk, 'automations?tab=aliases');
			await person.sees('Not in the table');
			await look('automations-aliases');
			// Where a suggestion stands beside it, the button is another one.
			await person.clicks(`${old.sku}…`);
			await person.sees(`Map ${old.sku}`);
			const meant = old.sku.replace(/-OLD$/, '').toUpperCase();
			expect(await person.focus()).toBe('Hub SKU of part 1');
			await person.fills('Hub SKU of part 1', meant);
			await look('automations-map-dialog');
			await person.clicks('Map and retry');
			await person.sees(/open orders? w(as|ere) looked at again/);
			await person.seesNoMore(`Map ${old.sku}`);
			for (const { number } of carriers) {
				const created = await until(
					`${number} to arrive at the hub`,
					async () => {
						const mine = (await hubOrders(merchant)).filter((entry) => entry.detail['number'] === number);
						return mine.length > 0 ? mine : undefined;
					},
					{ within_ms: 90_000, every_ms: 2_000, otherwise: async () => JSON.stringify(await rows(desk, number)) },
				);
				expect(created).toHaveLength(1);
				expect(skusOf(created[0])).toContain(meant);
				expect(skusOf(created[0]).some(isOld)).toBe(false);
			}

			// A VIP buys: the hub has the order with the service of the rule.
			await desk.asks('put_automation', { id: 'sku_aliases', mode: 'auto', settings: { unknown: 'send' } });
			const number = await merchant.buys({ account: 'harbour-goods', sku: 'BAL-BEE', tags: ['vip'] });
			const vip = await until(
				'an order of a VIP at the hub',
				async () => {
					await desk.asks('sync_now', { scope: { what: 'everything' } });
					const row = (await rows(desk, number)).find((each) => each.number === number);
					const entry = (await hubOrders(merchant)).find((each) => each.detail['number'] === number);
					return row && entry ? { row, entry } : undefined;
				},
				{ within_ms: 90_000, every_ms: 5_000, otherwise: async () => JSON.stringify(await rows(desk, 'tag:vip')) },
			);
			expect(vip.entry.detail['requested_service']).toBe('Express');
			await goes(desk, `queue?order=${vip.row.id}`);
			await person.sees('Timeline');
			await look('automations-order-vip');
			await until('the rules of the order', async () => {
				await person.clicks('Rules');
				return (await person.readsThePage()).includes('VIP goes express acted');
			});
			await person.sees('Service asked for: Express');
			await look('automations-order-rules');

			expect(findings).toEqual([]);
		} finally {
			merchant.close();
		}
	},
	480_000,
);

const isOld = (sku: string) => sku.endsWith('-OLD');

async function unknown(desk: DeskWindow): Promise<Unknown[]> {
	return (await desk.asks<{ unknown: Unknown[] }>('unknown_skus')).unknown;
}

async function rows(desk: DeskWindow, text: string): Promise<Row[]> {
	const ask = { view: 'all', text, sort: '', descending: false, after: null, limit: 100 };
	return (await desk.asks<{ rows: Row[] }>('queue', { ask })).rows;
}

async function hubOrders(merchant: Merchant): Promise<LedgerEntry[]> {
	return (await merchant.ledger()).filter((entry) => entry.effect === 'order_created' && entry.by === 'client');
}

function skusOf(entry: LedgerEntry | undefined): string[] {
	return ((entry?.detail['lines'] as Line[] | undefined) ?? []).map((line) => line.sku);
}

async function sentUnder(merchant: Merchant, sku: string): Promise<LedgerEntry[]> {
	return (await hubOrders(merchant)).filter((entry) => skusOf(entry).includes(sku));
}
