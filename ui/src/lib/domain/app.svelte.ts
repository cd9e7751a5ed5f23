// What the whole window knows: the desk's state, the counts in the rail, the settings,
// the time, running jobs, and who wants to hear of changes.
import { asTrouble, desk } from '$lib/api/desk';
import type { Changed, Counts, DeskState, Progress, Settings, Trouble } from '$lib/api/types';
import { route } from '$lib/shared/route.svelte';
import { say } from '$lib/shared/say.svelte';
import { toasts } from '$lib/shared/toasts.svelte';

/** Changes that come close together are looked at once. */
const GATHER_MS = 250;
/** How long a job that ended stays readable. */
const ENDED_STAYS_MS = 4000;

type Listener = { topics: readonly string[]; heard: (changed: Changed) => void };

class App {
	desk = $state.raw<DeskState>({ state: 'opening' });
	counts = $state.raw<Counts | null>(null);
	/** Why the counts could not be read the last time. */
	#unread = $state.raw<string | null>(null);
	settings = $state.raw<Settings | null>(null);
	jobs = $state.raw<readonly Progress[]>([]);
	/** Now, each second. */
	now = $state(Date.now());
	/** Now, each half minute: for lists, so that they do not redraw every second. */
	slow = $state(Date.now());

	#listeners = new Set<Listener>();
	#gathered: Changed | null = null;
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** Opens: listens, asks for the state, starts the clock. Returns how to stop. */
	start(): () => void {
		const tick = () => {
			this.now = desk().now();
			if (Math.abs(this.now - this.slow) >= 15_000) this.slow = this.now;
		};
		this.now = this.slow = desk().now();
		const clock = setInterval(tick, 1000);
		const leave = desk().listen({
			changed: (changed) => this.#hear(changed),
			progress: (progress) => this.#progress(progress),
			desk_state: (state) => this.#state(state),
			go: (place) => route.goText(place),
		});
		void this.reask();
		return () => {
			clearInterval(clock);
			leave();
		};
	}

	/** Asks for the desk's state again (an account was connected or removed). */
	async reask(): Promise<void> {
		try {
			this.#state(await desk().desk_state());
		} catch (thrown) {
			this.#state({ state: 'broken', trouble: asTrouble(thrown), ways_out: ['try_again'] });
		}
	}

	#state(state: DeskState): void {
		this.desk = state;
		if (state.state !== 'ready') return;
		void this.refreshCounts();
		void this.refreshSettings();
		// Whatever is on screen belongs to the desk that was open before.
		this.#tell({ topics: ['all'], orders: [] });
	}

	async refreshCounts(): Promise<void> {
		try {
			const before = this.counts;
			const counts = await desk().counts();
			this.counts = counts;
			this.#unread = null;
			if (before && counts.exceptions > before.exceptions) {
				say.now(`${counts.exceptions} exceptions need you`);
			}
		} catch (thrown) {
			// The numbers stay as they were last true; the frame says that nothing can be read.
			const { code, sentence } = asTrouble(thrown);
			if (code === 'storage') this.#unread = sentence;
		}
	}

	async refreshSettings(): Promise<void> {
		try {
			this.settings = await desk().settings();
		} catch {
			// Defaults stand until the settings can be read.
		}
	}

	/** Changes some settings: painted at once, kept by the desk. */
	async saveSettings(patch: Partial<Settings>): Promise<void> {
		if (!this.settings) return;
		const before = this.settings;
		const wanted = { ...before, ...patch };
		this.settings = wanted;
		const saved = await this.attempt(() => desk().put_settings(wanted));
		this.settings = saved ?? before;
	}

	/** Hears of changes to topics; returns how to stop. */
	on(topics: readonly string[], heard: (changed: Changed) => void): () => void {
		const listener = { topics, heard };
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#hear(changed: Changed): void {
		const soFar = this.#gathered;
		const many = (each: Changed) => each.topics.includes('orders') && each.orders.length === 0;
		this.#gathered = soFar
			? {
					topics: [...new Set([...soFar.topics, ...changed.topics])],
					// No ids with topic `orders` means many; adding some ids must not make it few.
					orders: many(soFar) || many(changed) ? [] : [...new Set([...soFar.orders, ...changed.orders])],
				}
			: changed;
		if (this.#timer === undefined)
			this.#timer = setTimeout(() => {
				this.#timer = undefined;
				const all = this.#gathered;
				this.#gathered = null;
				if (!all) return;
				void this.refreshCounts();
				if (all.topics.includes('settings')) void this.refreshSettings();
				this.#tell(all);
			}, GATHER_MS);
	}

	#tell(changed: Changed): void {
		for (const listener of this.#listeners) {
			const all = changed.topics.includes('all');
			if (all || listener.topics.some((topic) => changed.topics.includes(topic))) listener.heard(changed);
		}
	}

	#progress(progress: Progress): void {
		const others = this.jobs.filter((job) => job.job !== progress.job);
		this.jobs = [...others, progress];
		if (progress.ended === null) return;
		if (progress.ended === 'failed') toasts.show({ tone: 'danger', sentence: progress.sentence });
		else say.now(progress.sentence);
		setTimeout(() => (this.jobs = this.jobs.filter((job) => job.job !== progress.job)), ENDED_STAYS_MS);
	}

	/** Runs something a person asked for; a refusal becomes a toast. */
	async attempt<T>(work: () => Promise<T>): Promise<T | null> {
		try {
			return await work();
		} catch (thrown) {
			this.trouble(asTrouble(thrown));
			return null;
		}
	}

	trouble(trouble: Trouble): void {
		toasts.show({ tone: 'danger', sentence: trouble.sentence });
	}

	get atRiskMin(): number {
		return this.settings?.at_risk_min ?? 180;
	}
	/** Why nothing can be kept or read just now. */
	get stopped(): string | null {
		return this.#unread ?? this.counts?.trouble ?? null;
	}
	get sandbox(): boolean {
		return this.desk.state === 'ready' && this.desk.sandbox;
	}
}

export const app = new App();
