import { describe, expect, it } from 'vitest';
import {
	ago,
	age,
	clockToMinutes,
	deadline,
	duration,
	exact,
	fillSince,
	minutesToClock,
	moment,
	nextMonday,
	since,
	until,
} from './time';

const ZONE = 'Europe/Berlin';
/** Friday 20 November 2026, 14:12:40 in Berlin. */
const NOW = Date.UTC(2026, 10, 20, 13, 12, 40);
const MIN = 60_000;
const HOUR = 60 * MIN;

describe('deadline', () => {
	it.each([
		[NOW + 48 * MIN, '48 min left', 'urgent'],
		[NOW + 70 * MIN, '1 h 10 min left', 'urgent'],
		[NOW + 30_000, 'under 1 min left', 'urgent'],
		[NOW + 100 * MIN, '1 h 40 min left', 'soon'],
		[NOW + 3 * HOUR, '3 h left', 'soon'],
		[NOW + 5 * HOUR + 20 * MIN, '5 h left', 'soon'],
		[Date.UTC(2026, 10, 21, 15, 0), 'tomorrow 16:00', 'calm'],
		[Date.UTC(2026, 10, 23, 11, 0), 'Mon 12:00', 'calm'],
		[Date.UTC(2026, 11, 12, 11, 0), '12 Dec 12:00', 'calm'],
		[Date.UTC(2027, 0, 12, 11, 0), '12 Jan 2027 12:00', 'calm'],
		[NOW - 27 * HOUR, 'late by 1 day 3 h', 'late'],
		[NOW - 1000, 'late by 1 s', 'late'],
	])('%i reads %s', (shipBy, words, urgency) => {
		expect(deadline(shipBy, NOW, 180, ZONE)).toEqual({ words, urgency });
	});

	it('takes the day in the zone, not in UTC', () => {
		// 23:30 on Friday in UTC is Saturday 00:30 in Berlin.
		expect(deadline(Date.UTC(2026, 10, 20, 23, 30), NOW, 180, ZONE).words).toBe('tomorrow 00:30');
		expect(deadline(Date.UTC(2026, 10, 20, 23, 30), NOW, 180, 'UTC').words).toBe('10 h left');
	});
});

it('says lengths the way people do', () => {
	expect([0, 40_000, 51 * MIN, 152 * MIN, 4 * HOUR, 27 * HOUR, 48 * HOUR, 12.5 * 24 * HOUR].map(duration)).toEqual([
		'0 s',
		'40 s',
		'51 min',
		'2 h 32 min',
		'4 h',
		'1 day 3 h',
		'2 days',
		'12 days',
	]);
	expect(duration(-5)).toBe('0 s');
	expect([12_000, 61_000, 2 * HOUR, 50 * HOUR].map(age)).toEqual(['12 s', '1 m', '2 h', '2 d']);
});

it('says before and after', () => {
	expect(ago(NOW - 12_000, NOW)).toBe('12 s ago');
	expect(ago(NOW - 14 * MIN, NOW)).toBe('14 min ago');
	expect(ago(NOW - 2.5 * HOUR, NOW)).toBe('2 h ago');
	expect(ago(NOW, NOW)).toBe('just now');
	expect(until(NOW + 40_000, NOW)).toBe('in 40 s');
	expect(until(NOW - 40_000, NOW)).toBe('now');
	expect(since(NOW - 51 * MIN, NOW)).toBe('since 51 min');
});

it('fills the clock time into a sentence, with the day when it is not today', () => {
	const sentence = 'In ShipStation since {since}, waits for packing';
	expect(fillSince(sentence, Date.UTC(2026, 10, 20, 8, 14), NOW, ZONE)).toBe(
		'In ShipStation since 09:14, waits for packing',
	);
	expect(fillSince(sentence, Date.UTC(2026, 10, 18, 8, 14), NOW, ZONE)).toBe(
		'In ShipStation since Wed 09:14, waits for packing',
	);
	expect(fillSince('Street number is missing', NOW, NOW, ZONE)).toBe('Street number is missing');
	expect(moment(Date.UTC(2026, 9, 1, 8, 14), NOW, ZONE)).toBe('1 Oct 10:14');
});

it('keeps the exact instant with its zone', () => {
	expect(exact(NOW, ZONE)).toBe('Friday 20 November 2026, 14:12:40 (Europe/Berlin; 13:12:40 UTC)');
});

it('reads and writes minutes after midnight', () => {
	expect(minutesToClock(14 * 60 + 5)).toBe('14:05');
	expect(clockToMinutes('14:05')).toBe(845);
	expect(clockToMinutes('7:00')).toBe(420);
	expect(clockToMinutes('24:00')).toBeNull();
	expect(clockToMinutes('noon')).toBeNull();
});

it('finds the next Monday, also from a Monday', () => {
	const monday = new Date(nextMonday(NOW, 9));
	expect([monday.getDay(), monday.getDate(), monday.getHours()]).toEqual([1, 23, 9]);
	expect(new Date(nextMonday(monday.getTime(), 9)).getDate()).toBe(30);
});
