// Every text colour of the vocabulary reaches 4.5:1 on every surface it may stand on, and a
// field's edge reaches 3:1, in every theme; in high contrast text reaches 7:1.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');
const read = (block: string) =>
	Object.fromEntries(
		[...block.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1] as string, m[2] as string]),
	);
const NAMES = ['light', 'dark', 'contrast-light', 'contrast-dark'];
const blocks = css.split(/\[data-theme='[a-z-]+'\] \{/);
const light = read(blocks[0] ?? '');
const themes: [string, Record<string, string>][] = NAMES.map((name, i) => [
	name,
	{ ...light, ...read(blocks[i] ?? '') },
]);

it('every theme has its own block', () => {
	expect(blocks).toHaveLength(NAMES.length);
	expect(new Set(themes.map(([, token]) => token['surface'])).size).toBe(4);
});

function luminance(hex: string): number {
	const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
		const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
		return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
	const [x, y] = [luminance(a), luminance(b)];
	return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

describe.each(themes)('%s', (name, token) => {
	const text = name.startsWith('contrast') ? 7 : 4.5;
	const grounds = ['bg', 'surface', 'sunken', 'hover', 'selected', 'accent-soft'];
	const tones = ['danger', 'warning', 'success', 'info', 'hold'];
	const pairs: [string, string, number][] = [
		...['text', 'muted', 'faint', 'accent', ...tones].flatMap((ink) =>
			grounds.map((ground): [string, string, number] => [ink, ground, text]),
		),
		...tones.flatMap((tone): [string, string, number][] => [
			[tone, `${tone}-soft`, text],
			['text', `${tone}-soft`, text],
			['muted', `${tone}-soft`, text],
		]),
		['on-accent', 'accent', text],
		['on-accent', 'accent-strong', text],
		['accent-strong', 'accent-soft', text],
		['field-line', 'surface', 3],
	];
	it.each(pairs)('%s on %s reaches %d:1', (ink, ground, least) => {
		expect(contrast(token[ink] as string, token[ground] as string)).toBeGreaterThanOrEqual(least);
	});
});
