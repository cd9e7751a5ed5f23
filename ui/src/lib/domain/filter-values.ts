// Values of the filter that only the orders know, asked while somebody types. What was answered
// is kept until the box is left: going back over a word asks nothing anew.
import { desk } from '$lib/api/desk';
import type { FilterValue } from '$lib/api/types';
import { count, plural } from '$lib/shared/money';
import type { Known } from './filter';

export interface Question {
	key: string;
	typed: string;
}

/** How many orders have it, in words; nothing of one that was only seen elsewhere. */
export function often({ orders, at_least }: Omit<FilterValue, 'value'>, key: string): string {
	if (orders === 0) return '';
	const one = key === 'carrier' ? 'parcel' : 'order';
	return at_least ? `${count(orders)} ${one}s or more` : plural(orders, one);
}

export class FilterValues {
	#answers = new Map<string, readonly Known[]>();

	/** What is known already; undefined: it has to be asked. */
	known(question: Question): readonly Known[] | undefined {
		return this.#answers.get(this.#name(question));
	}
	/** Asks. A desk that cannot say leaves the box with what it knows by itself. */
	async ask(question: Question): Promise<void> {
		const answers = this.#answers;
		const found = await desk()
			.filter_values(question.key, question.typed)
			.catch(() => []);
		answers.set(
			this.#name(question),
			found.map((each): Known => [each.value, often(each, question.key)]),
		);
	}
	forget(): void {
		this.#answers = new Map();
	}
	#name({ key, typed }: Question): string {
		return `${key}:${typed.toLowerCase()}`;
	}
}
