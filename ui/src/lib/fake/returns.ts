// What buyers send back at the fake desk: one asked for, one on its way, one here with its refund prepared.
import type {
	GoodsAsk,
	GoodsNoted,
	QueueRow,
	ReplaceAsk,
	ReturnAnswerAsk,
	ReturnLineView,
	ReturnsAsk,
	ReturnsPage,
	ReturnView,
} from '$lib/api/types';

const OPEN = new Set(['asked', 'expected', 'part_here', 'here']);
const LOOKS: Record<string, [words: string, icon: string, tone: ReturnView['tone']]> = {
	asked: ['asked for', 'hand', 'info'],
	expected: ['on its way', 'truck', 'neutral'],
	part_here: ['partly here', 'box', 'warning'],
	here: ['here', 'box', 'warning'],
	refunded: ['given back', 'check', 'success'],
	replaced: ['replaced', 'sync', 'success'],
	declined: ['declined', 'close', 'neutral'],
};

function stateOf(state: string): Pick<ReturnView, 'state' | 'state_words' | 'icon' | 'tone'> {
	const [state_words, icon, tone] = LOOKS[state] ?? [state, 'dot', 'neutral'];
	return { state, state_words, icon, tone };
}

function made(row: QueueRow, n: number, state: string, line: Partial<ReturnLineView>, now: number): ReturnView {
	const units = line.units ?? 1;
	const here = line.here ?? 0;
	return {
		return_id: `return/${row.id}`,
		number: `${row.number}-R1`,
		order_id: row.id,
		order_number: row.number,
		store: row.store,
		customer: row.customer,
		what: `${units} × ${line.name ?? 'MUG-BLUE'} (${line.reason ?? 'too small'})`,
		lines: [
			{
				line_id: `line/${row.id}`,
				name: 'MUG-BLUE',
				detail: 'Blue',
				reason: 'too small',
				units,
				here,
				settled: 0,
				condition: here > 0 ? 'as new' : '',
				...line,
			},
		],
		resolution: '',
		tracking_number: n === 1 ? '1Z999AA10123456784' : '',
		...stateOf(state),
		since_ms: now - n * 86_400_000,
		requested_at_ms: now - (n + 2) * 86_400_000,
		prepared: null,
		given: null,
		no_receipt: here >= units ? 'All of it is here.' : null,
		no_refund: null,
		no_replacement: here > 0 ? null : 'None of it is here. Say first that the goods are here.',
		no_answer: state === 'asked' ? null : ANSWERED,
		shelf: `${row.store} puts them back on the shelf with the refund.`,
	};
}

const ANSWERED = 'Nothing is asked for: it was answered already, or the store takes returns without asking.';

function prepared(view: ReturnView): ReturnView {
	const units = view.lines.reduce((sum, line) => sum + line.here - line.settled, 0);
	const sum = `${(units * 18.5).toFixed(2)} EUR`;
	return {
		...view,
		prepared: { effect: 90_000 + view.order_id, sentence: `Give back ${sum} of ${view.order_number}`, sum },
	};
}

export function makeReturns(orders: readonly QueueRow[], now: number): ReturnView[] {
	const [one, two, three] = orders;
	if (!one || !two || !three) return [];
	return [
		prepared(made(one, 1, 'here', { here: 1 }, now)),
		made(two, 2, 'expected', { units: 2, name: 'MAT-ROP', reason: 'not needed' }, now),
		made(three, 3, 'asked', { name: 'LAMP-DECK', reason: 'defective' }, now),
	];
}

export function returnsPage(all: readonly ReturnView[], ask: ReturnsAsk): ReturnsPage {
	const text = ask.text.trim().toLowerCase();
	const found = all
		.filter((each) => ask.part === 'all' || (ask.part === 'open' ? OPEN.has(each.state) : each.state.endsWith('here')))
		.filter((each) => `${each.order_number} ${each.number} ${each.customer} ${each.what}`.toLowerCase().includes(text));
	return { rows: [...found], next: '' };
}

/** Goods are here; a sentence says why not. */
export function received(
	all: readonly ReturnView[],
	ask: GoodsAsk,
	now: number,
): { all: ReturnView[]; said: GoodsNoted } | string {
	const view = all.find((each) => each.return_id === ask.return_id);
	if (!view) return 'There is no such return any more. Look at the list again.';
	if (view.no_receipt !== null) return view.no_receipt;
	const units = (id: string | null) =>
		ask.lines.filter((line) => line.order_line_id === id).reduce((sum, line) => sum + line.quantity, 0);
	if (view.lines.every((line) => units(line.line_id) === 0)) return 'Say how many units of which line are here.';
	const lines = view.lines.map((line) => ({
		...line,
		here: Math.min(line.units, line.here + units(line.line_id)),
		condition: units(line.line_id) > 0 ? 'as new' : line.condition,
	}));
	const whole = lines.every((line) => line.here >= line.units);
	const now_here = prepared({
		...view,
		...stateOf(whole ? 'here' : 'part_here'),
		lines,
		since_ms: now,
		no_receipt: whole ? 'All of it is here.' : null,
		no_replacement: null,
	});
	const sentence = `Goods of return ${view.number} are here.`;
	return {
		all: all.map((each) => (each === view ? now_here : each)),
		said: { sentence, notes: [], undo: `goods-${view.return_id}-${now}` },
	};
}

/** The buyer who asked is answered; a sentence says why not. */
export function answered(
	all: readonly ReturnView[],
	ask: ReturnAnswerAsk,
): { all: ReturnView[]; said: GoodsNoted } | string {
	const view = all.find((each) => each.return_id === ask.return_id);
	if (!view) return 'There is no such return any more. Look at the list again.';
	if (view.no_answer !== null) return view.no_answer;
	const agreed = ask.decline === null;
	const now: ReturnView = {
		...view,
		...stateOf(agreed ? 'expected' : 'declined'),
		...(agreed ? {} : settled(view, 'declined')),
		no_answer: ANSWERED,
	};
	const sentence = `${agreed ? 'Agree to' : 'Decline'} return ${view.number} of ${view.order_number}.`;
	return { all: all.map((each) => (each === view ? now : each)), said: { sentence, notes: [], undo: null } };
}

/** The same again; a sentence says why not. */
export function replaced(
	all: readonly ReturnView[],
	ask: ReplaceAsk,
): { all: ReturnView[]; said: GoodsNoted } | string {
	const view = all.find((each) => each.return_id === ask.return_id);
	if (!view) return 'There is no such return any more. Look at the list again.';
	if (view.no_replacement !== null) return view.no_replacement;
	const over: ReturnView = { ...view, ...stateOf('replaced'), ...settled(view, 'replaced') };
	const sentence = `Send a replacement of ${view.order_number} to Harbour Shipping.`;
	return { all: all.map((each) => (each === view ? over : each)), said: { sentence, notes: [], undo: null } };
}

function settled(view: ReturnView, how: string): Partial<ReturnView> {
	const why = `It is settled: ${how}.`;
	return {
		prepared: null,
		no_receipt: why,
		no_refund: why,
		no_replacement: why,
		lines: view.lines.map((line) => ({ ...line, settled: line.here })),
	};
}

/** The prepared refund was approved. */
export function paid(all: readonly ReturnView[], effects: readonly number[]): ReturnView[] {
	return all.map((each) =>
		each.prepared !== null && effects.includes(each.prepared.effect)
			? { ...each, ...stateOf('refunded'), given: each.prepared.sum, ...settled(each, 'given back') }
			: each,
	);
}
