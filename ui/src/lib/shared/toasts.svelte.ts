// What just happened, for ten seconds, with a way back where there is one. The way back stays
// longer than the sentence: what can be taken back is kept in `lately`.
import { say } from './say.svelte';

export interface Toast {
	id: number;
	tone: 'neutral' | 'success' | 'warning' | 'danger';
	sentence: string;
	undo?: () => void;
	more?: { label: string; act: () => void };
	/** The desk's token of the way back: whoever uses it elsewhere says so with `used`. */
	token?: string;
}

/** Something that was done and can be taken back still. */
export interface Done {
	id: number;
	sentence: string;
	/** When, by this computer's clock, ms. */
	at_ms: number;
	undo: () => void;
	token?: string;
}

const STAYS_MS = 10_000;
/** As long as the desk keeps a token (`api/src/undo.rs`), and as many. */
export const BACK_MS = 10 * 60_000;
const BACK_MAX = 50;

class Toasts {
	list = $state.raw<readonly Toast[]>([]);
	/** What can be taken back, newest first. */
	lately = $state.raw<readonly Done[]>([]);
	#last = 0;
	#timers = new Map<number, ReturnType<typeof setTimeout>>();

	show(toast: Omit<Toast, 'id'>): number {
		const id = ++this.#last;
		// A key pressed twice says the same thing once more, not twice.
		const again = (each: Toast) => !each.undo && !each.more && each.sentence === toast.sentence;
		// Three at most: older ones have been said.
		this.list = [...this.list.filter((each) => !again(each)).slice(-2), { ...toast, id }];
		this.resume(id);
		// Danger is an alert and speaks for itself.
		if (toast.tone !== 'danger') say.now(toast.sentence);
		if (toast.undo) this.#keep(id, toast.sentence, toast.undo, toast.token);
		return id;
	}
	#keep(id: number, sentence: string, undo: () => void, token: string | undefined): void {
		const done: Done = { id, sentence, at_ms: Date.now(), undo, ...(token === undefined ? {} : { token }) };
		this.lately = [done, ...this.lately].slice(0, BACK_MAX);
		setTimeout(() => this.#drop(id), BACK_MS);
	}
	#drop(id: number): void {
		if (this.lately.some((each) => each.id === id)) this.lately = this.lately.filter((each) => each.id !== id);
	}
	/** Its way back was taken from somewhere else: it works once. */
	used(token: string): void {
		for (const each of this.lately.filter((done) => done.token === token)) {
			this.#drop(each.id);
			this.close(each.id);
		}
	}
	/** Nothing was done here yet (another desk, another test). */
	forget(): void {
		for (const toast of this.list) this.close(toast.id);
		this.lately = [];
	}
	close(id: number): void {
		clearTimeout(this.#timers.get(id));
		this.#timers.delete(id);
		this.list = this.list.filter((toast) => toast.id !== id);
	}
	/** The pointer or the focus is on it: it stays. */
	pause(id: number): void {
		clearTimeout(this.#timers.get(id));
	}
	resume(id: number): void {
		clearTimeout(this.#timers.get(id));
		this.#timers.set(
			id,
			setTimeout(() => this.close(id), STAYS_MS),
		);
	}
	/** Takes one thing back: from its toast, or from the list of what was done lately. */
	undo(id: number): void {
		const done = this.lately.find((each) => each.id === id);
		this.#drop(id);
		this.close(id);
		done?.undo();
	}
	/** Takes back the last thing that still stands on the screen; false when none does. */
	undoLast(): boolean {
		const toast = this.list.findLast((each) => this.lately.some((done) => done.id === each.id));
		if (!toast) return false;
		this.undo(toast.id);
		return true;
	}
}

export const toasts = new Toasts();
