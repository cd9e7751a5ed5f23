// The fake desk's counts: one that follows, one that differs, one that runs out, one nobody may write.
import type {
	AutomationView,
	GoingLive,
	Mode,
	Plan,
	PlannedView,
	SettingField,
	ShelfSays,
	SideSays,
	StockAdjust,
	StockAdjusted,
	StockAsk,
	StockPage,
	StockRow,
} from '$lib/api/types';
import { FRIDAY } from './world';

const AT = Date.UTC(2026, 10, 20, 7, 45);
const HOUR = 3_600_000;
const ACCOUNTS = { depot: 'Harbour Depot', outlet: 'Harbour Outlet' };

function side(units: number, wanted: number | null, extra: Partial<SideSays> = {}): SideSays {
	return {
		connection: 'outlet',
		remote_id: `7:${units}`,
		place: 'Main',
		units,
		read_at_ms: AT,
		changed_at_ms: AT - HOUR,
		by_us: true,
		wanted,
		agreed: units,
		agreed_at_ms: AT - HOUR,
		state: 'agrees',
		sentence: '',
		...extra,
	};
}

function says(sku: string, units: number, held: number, extra: Partial<ShelfSays> = {}): StockRow {
	const available = Math.max(0, units - held - 1);
	return {
		sku: sku.toLowerCase(),
		says: {
			sku,
			truth: {
				connection: 'depot',
				place: 'Main',
				remote_id: '7:1',
				units,
				read_at_ms: AT,
				changed_at_ms: AT - 2 * HOUR,
			},
			held,
			available,
			why: null,
			sides: [side(available, available)],
			per_day_hundredths: 40,
			days_left_tenths: Math.round((units - held) * 25),
			warning: null,
			...extra,
		},
	};
}

export function makeStock(): StockRow[] {
	return [
		says('BAG-SAIL', 40, 3),
		says('LAMP-DECK', 6, 0, {
			per_day_hundredths: 200,
			days_left_tenths: 30,
			warning: { code: 'runs_out', sentence: 'Runs out in 3 days.', tone: 'warning' },
		}),
		says('MAT-ROP', 12, 2, {
			sides: [
				side(12, 9, {
					by_us: false,
					agreed: 14,
					state: 'differs',
					sentence: 'It should be 9; "Stock" only watches.',
				}),
			],
		}),
		says('MUG-BLUE', 20, 0, {
			available: null,
			held: null,
			why: 'Several listings of Harbour Depot share the SKU: none of them is it for sure.',
			sides: [side(18, null, { state: 'not_written', sentence: 'Several listings share the SKU.' })],
		}),
		{ sku: 'tea-100', says: null },
	];
}

const differs = (row: StockRow) =>
	row.says?.sides.some((each) => each.wanted !== null && each.wanted !== each.units) ?? false;
const warned = (row: StockRow) => row.says !== null && row.says.warning !== null;

/** Rows of one page. */
const PAGE = 100;

export function stockPage(all: StockRow[], ask: StockAsk, mode: Mode): StockPage {
	const found = all
		.filter((row) => ask.part === 'all' || (ask.part === 'differs' ? differs(row) : warned(row)))
		.filter((row) => row.sku.includes(ask.text.trim().toLowerCase()))
		.filter((row) => row.sku > ask.after);
	return {
		rows: found.slice(0, PAGE),
		next: found.length > PAGE ? (found[PAGE - 1]?.sku ?? '') : '',
		all: all.length,
		differs: all.filter(differs).length,
		warned: all.filter(warned).length,
		accounts: ACCOUNTS,
		counted: all.length > 0,
		mode,
	};
}

/** What comes of an adjustment, or why there is none. */
export function adjusted(rows: StockRow[], ask: StockAdjust): { rows: StockRow[]; said: StockAdjusted | string } {
	const says = rows.find((row) => row.sku === ask.sku)?.says;
	const counts = says ? [...(says.truth ? [says.truth] : []), ...says.sides] : [];
	const is = (one: { connection: string; remote_id?: string }) =>
		one.connection === ask.connection && one.remote_id === ask.remote_id;
	const count = counts.find(is);
	if (!says || !count) return { rows, said: 'There is no such count any more. Look at the stock again.' };
	const account = ACCOUNTS[ask.connection as keyof typeof ACCOUNTS];
	const after = count.units + ask.by;
	if (count.units !== ask.shown) return { rows, said: `${account} shows ${count.units} of ${says.sku} by now.` };
	if (after < 0) {
		return { rows, said: `${account} shows ${count.units} of ${says.sku}, so ${-ask.by} cannot be taken away.` };
	}
	const moved = {
		...says,
		truth: says.truth && is(says.truth) ? { ...says.truth, units: after } : says.truth,
		sides: says.sides.map((one) => (is(one) ? { ...one, units: after } : one)),
	};
	const what = ask.by > 0 ? `Add ${ask.by} to` : `Take ${-ask.by} from`;
	const sentence = `${what} ${says.sku} at ${account} (${count.place}): ${count.units} becomes ${after}.`;
	return {
		rows: rows.map((row) => (row.sku === ask.sku ? { ...row, says: moved } : row)),
		said: { sentence, before: count.units, after, undo: null },
	};
}

/** The same while the automation is off: nobody adds up what orders hold. */
export function unsaid(row: StockRow): StockRow {
	if (row.says === null) return row;
	const why = '"Stock" is off, so what orders hold is not added up.';
	const sides = row.says.sides.map(
		(each) => ({ ...each, wanted: null, state: 'not_written', sentence: why }) as SideSays,
	);
	const nothing = { held: null, available: null, per_day_hundredths: null, days_left_tenths: null, warning: null };
	return { ...row, says: { ...row.says, ...nothing, why: row.says.why ?? why, sides } };
}

const field = (
	name: string,
	label: string,
	help: string,
	kind: SettingField['kind'],
	value: SettingField['value'],
	options: [string, string][] = [],
): SettingField => ({ name, label, help, kind, options, value });

/** Its card, in the words of the real one. */
export function stockCard(): AutomationView {
	return {
		id: 'stock',
		title: 'Stock',
		summary:
			'Lets the counts of your stores follow one count that holds, less what open orders hold, safety stock and each store’s buffer. Off until you switch it on; writes only what it knows.',
		examples: [
			[
				'The warehouse counts 10, open orders hold 3, the safety stock is 1.',
				'A store that shows 9 is set to 6; one that shows 6 is left alone.',
			],
			['A store has a buffer of 2.', 'It gets 2 less than the others, never less than nothing.'],
		],
		mode: 'watch',
		go_live_ms: null,
		settings: [
			field('truth', 'The count that holds', 'The account whose count is true.', 'choice', 'depot', [
				['', 'the hub’s, if it reads stock'],
				['depot', ACCOUNTS.depot],
				['outlet', ACCOUNTS.outlet],
			]),
			field('place', 'At this place only', 'Empty: all of its places together.', 'text', ''),
			field('contains', 'Orders that account has itself', 'If you are not sure, leave it.', 'choice', 'shelf', [
				['shelf', 'are still in its number: it counts the shelf'],
				['orders', 'are out of its number from the moment it has them'],
			]),
			field('safety', 'Safety stock', 'Units of every SKU that are never promised.', 'number', 1),
			field(
				'per_sku',
				'SKUs with something of their own',
				'One row each: SKU, safety stock, account whose count holds, its place.',
				'rows',
				'',
			),
			field(
				'stale_hours',
				'Too old after hours',
				'A count that was not read for so long is not acted on.',
				'number',
				6,
			),
			field('warn_days', 'Warn when it runs out in days', '0: no warning.', 'number', 3),
		],
		done_today: 0,
		lately: [],
		asked: 0,
		would_do: 1,
		by_hand: [],
	};
}

/** What would be written: the counts that differ. */
export function stockPlan(rows: StockRow[], going_live: GoingLive | null, skip: number): Plan {
	const mode = going_live?.mode ?? 'watch';
	const items = rows.flatMap((row): PlannedView[] =>
		(row.says?.sides ?? []).flatMap((each): PlannedView[] => {
			if (row.says === null || each.wanted === null || each.wanted === each.units) return [];
			const account = ACCOUNTS[each.connection as keyof typeof ACCOUNTS];
			return [
				{
					effect: {
						key: `plan-${each.remote_id}`,
						automation: 'stock',
						connection: each.connection,
						intent: {
							kind: 'set_stock',
							stock: {
								sku: row.says.sku,
								item_id: each.remote_id,
								location_id: null,
								available: each.wanted,
								expected: each.units,
								moves: false,
							},
						},
						mode,
						ship_by_ms: null,
						sentence: `Set ${row.says.sku} at ${account} (${each.place}) from ${each.units} to ${each.wanted}`,
					},
					account,
					order_id: null,
					order_number: row.says.sku,
					changes: [{ field: row.says.sku, before: `${each.units} in stock`, after: `${each.wanted} in stock` }],
				},
			];
		}),
	);
	return {
		items: items.slice(skip),
		per_automation: { stock: items.length },
		who_writes: [],
		orders: 0,
		cost: items.length === 0 ? [] : [`${ACCOUNTS.outlet}: 1 change in 1 call.`],
		hash: 'c0ffee13',
		as_of_ms: FRIDAY,
	};
}
