// Views of the queue: ready-made ones and the person's own, which the desk keeps.
import { desk } from '$lib/api/desk';
import type { SavedView } from '$lib/api/types';
import { t } from '$lib/shared/words.svelte';
import { arranged } from './arranged.svelte';
import { InTurn } from './in-turn';

export interface View extends SavedView {
	own: boolean;
	tone?: 'warning' | 'danger';
}

const ready = (id: string, labelId: string, tone?: View['tone']): View => ({
	id,
	// Asked for when it is shown, in the language of then.
	get label() {
		return t(labelId);
	},
	view: id,
	text: '',
	sort: '',
	descending: false,
	group: '',
	own: false,
	tone,
});

export const READY: readonly View[] = [
	ready('open', 'view-open'),
	ready('today', 'view-today'),
	ready('at_risk', 'view-at-risk', 'warning'),
	ready('late', 'view-late', 'danger'),
	ready('held', 'view-held'),
	ready('unpaid', 'view-unpaid'),
	ready('asked', 'view-asked', 'warning'),
	ready('shipped', 'view-shipped'),
];

class Views {
	counts = $state.raw<Record<string, { n: number; more: boolean }>>({});
	#turns = new InTurn();

	get own(): readonly View[] {
		return arranged.value.views.map((view) => ({ ...view, own: true }));
	}

	find(id: string): View {
		return [...READY, ...this.own].find((each) => each.id === id) ?? (READY[0] as View);
	}

	/** Adds one under a name nobody has yet; gives it, or null if the desk refused. */
	async add(wanted: Omit<SavedView, 'id'>): Promise<View | null> {
		const taken = new Set([...READY, ...this.own].map((each) => each.id));
		const slug = wanted.label.toLowerCase().replace(/[^a-z0-9]+/g, '-') || 'view';
		let id = `own-${slug}`;
		for (let n = 2; taken.has(id); n++) id = `own-${slug}-${n}`;
		const made = { id, ...wanted };
		const kept = await arranged.save({ views: [...arranged.value.views, made] });
		if (!kept) return null;
		void this.count();
		return { ...made, own: true };
	}
	change(id: string, patch: Partial<Omit<SavedView, 'id'>>): void {
		const views = arranged.value.views.map((each) => (each.id === id ? { ...each, ...patch } : each));
		void arranged.save({ views }).then(() => this.count());
	}
	/** One place to the left or right. */
	move(id: string, by: 1 | -1): void {
		const views = [...arranged.value.views];
		const at = views.findIndex((each) => each.id === id);
		const [moved] = views.splice(at, 1);
		if (!moved) return;
		views.splice(Math.max(0, at + by), 0, moved);
		void arranged.save({ views });
	}
	remove(id: string): void {
		void arranged.save({ views: arranged.value.views.filter((each) => each.id !== id) });
	}

	/** Counts of views the rail's numbers do not cover; each view is one question, so not for every change. */
	count(): Promise<void> {
		return this.#turns.run(() => this.#count());
	}
	async #count(): Promise<void> {
		const asked: View[] = [READY[1] as View, ...this.own];
		const found = await Promise.all(
			asked.map((each) =>
				desk()
					.queue({ view: each.view, text: each.text, sort: '', descending: false, after: null, skip: 0, limit: 1 })
					.then((page) => [each.id, { n: page.total, more: page.total_at_least }] as const)
					.catch(() => null),
			),
		);
		this.counts = Object.fromEntries(found.filter((each) => each !== null));
	}
}

export const views = new Views();
