// A JSON text as a flat list of lines that can be folded and searched. Pure.

export interface Line {
	/** Where it is: `$.lineItems.nodes[2].sku`. */
	path: string;
	depth: number;
	key: string | null;
	/** Shown value, or what opens (`{`, `[`). */
	text: string;
	kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';
	/** How many things are inside, for objects and arrays. */
	size: number;
}

/** All lines in reading order; a text that is no JSON is one line. */
export function lines(text: string): Line[] {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return [{ path: '$', depth: 0, key: null, text, kind: 'string', size: 0 }];
	}
	const found: Line[] = [];
	const walk = (each: unknown, path: string, key: string | null, depth: number) => {
		if (Array.isArray(each)) {
			found.push({ path, depth, key, text: '[', kind: 'array', size: each.length });
			each.forEach((item, i) => walk(item, `${path}[${i}]`, String(i), depth + 1));
		} else if (each !== null && typeof each === 'object') {
			const entries = Object.entries(each);
			found.push({ path, depth, key, text: '{', kind: 'object', size: entries.length });
			for (const [name, item] of entries) walk(item, `${path}.${name}`, name, depth + 1);
		} else {
			const kind = each === null ? 'null' : (typeof each as Line['kind']);
			found.push({ path, depth, key, text: JSON.stringify(each), kind, size: 0 });
		}
	};
	walk(value, '$', null, 0);
	return found;
}

/** Lines whose key or value contains the words. */
export function hits(all: readonly Line[], words: string): Line[] {
	const search = words.trim().toLowerCase();
	return search === '' ? [] : all.filter((line) => `${line.key ?? ''} ${line.text}`.toLowerCase().includes(search));
}

/** A text cut at the words, so that they can be marked. */
export function cut(text: string, words: string): { text: string; hit: boolean }[] {
	const search = words.trim().toLowerCase();
	if (search === '') return [{ text, hit: false }];
	const lower = text.toLowerCase();
	// Letters that change their length in lower case would shift every cut behind them.
	if (lower.length !== text.length) return [{ text, hit: false }];
	const parts: { text: string; hit: boolean }[] = [];
	let from = 0;
	for (let at = lower.indexOf(search); at >= 0; at = lower.indexOf(search, from)) {
		if (at > from) parts.push({ text: text.slice(from, at), hit: false });
		parts.push({ text: text.slice(at, at + search.length), hit: true });
		from = at + search.length;
	}
	if (from < text.length) parts.push({ text: text.slice(from), hit: false });
	return parts;
}

/** Lines to show: not inside a folded one; with words, only matches and what leads to them. */
export function shown(all: readonly Line[], folded: ReadonlySet<string>, words: string): Line[] {
	if (words.trim() !== '') {
		const matching = new Set(hits(all, words));
		// From the end backwards: a line leads to a match if one followed deeper down.
		const kept: Line[] = [];
		let wanted = -1;
		for (let i = all.length - 1; i >= 0; i--) {
			const line = all[i] as Line;
			if (matching.has(line) || line.depth < wanted) {
				kept.push(line);
				wanted = line.depth;
			} else if (line.depth === 0) wanted = -1;
		}
		return kept.reverse();
	}
	const found: Line[] = [];
	let hiddenBelow = Infinity;
	for (const line of all) {
		if (line.depth > hiddenBelow) continue;
		hiddenBelow = folded.has(line.path) ? line.depth : Infinity;
		found.push(line);
	}
	return found;
}
