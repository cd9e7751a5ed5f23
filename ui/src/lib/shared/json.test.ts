import { expect, it } from 'vitest';
import { lines, shown } from './json';

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
