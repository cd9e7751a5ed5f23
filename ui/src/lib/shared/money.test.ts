import { expect, it } from 'vitest';
import { amount, count, exponentOf, money, moneySum, moneyWhole, plural } from './money';

it.each([
	[18420, 'EUR', 2, '€ 184.20'],
	[840000, 'EUR', 2, '€ 8,400.00'],
	[5, 'EUR', 2, '€ 0.05'],
	[0, 'EUR', 2, '€ 0.00'],
	[-300, 'USD', 2, '−$ 3.00'],
	[1200, 'JPY', 0, '¥ 1,200'],
	[1234, 'KWD', 3, 'KWD 1.234'],
	[99, 'CHF', 2, 'CHF 0.99'],
	[1594, 'XXX', 2, '¤ 15.94'],
	[9007199254740991, 'EUR', 2, '€ 90,071,992,547,409.91'],
])('%i %s reads %s', (minor, currency, exponent, words) => {
	expect(money(minor, currency, exponent)).toBe(words);
});

it('knows the decimals of a currency, and takes two for one nobody knows', () => {
	expect(['EUR', 'JPY', 'KWD', 'XXQ', 'nonsense'].map(exponentOf)).toEqual([2, 0, 3, 2, 2]);
	expect(amount(1234, exponentOf('KWD'))).toBe('1.234');
});

it('writes totals in whole units and never adds currencies up', () => {
	expect(moneyWhole(3140899, 'EUR')).toBe('€ 31,408');
	expect(moneyWhole(1200, 'JPY')).toBe('¥ 1,200');
	expect(moneyWhole(-150, 'EUR')).toBe('−€ 1');
	expect(
		moneySum([
			['EUR', 3140800],
			['USD', 90200],
			['GBP', 0],
		]),
	).toBe('€ 31,408 + $ 902');
	expect(moneySum([])).toBe('');
});

it('counts', () => {
	expect(count(1840)).toBe('1,840');
	expect(plural(1, 'order')).toBe('1 order');
	expect(plural(1200, 'order')).toBe('1,200 orders');
	expect(plural(2, 'entry', 'entries')).toBe('2 entries');
});
