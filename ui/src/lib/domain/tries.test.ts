import { expect, it } from 'vitest';
import type { EffectView, TryView } from '$lib/api/types';
import { sightOf, traceOf, triesText } from './tries';

const silent: TryView = {
	n: 1,
	at_ms: Date.UTC(2026, 10, 20, 9, 12),
	took_ms: 412,
	looked: false,
	verdict: 'done',
	words: 'Done',
	sentence: null,
	said: null,
	status: null,
	request_id: null,
	has_answer: false,
};
const refused: TryView = {
	...silent,
	n: 2,
	words: 'Refused',
	sentence: 'No such postcode.',
	said: '0123 is not valid',
	status: 422,
	request_id: 'r-1',
};
const effect = { sentence: 'Send #1 to ShipStation', account: 'ShipStation', key: 'hg/1/put' } as EffectView;

it('names what a platform is asked by, and nothing that is not known', () => {
	expect(traceOf(silent)).toBe('0.4 s');
	expect(traceOf(refused)).toBe('HTTP 422 · request r-1 · 0.4 s');
});

it('is a text that says of each try when, what came of it and what was said', () => {
	expect(triesText(effect, { effect: 7, tries: [silent, refused], left_out: 3 }).split('\n')).toEqual([
		'Send #1 to ShipStation',
		'At ShipStation, key hg/1/put',
		'3 earlier tries are not shown',
		'1. 2026-11-20T09:12:00.000Z Done',
		'   0.4 s',
		'2. 2026-11-20T09:12:00.000Z Refused. No such postcode.',
		'   it said: 0123 is not valid',
		'   HTTP 422 · request r-1 · 0.4 s',
	]);
});

it('says of an answer whether it was seen', () => {
	const at = (ms: number) => `${ms} ms`;
	const cases: [Pick<EffectView, 'sight' | 'seen_at_ms'>, string | null][] = [
		[{ sight: null, seen_at_ms: null }, null],
		[{ sight: 'not_yet', seen_at_ms: null }, 'Answered, not yet seen there'],
		[{ sight: 'seen', seen_at_ms: 7 }, 'Seen there: 7 ms'],
		[{ sight: 'missing', seen_at_ms: null }, 'Answered as done, but ShipStation does not have it'],
	];
	for (const [known, said] of cases) expect(sightOf({ ...effect, ...known }, at)).toBe(said);
});
