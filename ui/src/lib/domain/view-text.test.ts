import { describe, expect, it } from 'vitest';
import { textToView, viewToText } from './view-text';

const view = {
	label: 'EU express',
	view: 'late',
	text: 'country:DE service:"Express 24 h" -tag:vip',
	sort: 'value',
	descending: true,
	group: 'store',
};

describe('a view as text', () => {
	it('goes there and back', () => {
		const text = viewToText(view);
		expect(text).toBe(
			'view "EU express" in:late sort:-value by:store filter: country:DE service:"Express 24 h" -tag:vip',
		);
		expect(textToView(text)).toEqual(view);
		for (const sort of ['store', 'country', 'stage']) {
			expect(textToView(viewToText({ ...view, sort }))).toEqual({ ...view, sort });
		}
	});
	it('needs only a name, and takes what a chat did to it', () => {
		const plain = { label: 'Mine', view: 'open', text: '', sort: '', descending: false, group: '' };
		expect(textToView('  View “Mine”\n')).toEqual(plain);
		expect(textToView('view "Mine" filter: is:late')).toEqual({ ...plain, text: 'is:late' });
	});
	it('keeps quotes in a name from ending it', () => {
		expect(textToView(viewToText({ ...view, label: 'the "big" ones' }))).toBeTypeOf('string');
		expect(textToView(viewToText({ ...view, label: 'Müller' }))).toMatchObject({ label: 'Müller' });
	});
	it('says what it does not understand', () => {
		expect(textToView('hello')).toMatch(/not a view/);
		expect(textToView('view "A" in:moon')).toMatch(/“in:moon” is not understood/);
		expect(textToView('view "A" sort:colour')).toMatch(/“sort:colour”/);
	});
});
