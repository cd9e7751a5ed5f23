// Which units lie in which part, while somebody moves them: the first part has what no other takes.
import type { PartView, SplitLine } from '$lib/api/types';

/** Units of every further part by line id; the first part is never written down. */
export type Further = readonly Readonly<Record<string, number>>[];

/** Hub orders that one order may become. */
export const PARTS_MAX = 6;

/** As it stands now: the parts there are, or one empty one to begin with. */
export function asTheyStand(parts: readonly PartView[]): Further {
	const further = parts.filter((part) => part.n > 1).map((part) => ({ ...part.units }));
	return further.length > 0 ? further : [{}];
}

/** What is left of a line for the first part. */
export function rest(line: SplitLine, further: Further): number {
	return line.units - further.reduce((sum, part) => sum + (part[line.line_id] ?? 0), 0);
}

/** Puts so many units of a line into a further part. */
export function put(further: Further, at: number, line: SplitLine, units: number): Further {
	const whole = Number.isFinite(units) ? Math.max(0, Math.min(line.units, Math.round(units))) : 0;
	return further.map((part, n) => (n === at ? { ...part, [line.line_id]: whole } : part));
}

/** Parts as they are sent: empty ones and zeros left out. */
export function wanted(further: Further): Record<string, number>[] {
	return further
		.map((part) => Object.fromEntries(Object.entries(part).filter(([, units]) => units > 0)))
		.filter((part) => Object.keys(part).length > 0);
}

/** Why this cannot be kept; null if it can. */
export function problem(lines: readonly SplitLine[], further: Further): string | null {
	const over = lines.find((line) => rest(line, further) < 0);
	if (over) return `The parts have more of ${over.sku || over.name} than the order wants (${over.units}).`;
	if (wanted(further).length === 0) return 'Choose what goes into the second part.';
	if (lines.every((line) => rest(line, further) === 0))
		return 'Nothing would be left in the first part. Leave something there.';
	return null;
}

/** The same split as before: nothing to keep. */
export function isSame(before: Further, now: Further): boolean {
	return JSON.stringify(sorted(before)) === JSON.stringify(sorted(now));
}
const sorted = (further: Further) =>
	wanted(further).map((part) => Object.entries(part).sort(([a], [b]) => a.localeCompare(b)));
