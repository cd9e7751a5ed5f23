import { expect, it } from 'vitest';
import type { CredentialField } from '$lib/api/types';
import { missing, tidy, tidyAll } from './paste';

it.each([
	['  shpat_12 34\n', 'token', 'shpat_1234'],
	['"abc"', 'token', 'abc'],
	['“abc”\u200b', 'token', 'abc'],
	['https://Harbour-Goods.myshopify.com/admin/orders?x=1', 'host', 'harbour-goods.myshopify.com'],
	['harbour-goods.myshopify.com/', 'host', 'harbour-goods.myshopify.com'],
	['http://127.0.0.1:9040/', 'host', '127.0.0.1:9040'],
	['user:pw@shop.example', 'host', 'shop.example'],
	['30.6.2027', 'day', '2027-06-30'],
	['2027/6/30', 'day', '2027-06-30'],
	['June 30, 2027', 'day', '2027-06-30'],
	['30 Jun 2027', 'day', '2027-06-30'],
	['06/07/2027', 'day', '06/07/2027'],
	['soon', 'day', 'soon'],
	['  two words ', 'text', 'two words'],
] as const)('%j as %s is %j', (text, shape, tidied) => expect(tidy(text, shape)).toBe(tidied));

const field = (name: string, optional: boolean): CredentialField => ({
	name,
	label: name.toUpperCase(),
	help: '',
	placeholder: '',
	secret: false,
	optional,
	shape: 'token',
});

it('knows what is still missing, and leaves empty optional fields out', () => {
	const fields = [field('key', false), field('secret', false), field('until', true)];
	expect(missing(fields, { key: ' ', secret: 'x' })).toEqual(['KEY']);
	expect(tidyAll(fields, { key: ' a b ', secret: 'x', until: ' ', other: 'no' })).toEqual({ key: 'ab', secret: 'x' });
});
