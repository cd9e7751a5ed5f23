import { expect, it } from 'vitest';
import { DESCRIBED } from '$lib/fake/described';
import { matching, nameOf, offersOf, readRows, slotsOf, standing, withName } from './named';

const [tracking] = slotsOf(DESCRIBED, 'tracking_field');
const offers = tracking ? offersOf(DESCRIBED, tracking) : [];

it('offers what fits first, and the rest with its reason', () => {
	const first = offers.findIndex((offer) => offer.why !== null);
	expect(first).toBeGreaterThan(0);
	expect(offers.slice(first).every((offer) => offer.why !== null)).toBe(true);
	expect(offers.find((offer) => offer.value === 'Tracking_Number__c')).toEqual({
		value: 'Tracking_Number__c',
		label: 'Tracking number',
		about: 'Text, 255 characters · own',
		why: null,
	});
	expect(offers.find((offer) => offer.value === 'Shipped_On__c')?.why).toBe('Holds day; a text is needed.');
	expect(slotsOf(null, 'tracking_field')).toEqual([]);
});

it('finds by label, name and type, in any order of words', () => {
	const found = (typed: string) => matching(offers, typed).map((offer) => offer.value);
	expect(found('number track')).toEqual(['Tracking_Number__c']);
	expect(found('CHECKBOX')).toEqual(['Paid__c']);
	expect(found('')).toHaveLength(offers.length);
	expect(found('nothing like it')).toEqual([]);
});

it('says how a choice stands: there, unfit, gone', () => {
	for (const [value, tone, words] of [
		['tracking_number__C', 'neutral', 'Tracking number · Text, 255 characters · own'],
		['Shipped_On__c', 'danger', 'Shipped on: Holds day'],
		['Account_Score__c', 'danger', 'read-only for the integration user'],
		['Old__c', 'danger', 'shows no Old__c: it was deleted, or is hidden'],
	] as const) {
		const stands = standing(offers, value);
		expect(stands?.tone, value).toBe(tone);
		expect(stands?.words, value).toContain(words);
	}
	expect(standing(offers, ' ')).toBeNull();
});

it('reads and writes parts as the desk does, and keeps what it does not know', () => {
	expect(readRows('street = A__c; city=B__c,\n odd')).toEqual([
		['street', 'A__c'],
		['city', 'B__c'],
		['odd', ''],
	]);
	const text = 'street=A__c; own=X__c; city=B__c';
	expect(nameOf(text, 'City')).toBe('B__c');
	expect(nameOf(text, 'phone')).toBe('');
	for (const [part, name, after] of [
		['street', 'C__c', 'street=C__c; own=X__c; city=B__c'],
		['city', '', 'street=A__c; own=X__c'],
		['phone', 'D__c', 'street=A__c; own=X__c; city=B__c; phone=D__c'],
		['phone', '', text],
	] as const) {
		expect(withName(text, part, name), part).toBe(after);
	}
	expect(withName('', 'street', 'A__c')).toBe('street=A__c');
});
