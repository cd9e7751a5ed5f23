import { expect, it } from 'vitest';
import { cut, hits, lines, shown } from './json';

const text = JSON.stringify({ id: 7, name: 'Ingrid', lines: [{ sku: 'A' }, { sku: 'B', gone: null }], ok: true });
const paths = (list: { path: string }[]) => list.map((line) => line.path);

it('lists every value with its path', () => {
	expect(paths(lines(text))).toEqual([
		'$',
		'$.id',
		'$.name',
		'$.lines',
		'$.lines[0]',
		'$.lines[0].sku',
		'$.lines[1]',
		'$.lines[1].sku',
		'$.lines[1].gone',
		'$.ok',
	]);
	expect(lines(text).find((line) => line.path === '$.lines')).toMatchObject({ kind: 'array', size: 2 });
});

it('folds, and comes back after the folded part', () => {
	expect(paths(shown(lines(text), new Set(['$.lines']), ''))).toEqual(['$', '$.id', '$.name', '$.lines', '$.ok']);
	expect(paths(shown(lines(text), new Set(['$.lines[0]']), ''))).not.toContain('$.lines[0].sku');
	expect(paths(shown(lines(text), new Set(['$.lines[0]']), ''))).toContain('$.lines[1].sku');
});

it('finds keys and values, with what leads to them, whatever is folded', () => {
	expect(paths(shown(lines(text), new Set(['$.lines']), '"b"'))).toEqual([
		'$',
		'$.lines',
		'$.lines[1]',
		'$.lines[1].sku',
	]);
	expect(paths(shown(lines(text), new Set(), 'nothing'))).toEqual([]);
});

it('shows a text that is no JSON as it is', () => {
	expect(lines('<html>')).toEqual([{ path: '$', depth: 0, key: null, text: '<html>', kind: 'string', size: 0 }]);
});

it('cuts a text at the words it was searched for', () => {
	expect(cut('HG-LAMP-S, hg-lamp-l', 'lamp')).toEqual([
		{ text: 'HG-', hit: false },
		{ text: 'LAMP', hit: true },
		{ text: '-S, hg-', hit: false },
		{ text: 'lamp', hit: true },
		{ text: '-l', hit: false },
	]);
	expect(cut('plain', ' ')).toEqual([{ text: 'plain', hit: false }]);
	expect(cut('İstanbul lamp', 'lamp')).toEqual([{ text: 'İstanbul lamp', hit: false }]);
});

it('searches a large answer in one pass', () => {
	const large = lines(
		JSON.stringify({ rows: Array.from({ length: 20_000 }, (_, i) => ({ id: i, sku: `S-${i % 7}` })) }),
	);
	const started = performance.now();
	const found = shown(large, new Set(), 'S-3');
	expect(found.filter((line) => line.key === 'sku')).toHaveLength(hits(large, 'S-3').length);
	expect(performance.now() - started).toBeLessThan(1500);
});
