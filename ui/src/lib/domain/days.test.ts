import { expect, it } from 'vitest';
import { dayLabel, dayOf, dayStart } from './days';

it('says a day and finds its beginning', () => {
	expect(dayLabel('2026-11-18')).toBe('Wed 18 Nov');
	expect(dayLabel('never')).toBe('never');
	const start = dayStart('2026-11-18');
	expect(start === null ? null : dayOf(start)).toBe('2026-11-18');
	expect(start === null ? null : dayOf(start - 1)).toBe('2026-11-17');
	expect(dayStart('18.11.2026')).toBeNull();
});
