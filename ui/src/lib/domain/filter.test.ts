import { expect, it } from 'vitest';
import { asked, complete, filterInWords, partInWords, readParts, token, withoutPart } from './filter';

const shape = (text: string) => readParts(text).map(({ not, key, value }) => `${not ? '-' : ''}${key ?? ''}|${value}`);

it.each([
	['anna', ['|anna']],
	['  anna   is:late ', ['|anna', 'is|late']],
	['store:"Harbour Outlet" -country:DE', ['store|Harbour Outlet', '-country|DE']],
	['age:>2d value:>=100', ['age|>2d', 'value|>=100']],
	['"no:token here"', ['|no:token here']],
	['store:"never closed', ['store|never closed']],
	['-', []],
	['is:', ['is|']],
	['http://x', ['http|//x']],
	['10:30', ['|10:30']],
	['„Müller“ “quoted”', ['|Müller', '|quoted']],
])('splits %s', (text, parts) => expect(shape(text)).toEqual(parts));

it('takes one part out and leaves the rest as typed', () => {
	const text = 'anna store:"Harbour Outlet"  is:late';
	const parts = readParts(text);
	expect(withoutPart(text, parts[1]!)).toBe('anna is:late');
	expect(withoutPart('is:late', readParts('is:late')[0]!)).toBe('');
});

it('completes keys, values, and values without their key', () => {
	const labels = (text: string, known = {}) => complete(text, text.length, known).map((each) => each.label);
	expect(labels('is:la')).toEqual(['is:late']);
	expect(labels('cou')).toEqual(['country:']);
	expect(labels('late')).toEqual(['is:late']);
	expect(labels('is:late')).toEqual([]);
	expect(labels('nobodyknows:')).toEqual([]);
	expect(labels('store:har', { store: ['Harbour Goods', 'Harbour Outlet'] })).toEqual([
		'store:Harbour Goods',
		'store:Harbour Outlet',
	]);
});

it.each([
	['warehouse:lei', { key: 'warehouse', typed: 'lei' }],
	['anna -tag:', { key: 'tag', typed: '' }],
	['carrier:"DHL Ex', { key: 'carrier', typed: 'DHL Ex' }],
	['is:la', null],
	['store:har', null],
	['tag:vip anna', null],
	['', null],
])('asks the desk for values only the orders know: %s', (text, question) =>
	expect(asked(text, text.length)).toEqual(question),
);

it('offers what the orders have before what is known anyway, each once and with how many there are', () => {
	const known = { service: [['Express', '12 orders'] as const, ['Express 24 h', '3 orders'] as const] };
	expect(complete('service:', 8, known).map(({ label, help }) => `${label}, ${help}`)).toEqual([
		'service:Express, 12 orders',
		'service:Express 24 h, 3 orders',
		'service:standard, standard',
	]);
	const [place] = complete('warehouse:lei', 13, { warehouse: [['Leipzig North', '']] });
	expect(place?.text).toBe('warehouse:"Leipzig North" ');
});

it('a completion replaces the part under the caret, keeps the others and the minus', () => {
	const [first] = complete('-is:la anna', 6);
	expect(first).toMatchObject({ text: '-is:late anna', caret: 9 });
	const [store] = complete('anna store:out', 14, { store: ['Harbour Outlet'] });
	expect(store).toMatchObject({ text: 'anna store:"Harbour Outlet" ', caret: 28 });
});

it('says the filter in words', () => {
	expect(filterInWords('anna is:at_risk -country:de store:"Harbour Goods"')).toBe(
		'“anna”, at risk, not to DE, in Harbour Goods',
	);
	expect(filterInWords('warehouse:"Quay 3" -carrier:ups')).toBe('packed at Quay 3, not sent with ups');
	expect(partInWords(readParts('colour:red')[0]!)).toBe('“colour:red”');
	expect(token('tag', 'needs care')).toBe('tag:"needs care"');
});
