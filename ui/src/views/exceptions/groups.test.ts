import { expect, it } from 'vitest';
import type { ExceptionGroup, ExceptionsPage } from '$lib/api/types';
import { FakeDesk } from '$lib/fake/fake';
import { groupButtons, headline, retriable } from './groups';

async function page(): Promise<ExceptionsPage> {
	return new FakeDesk().exceptions({ view: 'needs_me', cause: null, text: '' });
}

it('says how much there is in one line', async () => {
	expect(headline(await page())).toBe('17 open in 6 causes · 31 mended themselves today');
	expect(
		headline({ groups: [], counts: { needs_me: 0 }, mended_today: 1, assignees: [], checked: '', as_of_ms: 0 }),
	).toBe('Nothing needs you · 1 mended itself today');
});

it('counts only what can be retried', async () => {
	expect(retriable(await page())).toBe(8);
});

it('offers opening a page only where there is one order', () => {
	const group = (count: number) =>
		({ count, actions: ['edit_and_retry', 'open_channel', 'retry', 'skip'] }) as unknown as ExceptionGroup;
	expect(groupButtons(group(1))).toEqual({ shown: ['edit_and_retry', 'open_channel'], more: ['retry', 'skip'] });
	expect(groupButtons(group(4))).toEqual({ shown: ['edit_and_retry', 'retry'], more: ['skip'] });
});
