// What somebody who holds goods of a return says, as the desk is asked for it.
import type { GoodsCondition, GoodsLine, ReturnLineView, ReturnView } from '$lib/api/types';

export const CONDITIONS: readonly [GoodsCondition, string][] = [
	['as_new', 'As new'],
	['opened', 'Opened'],
	['damaged', 'Damaged'],
];

/** What is said of one line. */
export interface Held {
	units: number;
	condition: GoodsCondition;
	restock: boolean;
}

/** Units that can still arrive; of a line that fits none of the order's, none can be said. */
export function missing(line: ReturnLineView): number {
	return line.line_id === null ? 0 : Math.max(0, line.units - line.here);
}

/** At first: all that is missing, as new, and not for the shelf, which somebody has to say. */
export function atFirst(view: ReturnView): Held[] {
	return view.lines.map((line) => ({ units: missing(line), condition: 'as_new', restock: false }));
}

/** Never below none, never above what is missing; whatever was typed. */
export function stepped(line: ReturnLineView, units: unknown): number {
	const whole = Math.trunc(Number(units));
	return Number.isFinite(whole) ? Math.min(Math.max(whole, 0), missing(line)) : 0;
}

/** Damaged goods go on no shelf. */
export function withCondition(held: Held, condition: GoodsCondition): Held {
	return { ...held, condition, restock: held.restock && condition !== 'damaged' };
}

export function goodsOf(view: ReturnView, held: readonly Held[]): GoodsLine[] {
	return view.lines.flatMap((line, i) => {
		const of = held[i];
		if (line.line_id === null || of === undefined || of.units <= 0) return [];
		return [{ order_line_id: line.line_id, quantity: of.units, condition: of.condition, restock: of.restock }];
	});
}

/** Units that are here, of how many. */
export function hereOf(view: ReturnView): { here: number; of: number } {
	return view.lines.reduce((sum, line) => ({ here: sum.here + line.here, of: sum.of + line.units }), {
		here: 0,
		of: 0,
	});
}

/** What is known of the money, in a few words. */
export function moneyWords(view: ReturnView): string {
	if (view.prepared !== null) return `${view.prepared.sum} to approve`;
	return view.given === null ? '–' : `${view.given} given back`;
}
