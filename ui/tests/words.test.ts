// The catalogue is whole in every language, says everything that is asked of it and nothing else; and what
// stands on the screens of finished rooms comes from it.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FluentResource } from '@fluent/bundle';
import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '$lib/shared/words.svelte';

const CATALOGUE = join(__dirname, '../../assets/messages');
const SOURCES = join(__dirname, '../src');

/** Rooms whose sentences still stand in the components. It only shrinks. */
const NOT_YET: readonly string[] = JSON.parse(readFileSync(join(__dirname, 'words-not-yet.json'), 'utf8'));
/** Not for people at the desk: generated, made-up, for developers, or about sentences that the desk itself says. */
const NEVER = ['lib/api', 'lib/fake', 'parts', 'views/queue/words.ts'];

/** id → its text, as written. */
function messages(language: string): Map<string, { room: string; text: string }> {
	const found = new Map<string, { room: string; text: string }>();
	for (const room of readdirSync(join(CATALOGUE, language))) {
		const text = readFileSync(join(CATALOGUE, language, room), 'utf8');
		for (const [, id = '', said = ''] of text.matchAll(/^([a-z][\w-]*) = ((?:.*)(?:\n +.*)*)/gm)) {
			expect(found.has(id), `${id} stands twice in ${language}`).toBe(false);
			found.set(id, { room, text: said });
		}
		// What cannot be read is left out without a word.
		expect(new FluentResource(text).body).toHaveLength([...text.matchAll(/^[a-z][\w-]* =/gm)].length);
	}
	return found;
}
const english = messages('en');
const variables = (text = '') => [...new Set([...text.matchAll(/\$(\w+)/g)].map(([, name]) => name))].sort();

describe.each(LANGUAGES.filter((each) => each !== 'en'))('%s', (language) => {
	const said = messages(language);
	it('says what English says, room by room, and no more', () => {
		const places = (all: typeof english) => [...all].map(([id, { room }]) => `${room}: ${id}`);
		expect(places(said)).toEqual(places(english));
	});
	it('names the same variables in every message', () => {
		const named = (all: typeof english) => [...all].map(([id, { text }]) => `${id} ${variables(text).join()}`);
		expect(named(said)).toEqual(named(english));
	});
});

interface Node {
	type: string;
	[key: string]: unknown;
}
const isNode = (value: unknown): value is Node =>
	typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** A source as a tree; a TypeScript file is a component without markup. */
function tree(path: string): Node {
	const text = readFileSync(path, 'utf8');
	const source = path.endsWith('.svelte') ? text : `<script lang="ts">\n${text}\n</script>`;
	return parse(source, { modern: true }) as unknown as Node;
}

function files(folder: string): string[] {
	return readdirSync(folder, { withFileTypes: true, recursive: true })
		.filter((each) => each.isFile() && /\.(svelte|ts)$/.test(each.name) && !/\.(test|d)\.ts$/.test(each.name))
		.map((each) => relative(SOURCES, join(each.parentPath, each.name)).replaceAll('\\', '/'));
}
const within = (path: string, rooms: readonly string[]) =>
	rooms.some((room) => path === room || path.startsWith(`${room}/`));
const sources = files(SOURCES).filter((path) => !within(path, NEVER));
const trees = new Map(sources.map((path) => [path, tree(join(SOURCES, path))]));

const literal = (node: Node): string | null =>
	node.type === 'Literal' && typeof node['value'] === 'string'
		? node['value']
		: node.type === 'TemplateElement'
			? ((node['value'] as { cooked?: string }).cooked ?? '')
			: null;

/** Walks what is said or done; what is only checked (types, imports, styles) is left out. */
function walk(node: Node, visit: (node: Node, above: readonly Node[]) => void, above: readonly Node[] = []): void {
	visit(node, above);
	const types = node.type.startsWith('TS') && !('expression' in node);
	if (types || node.type.startsWith('Import') || node.type === 'StyleSheet') return;
	for (const [key, value] of Object.entries(node)) {
		if (['typeAnnotation', 'typeArguments', 'typeParameters', 'returnType', 'metadata', 'css'].includes(key)) continue;
		for (const child of Array.isArray(value) ? value : [value]) {
			if (isNode(child)) walk(child, visit, [...above, node]);
			else if (key === 'nodes' || key === 'attributes') continue;
		}
	}
}

it('says nothing that nobody asks for, and lacks nothing that is asked for', () => {
	const named = new Set<string>();
	const asked = new Set<string>();
	for (const root of trees.values()) {
		walk(root, (node, above) => {
			const text = literal(node);
			if (text === null) return;
			named.add(text);
			const call = above.findLast((each) => each.type === 'CallExpression');
			const callee = call?.['callee'] as Node | undefined;
			const first = (call?.['arguments'] as Node[] | undefined)?.[0];
			if (!['t', 'pieces'].includes(String(callee?.['name']))) return;
			// `t(done ? 'a' : 'b')`: what is compared with is no id.
			const chosen = first === node || (first?.type === 'ConditionalExpression' && above.at(-1) === first);
			if (chosen) asked.add(text);
		});
	}
	expect([...english.keys()].filter((id) => !named.has(id))).toEqual([]);
	expect([...asked].filter((id) => !english.has(id))).toEqual([]);
	expect(asked.size).toBeGreaterThan(200);
});

/** Attributes and properties that are read aloud or shown. */
const SHOWN = /^(title|aria-label|placeholder|label|alt|words|help|before|after|button|text|what|problem|because)$/;
/** Names are the same in every language; so are keys and what the shell and the store of the desk call things. */
const NAMES = new Set(['Quayside', '· Quayside', 'UTC', 'Slack', 'English', 'Deutsch', 'Français', 'Español', 'px']);
const KEYS =
	/^(Enter|Escape|Home|End|Space|Tab|Shift|Ctrl|Mac|Delete|Backspace|Page\w+|Arrow\w+|Page [↓↑]|Esc|Shift [A-Z]|g [a-z,])$/;
const GROUPS = new Set(['Go to', 'Order', 'List', 'Desk', 'View']);

/** What stands in a component or file and should stand in the catalogue. */
function spoken(root: Node): string[] {
	const found: string[] = [];
	walk(root, (node, above) => {
		const attribute = above.findLast((each) => each.type === 'Attribute')?.['name'] as string | undefined;
		if (node.type === 'Text') {
			const text = String(node['data']).trim();
			const styled = above.at(-1)?.type === 'StyleDirective';
			const shown = !styled && (attribute === undefined || SHOWN.test(attribute));
			if (shown && /\p{L}{2}/u.test(text) && !NAMES.has(text) && !KEYS.test(text)) found.push(text);
			return;
		}
		const text = literal(node);
		if (text === null || NAMES.has(text.trim()) || KEYS.test(text) || GROUPS.has(text)) return;
		if (attribute !== undefined && /^(class|style|href|d|data-.*|viewBox|transform|points)$/.test(attribute)) return;
		if (above.some((each) => each.type === 'StyleDirective' || each.type === 'ThrowStatement')) return;
		// Selectors, questions to the browser, and the text of a view, which is the same in every language.
		if (/^[[(.]|:not|:is\(|\[|^[a-z]+(, [a-z]+)+$|^[a-z]+ > |prefers-|^view "/.test(text)) return;
		const sentence = /\p{L}[,.;:]? \p{L}/u.test(text) || /^\p{Lu}\p{Ll}+(…|\.)?$/u.test(text);
		const beside = node.type === 'TemplateElement' && /(^| )\p{L}{2,}( |$)/u.test(text) && / /.test(text);
		if (sentence || beside) found.push(text);
	});
	return found;
}

describe('a finished room', () => {
	const finished = sources.filter((path) => !within(path, NOT_YET));
	it.each(finished)('%s says only what stands in the catalogue', (path) => {
		expect(spoken(trees.get(path) as Node)).toEqual([]);
	});
	it.each(NOT_YET)('%s is on the list of what is not done because it is not', (room) => {
		const rest = sources.filter((path) => within(path, [room]));
		expect(rest.flatMap((path) => spoken(trees.get(path) as Node))).not.toEqual([]);
	});
});

it('finds what does not come from the catalogue', () => {
	const page = (text: string) => spoken(parse(text, { modern: true }) as unknown as Node);
	expect(page('<p>Nothing is late</p>')).toEqual(['Nothing is late']);
	expect(page('<button aria-label="Close" class="a b">{x}</button>')).toEqual(['Close']);
	expect(page("<p>{n === 1 ? 'one left' : t('left')}</p>")).toEqual(['one left']);
	expect(page('<p title={`${n} orders left`}>{t(id)}</p>')).toEqual([' orders left']);
	expect(page("<script>const a = { label: 'Late' };</script>")).toEqual(['Late']);
	expect(page("<script>go('queue', { key: 'ArrowDown' });</script><p class=\"x\">{t('queue-empty')}</p>")).toEqual([]);
});
