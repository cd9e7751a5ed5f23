// Every text colour of the vocabulary reaches 4.5:1 on every surface it may stand on, and a
// field's edge reaches 3:1, in both themes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');
const read = (block: string) =>
	Object.fromEntries(
		[...block.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1] as string, m[2] as string]),
	);
const [lightBlock = '', darkBlock = ''] = css.split('[data-theme="dark"]');
const light = read(lightBlock);
const themes: Record<string, Record<string, string>> = { light, dark: { ...light, ...read(darkBlock) } };

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

describe.each(Object.entries(themes))('%s', (_name, token) => {
	const grounds = ['bg', 'surface', 'sunken', 'hover', 'selected', 'accent-soft'];
	const tones = ['danger', 'warning', 'success', 'info', 'hold'];
	const pairs: [string, string, number][] = [
		...['text', 'muted', 'faint', 'accent', ...tones].flatMap((ink) =>
			grounds.map((ground): [string, string, number] => [ink, ground, 4.5]),
		),
		...tones.flatMap((tone): [string, string, number][] => [
			[tone, `${tone}-soft`, 4.5],
			['text', `${tone}-soft`, 4.5],
			['muted', `${tone}-soft`, 4.5],
		]),
		['on-accent', 'accent', 4.5],
		['on-accent', 'accent-strong', 4.5],
		['accent-strong', 'accent-soft', 4.5],
		['field-line', 'surface', 3],
	];
	it.each(pairs)('%s on %s reaches %d:1', (ink, ground, least) => {
		expect(contrast(token[ink] as string, token[ground] as string)).toBeGreaterThanOrEqual(least);
	});
});
