// One answer of the desk, kept fresh. What was known is shown at once when a screen comes
// back, and stays on screen when a refresh fails; the trouble stands beside it.
import { asTrouble } from '$lib/api/desk';
import type { Trouble } from '$lib/api/types';
import { app } from './app.svelte';
import { InTurn } from './in-turn';

const known = new Map<string, unknown>();
/** What somebody changed in an editor and has not kept yet: it waits while another place is looked at. */
const drafts = new Map<string, unknown>();

/** What was answered last under this key, if anything was. */
export function lastKnown<T>(key: string): T | null {
	return (known.get(key) as T | undefined) ?? null;
}

/** The draft of an editor, if one was left. */
export function draft<T>(key: string): T | null {
	return (drafts.get(key) as T | undefined) ?? null;
}
/** Leaves a draft; null takes it away. */
export function leaveDraft(key: string, value: unknown): void {
	if (value === null) drafts.delete(key);
	else drafts.set(key, value);
}

export class Live<T> {
	value = $state.raw<T | null>(null);
	trouble = $state.raw<Trouble | null>(null);
	#round = 0;
	#turns = new InTurn();
	#key: string;
	#load: () => Promise<T>;
	#topics: readonly string[];

	constructor(key: string, load: () => Promise<T>, topics: readonly string[]) {
		this.#key = key;
		this.#load = load;
		this.#topics = topics;
		this.value = (known.get(key) as T | undefined) ?? null;
	}

	/** Asks, and asks again when a topic changes; for an `$effect`. Returns how to stop. */
	start(): () => void {
		void this.refresh();
		const leave = app.on(this.#topics, (changed) => {
			if (changed.topics.includes('all')) {
				forgetLive();
				this.#drop();
			}
			void this.refresh();
		});
		return () => {
			this.#drop();
			leave();
		};
	}

	/** Asks now, or once more when the question that is out was answered: each answer is shown. */
	refresh(): Promise<void> {
		const round = this.#round;
		return this.#turns.run(() => this.#ask(round));
	}

	/** What is under way was asked by another desk, or for nobody. */
	#drop(): void {
		this.#round++;
		this.#turns.forget();
	}

	async #ask(round: number): Promise<void> {
		try {
			const value = await this.#load();
			if (round !== this.#round) return;
			this.value = value;
			this.trouble = null;
			known.set(this.#key, value);
		} catch (thrown) {
			if (round === this.#round) this.trouble = asTrouble(thrown);
		}
	}
}

/** Forgets everything known and everything begun: it belonged to another desk. */
export function forgetLive(): void {
	known.clear();
	drafts.clear();
}
