// Views of the queue: ready-made ones and the person's own. Their own live in this
// window's storage: a name and the filter text, nothing about any order.
import { desk } from '$lib/api/desk';

export interface View {
	id: string;
	label: string;
	/** The desk's ready-made view underneath. */
	view: string;
	text: string;
	own: boolean;
	tone?: 'warning' | 'danger';
}

export const READY: readonly View[] = [
	{ id: 'open', label: 'Open', view: 'open', text: '', own: false },
	{ id: 'today', label: 'Today', view: 'today', text: '', own: false },
	{ id: 'at_risk', label: 'At risk', view: 'at_risk', text: '', own: false, tone: 'warning' },
	{ id: 'late', label: 'Late', view: 'late', text: '', own: false, tone: 'danger' },
	{ id: 'held', label: 'On hold', view: 'held', text: '', own: false },
	{ id: 'unpaid', label: 'Unpaid', view: 'unpaid', text: '', own: false },
	{ id: 'asked', label: 'Waits for you', view: 'asked', text: '', own: false, tone: 'warning' },
	{ id: 'shipped', label: 'Shipped', view: 'shipped', text: '', own: false },
];

const STORED = 'quayside.views';

function readOwn(): View[] {
	try {
		const list = JSON.parse(localStorage.getItem(STORED) ?? '[]') as unknown;
		if (!Array.isArray(list)) return [];
		return (list as View[]).filter((each) => typeof each.id === 'string' && typeof each.label === 'string');
	} catch {
		return [];
	}
}

class Views {
	own = $state.raw<readonly View[]>(readOwn());
	counts = $state.raw<Record<string, number>>({});

	find(id: string): View {
		return [...READY, ...this.own].find((each) => each.id === id) ?? (READY[0] as View);
	}

	add(label: string, view: string, text: string): View {
		const taken = new Set([...READY, ...this.own].map((each) => each.id));
		const slug = label.toLowerCase().replace(/[^a-z0-9]+/g, '-') || 'view';
		let id = `own-${slug}`;
		for (let n = 2; taken.has(id); n++) id = `own-${slug}-${n}`;
		const made: View = { id, label, view, text, own: true };
		this.#put([...this.own, made]);
		void this.count();
		return made;
	}
	change(id: string, patch: Partial<Pick<View, 'label' | 'text'>>): void {
		this.#put(this.own.map((each) => (each.id === id ? { ...each, ...patch } : each)));
	}
	remove(id: string): void {
		this.#put(this.own.filter((each) => each.id !== id));
	}

	/** Counts of views the rail's numbers do not cover. */
	async count(): Promise<void> {
		const asked: View[] = [READY[1] as View, ...this.own];
		const found = await Promise.all(
			asked.map((each) =>
				desk()
					.queue({ view: each.view, text: each.text, sort: '', descending: false, after: null, limit: 1 })
					.then((page) => [each.id, page.total] as const)
					.catch(() => null),
			),
		);
		this.counts = Object.fromEntries(found.filter((each) => each !== null));
	}

	#put(own: readonly View[]): void {
		this.own = own;
		localStorage.setItem(STORED, JSON.stringify(own));
	}
}

export const views = new Views();
