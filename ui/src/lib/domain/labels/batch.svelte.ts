// Labels for many orders: which can have one, what each would cost, and what became of it. Prices are asked one order
// after the other: the hub's budget is small, and a purchase asks again anyway.
import { asTrouble, desk } from '$lib/api/desk';
import type { ActOutcome, ActivityAsk, EffectView, LabelBatch, QuoteView, Targets, Trouble } from '$lib/api/types';
import { orderNav } from '../order-nav.svelte';
import { policyChoice } from './labels';

/** No batch takes more. */
export const BATCH_MAX = 500;
/** So many prices are asked without being told to. */
export const PRICED_AT_ONCE = 25;
const PAGE = 500;
/** Pages of the outbox that are looked through for what was just planned. */
const PAGES = 4;

export interface BatchRow {
	id: number;
	/** Null until somebody said it. */
	number: string | null;
	ticked: boolean;
	price:
		| { is: 'unasked' }
		| { is: 'asking' }
		| { is: 'quote'; quote: QuoteView; promised: string | null }
		/** The policy would buy nothing, or no price was had. */
		| { is: 'none'; why: string };
}

export class Batch {
	rows = $state.raw<BatchRow[]>([]);
	of = $state.raw<LabelBatch | null>(null);
	trouble = $state.raw<Trouble | null>(null);
	pricing = $state(false);
	/** What became of each that was bought for, by order. */
	effects = $state.raw<ReadonlyMap<number, EffectView>>(new Map());
	outcome = $state.raw<ActOutcome | null>(null);
	#round = 0;
	#before = 0;

	readonly ticked = $derived(this.rows.filter((row) => row.ticked));
	readonly quotes = $derived(this.ticked.flatMap((row) => (row.price.is === 'quote' ? [row.price.quote] : [])));
	readonly unasked = $derived(this.rows.filter((row) => row.price.is === 'unasked').length);

	/** Which of them can have a label, and what the first ones would cost. */
	async load(targets: Targets): Promise<void> {
		const mine = ++this.#round;
		this.trouble = null;
		try {
			const named = await orders(targets);
			if (named.size > BATCH_MAX) {
				const sentence = `More than ${BATCH_MAX} orders are selected, and labels are bought for at most ${BATCH_MAX} at once. Select fewer.`;
				throw { code: 'input', sentence, field: null } satisfies Trouble;
			}
			const of = await desk().label_batch([...named.keys()]);
			if (mine !== this.#round) return;
			this.of = of;
			this.rows = of.ready.map((id) => ({
				id,
				number: named.get(id) ?? null,
				ticked: true,
				price: { is: 'unasked' },
			}));
			await this.price(PRICED_AT_ONCE);
		} catch (thrown) {
			if (mine === this.#round) this.trouble = asTrouble(thrown);
		}
	}

	/** Asks for the prices of so many rows that have none yet. */
	async price(many: number): Promise<void> {
		if (this.pricing) return;
		const mine = this.#round;
		this.pricing = true;
		const wanted = this.rows.filter((row) => row.price.is === 'unasked').slice(0, many);
		for (const { id } of wanted) {
			if (mine !== this.#round || !this.pricing) break;
			this.#put(id, { price: { is: 'asking' } });
			const answer = await desk()
				.label_quotes(id, null)
				.catch((thrown: unknown) => asTrouble(thrown).sentence);
			if (mine !== this.#round) return;
			if (typeof answer === 'string') {
				this.#put(id, { ticked: false, price: { is: 'none', why: answer } });
				continue;
			}
			const quote = policyChoice(answer);
			this.#put(id, {
				number: answer.number,
				...(quote === null
					? { ticked: false, price: { is: 'none', why: answer.because } }
					: { price: { is: 'quote', quote, promised: answer.promised } }),
			});
		}
		if (mine === this.#round) this.pricing = false;
	}

	/** No more prices are asked; the one that is out is still heard. */
	stop(): void {
		this.pricing = false;
	}
	/** Nobody looks any more. */
	leave(): void {
		this.#round++;
		this.pricing = false;
	}

	tick(id: number, ticked: boolean): void {
		this.#put(id, { ticked });
	}
	#put(id: number, more: Partial<BatchRow>): void {
		this.rows = this.rows.map((row) => (row.id === id ? { ...row, ...more } : row));
	}

	/** Remembers what was planned before, so that what comes now is known. */
	async mark(): Promise<void> {
		const [newest] = await desk().effects({ ...ALL, limit: 1 });
		this.#before = newest?.id ?? 0;
	}

	/** What became of each so far. */
	async follow(): Promise<void> {
		const mine = this.#round;
		const ids = new Set(this.rows.map((row) => row.id));
		const found = new Map<number, EffectView>();
		let before: number | null = null;
		for (let page = 0; page < PAGES; page++) {
			const rows: EffectView[] = await desk().effects({ ...ALL, before, limit: PAGE });
			for (const each of rows) {
				if (each.id <= this.#before || each.kind !== 'buy_label' || each.order_id === null) continue;
				if (ids.has(each.order_id) && !found.has(each.order_id)) found.set(each.order_id, each);
			}
			before = rows.at(-1)?.id ?? null;
			if (rows.length < PAGE || before === null || before <= this.#before) break;
		}
		if (mine === this.#round) this.effects = found;
	}
}

const ALL: ActivityAsk = { connection: null, states: [], text: '', before: null, limit: PAGE };

/** The orders that are meant, by id, with their numbers where the list knows them; a few more than a batch takes at most. */
async function orders(targets: Targets): Promise<Map<number, string | null>> {
	if (targets.of === 'orders') return new Map(targets.which.map((id) => [id, orderNav.walk?.name?.(id) ?? null]));
	const found = new Map<number, string | null>();
	if (targets.of !== 'matching') return found;
	let after: string | null = null;
	do {
		const page = await desk().queue({
			view: '',
			text: '',
			sort: '',
			descending: false,
			...targets.which,
			skip: 0,
			after,
			limit: PAGE,
		});
		for (const row of page.rows) found.set(row.id, row.number);
		after = page.next;
	} while (after !== null && found.size <= BATCH_MAX);
	return found;
}
