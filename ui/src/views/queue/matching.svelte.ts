// How many orders "all that match" are. The queue's own number stops early, as nobody reads more
// digits; an act takes all of them. So before a person is asked "Cancel … orders?" they are counted
// to the end, by asking for single places: the queue answers what the act will find.
import { desk } from '$lib/api/desk';
import type { QueueAsk, QueuePage } from '$lib/api/types';
import { InTurn } from '$lib/domain/in-turn';

/** Orders that one act may be about; the desk refuses more. */
export const ACT_MAX = 20_000;

/** Counts to the end in some fifteen questions; null: more than one act may be about. */
export async function countMatching(
	ask: QueueAsk,
	queue: (ask: QueueAsk) => Promise<QueuePage>,
): Promise<number | null> {
	const at = (skip: number) => queue({ ...ask, sort: 'placed', descending: false, after: null, skip, limit: 1 });
	const first = await at(0);
	if (!first.total_at_least) return first.total <= ACT_MAX ? first.total : null;
	if ((await at(ACT_MAX)).rows.length > 0) return null;
	let [low, high] = [first.total, ACT_MAX];
	while (low < high) {
		const middle = Math.floor((low + high) / 2);
		if ((await at(middle)).rows.length > 0) low = middle + 1;
		else high = middle;
	}
	return low;
}

export class Matching {
	/** Counted to the end; null: not yet, or it could not be. */
	n = $state<number | null>(null);
	/** More than one act may be about. */
	tooMany = $state(false);
	#round = 0;
	#turns = new InTurn();

	/** Counts, again when something changed; the last number stands until then. */
	count(ask: QueueAsk): Promise<void> {
		const round = this.#round;
		return this.#turns.run(async () => {
			try {
				const n = await countMatching(ask, (each) => desk().queue(each));
				if (round !== this.#round) return;
				this.n = n;
				this.tooMany = n === null;
			} catch {
				// No number is said rather than a wrong one; the act itself says what is wrong.
				if (round === this.#round) this.n = null;
			}
		});
	}
	forget(): void {
		this.#round++;
		this.#turns.forget();
		this.n = null;
		this.tooMany = false;
	}
}
