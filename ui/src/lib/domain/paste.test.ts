import { expect, it } from 'vitest';
import type { CredentialField } from '$lib/api/types';
import { missing, outdated, retyped, shown, sorted, tidy, typed } from './paste';

// The rows of the desk's own test (connectors/src/fields.rs): what the page shows is what the desk understands.
it.each([
	['  shpat_abc \n', 'token', 'shpat_abc'],
	['"shpat_abc"', 'token', 'shpat_abc'],
	['“shpat_abc”', 'token', 'shpat_abc'],
	['Bearer shpat_abc', 'token', 'shpat_abc'],
	['X-Shopify-Access-Token: shpat_abc', 'token', 'shpat_abc'],
	['shpat\u200b_abc\ufeff', 'token', 'shpat_abc'],
	['shpat_\r\nabc', 'token', 'shpat_abc'],
	['sh pat_ abc', 'token', 'shpat_abc'],
	['', 'token', ''],
	['https://Harbour.MyShopify.com/admin?x=1', 'host', 'harbour.myshopify.com'],
	['harbour.myshopify.com/', 'host', 'harbour.myshopify.com'],
	['http://user:pw@harbour.myshopify.com', 'host', 'harbour.myshopify.com'],
	['https://admin.shopify.com/store/Harbour/orders', 'host', 'admin.shopify.com/store/harbour'],
	[' harbour ', 'host', 'harbour'],
	['31.12.2026', 'day', '2026-12-31'],
	['12/31/2026', 'day', '2026-12-31'],
	['Dec 31, 2026', 'day', '2026-12-31'],
	['soon', 'day', 'soon'],
	['\ufeff Harbour Goods ', 'text', 'Harbour Goods'],
] as const)('%j as %s is %j, as the desk reads it', (text, shape, tidied) => expect(tidy(text, shape)).toBe(tidied));

it.each([
	['  shpat_12 34\n', 'token', 'shpat_1234'],
	['«abc»', 'token', 'abc'],
	['BASIC abc', 'token', 'abc'],
	['harbour-goods.myshopify.com.', 'host', 'harbour-goods.myshopify.com'],
	['http://127.0.0.1:9040/', 'host', '127.0.0.1:9040'],
	['30.6.2027', 'day', '2027-06-30'],
	['2027/6/30', 'day', '2027-06-30'],
	['June 30, 2027', 'day', '2027-06-30'],
	['30 June 2027', 'day', '2027-06-30'],
	['31.06.2027', 'day', '31.06.2027'],
	['13/13/2027', 'day', '13/13/2027'],
] as const)('%j as %s is %j', (text, shape, tidied) => expect(tidy(text, shape)).toBe(tidied));

const field = (name: string, more: Partial<CredentialField> = {}): CredentialField => ({
	name,
	label: name.toUpperCase(),
	help: '',
	placeholder: '',
	secret: false,
	optional: false,
	shape: 'token',
	...more,
});

it('knows what is still missing, and sends what was typed, not what it made of it', () => {
	const fields = [field('key'), field('secret'), field('until', { optional: true })];
	expect(missing(fields, { key: ' ', secret: 'x' })).toEqual(['KEY']);
	expect(typed(fields, { key: ' Bearer a b ', secret: 'x', until: ' ', other: 'no' })).toEqual({
		key: 'Bearer a b',
		secret: 'x',
	});
});

it('clears a plain field that was emptied, and leaves a secret alone that was not typed', () => {
	const fields = [
		field('key', { secret: true }),
		field('until', { optional: true }),
		field('note', { optional: true }),
	];
	expect(retyped(fields, { key: '', until: ' ' }, { until: '2027-01-01' })).toEqual({ until: '' });
	expect(retyped(fields, { key: 'new', until: '2027-01-01' }, { until: '2027-01-01' })).toEqual({
		key: 'new',
		until: '2027-01-01',
	});
});

it('asks for the day of a secret that is replaced, and does not send the old one for it', () => {
	const fields = [
		field('secret', { secret: true }),
		field('made', { optional: true, shape: 'made_on' }),
		field('token', { secret: true }),
	];
	const before = { made: '2026-05-01' };
	for (const [values, old, sent] of [
		[{ secret: 'new', made: '2026-05-01' }, ['made'], { secret: 'new' }],
		[{ secret: 'new', made: '' }, ['made'], { secret: 'new' }],
		[{ secret: 'new', made: '2026-11-20' }, [], { secret: 'new', made: '2026-11-20' }],
		[{ secret: '', made: '2026-05-02' }, [], { made: '2026-05-02' }],
		[{ token: 'new', made: '2026-05-01' }, [], { token: 'new', made: '2026-05-01' }],
		[{ made: ' ' }, [], { made: '' }],
	] as const) {
		expect(outdated(fields, values, before).map((each) => each.name)).toEqual(old);
		expect(retyped(fields, values, before)).toEqual(sent);
	}
});

it('tells what has no field of its own apart', () => {
	const problems: [string, string][] = [
		['', 'Connected already.'],
		['key', 'Too short.'],
		['key', 'No key at all.'],
		['way', 'Unknown.'],
	];
	expect(sorted(problems, ['key', 'secret'])).toEqual({
		at: { key: 'Too short. No key at all.' },
		loose: ['Connected already.', 'Unknown.'],
	});
});

it('asks for nothing that only comes with a sign-in in the browser', () => {
	const fields = [field('host'), field('refresh', { shape: 'browser', optional: true })];
	expect(shown(fields).map((each) => each.name)).toEqual(['host']);
});
