import { expect, it } from 'vitest';
import { isNight } from './night';

it('dims over midnight and never without quiet hours', () => {
	const at = (hour: number, minute = 0) => new Date(2026, 10, 20, hour, minute).getTime();
	const quiet = { quiet_from_min: 20 * 60, quiet_to_min: 7 * 60 };
	expect([19, 20, 23, 0, 6, 7].map((hour) => isNight(at(hour), quiet))).toEqual([false, true, true, true, true, false]);
	expect(isNight(at(6, 59), quiet)).toBe(true);
	const lunch = { quiet_from_min: 12 * 60, quiet_to_min: 13 * 60 };
	expect([11, 12, 13].map((hour) => isNight(at(hour), lunch))).toEqual([false, true, false]);
	expect(isNight(at(3), { quiet_from_min: 60, quiet_to_min: 60 })).toBe(false);
});
