// What a person arranged for themselves (views, columns, grouping, first steps), kept by the
// desk with the profile: another window, a restored backup and another profile each show their own.
import { desk } from '$lib/api/desk';
import type { Console } from '$lib/api/types';
import { app } from './app.svelte';

const NOTHING: Console = { views: [], columns: [], last_view: '', plan_seen_at_ms: null, steps_hidden: false };

class Arranged {
	value = $state.raw<Console>(NOTHING);
	/** It was read from the desk that is open now. */
	known = $state(false);
	#saving: Promise<unknown> = Promise.resolve();

	/** Reads it, and again when the desk or its settings change. Returns how to stop. */
	start(): () => void {
		void this.load();
		return app.on(['settings'], () => void this.load());
	}

	async load(): Promise<void> {
		if (app.desk.state !== 'ready') return;
		try {
			await this.#saving;
			this.value = await desk().console();
			this.known = true;
		} catch {
			// What was known stands; a screen says what went wrong.
		}
	}

	/** Changes some of it: shown at once, kept by the desk, put back if the desk refuses. */
	async save(patch: Partial<Console>): Promise<boolean> {
		const before = this.value;
		const wanted = { ...before, ...patch };
		this.value = wanted;
		const saving = app.attempt(() => desk().put_console(wanted));
		this.#saving = saving;
		const saved = await saving;
		if (this.value === wanted) this.value = saved ?? before;
		return saved !== null;
	}

	/** Tests and another desk begin anew. */
	forget(): void {
		this.value = NOTHING;
		this.known = false;
	}
}

export const arranged = new Arranged();
