import { describe, expect, it } from 'vitest';
import { makeOrders } from '$lib/fake/world';
import { makeReturns, paid, received, replaced, returnsPage } from '$lib/fake/returns';
import type { ReturnView } from '$lib/api/types';
import { atFirst, goodsOf, hereOf, missing, moneyWords, stepped, withCondition } from './returning';

const NOW = 1_795_161_600_000;
const all = makeReturns(makeOrders(7, 5), NOW);
const [here, coming, asked] = all as [ReturnView, ReturnView, ReturnView];

describe('what somebody who holds the goods says', () => {
	it('begins with all that is missing, and never with more', () => {
		const rows: [ReturnView, number][] = [
			[here, 0],
			[coming, 2],
			[asked, 1],
		];
		for (const [view, units] of rows) expect(atFirst(view).map((each) => each.units)).toEqual([units]);
		const line = coming.lines[0]!;
		const typed: [unknown, number][] = [
			['1', 1],
			['9', 2],
			['-3', 0],
			['two', 0],
			[1.9, 1],
		];
		for (const [text, units] of typed) expect(stepped(line, text), String(text)).toBe(units);
		expect(missing({ ...line, line_id: null })).toBe(0);
	});

	it('asks for nothing that was not said', () => {
		expect(goodsOf(coming, [{ units: 0, condition: 'as_new', restock: true }])).toEqual([]);
		expect(goodsOf(coming, [{ units: 2, condition: 'opened', restock: true }])).toEqual([
			{ order_line_id: coming.lines[0]!.line_id, quantity: 2, condition: 'opened', restock: true },
		]);
		const strange = { ...coming, lines: [{ ...coming.lines[0]!, line_id: null }] };
		expect(goodsOf(strange, atFirst(coming))).toEqual([]);
	});

	it('puts nothing broken on the shelf', () => {
		const held = { units: 1, condition: 'as_new' as const, restock: true };
		expect(withCondition(held, 'damaged').restock).toBe(false);
		expect(withCondition(held, 'opened').restock).toBe(true);
	});
});

describe('the way of a return at the fake desk', () => {
	it('leads from arrival to the money, once', () => {
		expect(hereOf(coming)).toEqual({ here: 0, of: 2 });
		const goods = { order: coming.order_id, return_id: coming.return_id, lines: goodsOf(coming, atFirst(coming)) };
		const arrived = received(all, goods, NOW);
		if (typeof arrived === 'string') throw new Error(arrived);
		const now = arrived.all.find((each) => each.return_id === coming.return_id)!;
		expect([now.state, moneyWords(now)]).toEqual(['here', '37.00 EUR to approve']);
		expect(received(arrived.all, goods, NOW)).toBe('All of it is here.');
		const over = paid(arrived.all, [now.prepared!.effect]).find((each) => each.return_id === coming.return_id)!;
		expect([over.state, moneyWords(over), over.prepared]).toEqual(['refunded', '37.00 EUR given back', null]);
		expect(replaced(paid(arrived.all, [now.prepared!.effect]), { ...goods, lines: [] })).toBe(
			'It is settled: given back.',
		);
	});

	it('is listed by how far it is', () => {
		const ask = (part: 'open' | 'here' | 'all', text = '') => returnsPage(all, { part, text, after: '' }).rows.length;
		expect([ask('open'), ask('here'), ask('all'), ask('all', 'lamp-deck'), ask('all', 'nothing')]).toEqual([
			3, 1, 3, 1, 0,
		]);
	});
});
