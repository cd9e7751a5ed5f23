// Which list the drawer walks through. A screen that shows orders offers its order of them.

export interface Walk {
	/** Where the order stands: index from 0, and of how many. */
	place: (id: number) => { index: number; of: number } | null;
	/** The neighbour, or null at the end. */
	step: (id: number, by: 1 | -1) => number | null;
	/** What people call an order of it. */
	name?: (id: number) => string | null;
	/** Where focus goes when the drawer closes. */
	home?: (id: number) => HTMLElement | null;
}

class OrderNav {
	walk = $state.raw<Walk | null>(null);

	offer(walk: Walk): () => void {
		this.walk = walk;
		return () => {
			if (this.walk === walk) this.walk = null;
		};
	}
}

export const orderNav = new OrderNav();

/** A walk over a plain list of ids. */
export function walkOf(ids: () => readonly number[], home?: Walk['home']): Walk {
	return {
		place: (id) => {
			const index = ids().indexOf(id);
			return index < 0 ? null : { index, of: ids().length };
		},
		step: (id, by) => ids()[ids().indexOf(id) + by] ?? null,
		home,
	};
}
