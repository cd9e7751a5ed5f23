// What a person chose to give back, as the desk is asked for it. Amounts are the desk's business:
// units and "the shipping" go there, what they come to comes back.
import type { Refundable, RefundableLine } from '$lib/api/types';

export interface Picked {
	/** Units by line id. */
	units: Record<string, number>;
	shipping: boolean;
}

export const NOTHING: Picked = { units: {}, shipping: false };

/** All that is left of it. */
export function everything(of: Refundable): Picked {
	return {
		units: Object.fromEntries(of.lines.map((line) => [line.line_id, line.left])),
		shipping: of.shipping_minor > 0,
	};
}

/** What the buyer sends back, or sent: without the shipping, which is for a person to decide. */
export function comingBack(of: Refundable): Picked {
	const back = of.lines.filter((line) => line.returned > 0);
	return { units: Object.fromEntries(back.map((line) => [line.line_id, line.returned])), shipping: false };
}

export function isEverything(of: Refundable, picked: Picked): boolean {
	return (
		of.lines.every((line) => picked.units[line.line_id] === line.left) && (of.shipping_minor === 0 || picked.shipping)
	);
}

export function isNothing(picked: Picked): boolean {
	return !picked.shipping && Object.values(picked.units).every((units) => units <= 0);
}

/** Never below none, never above what is left; whatever was typed. */
export function stepped(line: RefundableLine, units: unknown): number {
	const whole = Math.trunc(Number(units));
	return Number.isFinite(whole) ? Math.min(Math.max(whole, 0), line.left) : 0;
}

/** Fields of the question what it would come to. */
export function asked(picked: Picked): Record<string, string> {
	const units = Object.entries(picked.units).filter(([, units]) => units > 0);
	return {
		...Object.fromEntries(units.map(([line, units]) => [`line.${line}`, String(units)])),
		...(picked.shipping ? { shipping: 'all' } : {}),
	};
}
