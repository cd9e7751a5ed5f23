// Where the window is: `#/queue?view=late&order=12`. A place and its parameters, nothing
// else, so that a notification, a bookmark and a click are the same thing.

export interface Place {
	name: string;
	params: Record<string, string>;
}

/** Reads `exceptions?cause=late`, with or without `#/` in front. */
export function readPlace(text: string): Place {
	const clean = text.replace(/^#?\/?/, '');
	const [name = '', query = ''] = clean.split('?', 2) as [string, string?];
	return { name: name || 'queue', params: Object.fromEntries(new URLSearchParams(query)) };
}

/** Writes it back; empty parameters are left out. */
export function writePlace(place: Place): string {
	const kept = Object.entries(place.params).filter(([, value]) => value !== '');
	const query = new URLSearchParams(kept).toString();
	return `#/${place.name}${query ? `?${query}` : ''}`;
}

class Route {
	place = $state.raw<Place>({ name: 'home', params: {} });

	get name(): string {
		return this.place.name;
	}
	get params(): Record<string, string> {
		return this.place.params;
	}

	/** Follows the address; returns how to stop. `first` is the place when the address says none. */
	start(first: string): () => void {
		const read = () => {
			this.place = readPlace(location.hash.length > 2 ? location.hash : first);
		};
		read();
		window.addEventListener('hashchange', read);
		return () => window.removeEventListener('hashchange', read);
	}

	/** Goes somewhere; the drawer closes unless asked for. */
	go(name: string, params: Record<string, string> = {}): void {
		this.#write({ name, params }, false);
	}

	/** Goes to a place written as text (`exceptions?cause=late`). */
	goText(text: string): void {
		this.#write(readPlace(text), false);
	}

	/** Changes some parameters and stays; no new step in the history. */
	set(params: Record<string, string | null>): void {
		const merged: Record<string, string> = { ...this.params };
		for (const [key, value] of Object.entries(params)) {
			if (value === null || value === '') delete merged[key];
			else merged[key] = value;
		}
		this.#write({ name: this.name, params: merged }, true);
	}

	#write(place: Place, replace: boolean): void {
		const hash = writePlace(place);
		this.place = place;
		if (hash === location.hash) return;
		if (replace) history.replaceState(null, '', hash);
		else history.pushState(null, '', hash);
	}
}

export const route = new Route();
