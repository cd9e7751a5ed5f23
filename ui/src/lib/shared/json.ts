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

/** Lines to show: not inside a folded one; with words, only matches and what leads to them. */
export function shown(all: readonly Line[], folded: ReadonlySet<string>, words: string): Line[] {
	const search = words.trim().toLowerCase();
	if (search !== '') {
		const hits = all.filter((line) => `${line.key ?? ''} ${line.text}`.toLowerCase().includes(search));
		const kept = new Set<string>();
		for (const hit of hits) {
			for (const line of all) {
				if (hit.path === line.path || hit.path.startsWith(`${line.path}.`) || hit.path.startsWith(`${line.path}[`)) {
					kept.add(line.path);
				}
			}
		}
		return all.filter((line) => kept.has(line.path));
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
