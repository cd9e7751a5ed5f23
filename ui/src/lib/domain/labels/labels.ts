// What is known of labels, ready for a screen. Pure.
import type {
	EffectView,
	LabelQuotes,
	LabelSpend,
	OrderDetail,
	ParcelSize,
	ParcelView,
	QuoteView,
	Tone,
} from '$lib/api/types';
import { dayLabel } from '../days';
import { amount } from '$lib/shared/money';

/** A parcel as it is typed: grams and centimetres. */
export interface TypedSize {
	weight: string;
	length: string;
	width: string;
	height: string;
}
export type SizeField = keyof TypedSize;

export const NO_SIZE: TypedSize = { weight: '', length: '', width: '', height: '' };

/** 300 mm are "30", 305 mm are "30.5". */
const cm = (mm: number | null) => (mm === null ? '' : String(mm / 10));

export function typed(size: ParcelSize): TypedSize {
	return {
		weight: size.weight_g === null ? '' : String(size.weight_g),
		length: cm(size.length_mm),
		width: cm(size.width_mm),
		height: cm(size.height_mm),
	};
}

const WORDS: Record<SizeField, string> = { weight: 'weight', length: 'length', width: 'width', height: 'height' };

/** What was typed as the desk is asked with it, or what is wrong with it and where. */
export function readSize(of: TypedSize): { size: ParcelSize } | { field: SizeField; sentence: string } {
	const read = new Map<SizeField, number>();
	for (const field of ['weight', 'length', 'width', 'height'] as const) {
		const text = of[field].trim().replace(',', '.');
		if (text === '') continue;
		const value = Number(text);
		if (!/^\d+(\.\d*)?$/.test(text) || !(value > 0) || value > 100_000)
			return { field, sentence: `"${of[field]}" is no ${WORDS[field]}. Type a number above nothing.` };
		read.set(field, value);
	}
	const sides = ['length', 'width', 'height'] as const;
	const missing = sides.find((field) => !read.has(field));
	if (missing !== undefined && sides.some((field) => read.has(field)))
		return { field: missing, sentence: `The ${WORDS[missing]} is missing: give all three sides, or none.` };
	const mm = (field: SizeField) => {
		const value = read.get(field);
		return value === undefined ? null : Math.max(1, Math.round(value * 10));
	};
	const weight = read.get('weight');
	return {
		size: {
			weight_g: weight === undefined ? null : Math.max(1, Math.round(weight)),
			length_mm: mm('length'),
			width_mm: mm('width'),
			height_mm: mm('height'),
		},
	};
}

export function sameSize(a: ParcelSize, b: ParcelSize): boolean {
	return (
		a.weight_g === b.weight_g && a.length_mm === b.length_mm && a.width_mm === b.width_mm && a.height_mm === b.height_mm
	);
}

/** Whether it arrives by the day that was promised: by word and icon, never by colour alone. */
export function promiseLook(quote: QuoteView, promised: string | null): { tone: Tone; icon: string; words: string } {
	if (quote.in_time === true) return { tone: 'success', icon: 'check', words: 'in time' };
	if (quote.in_time === false) return { tone: 'danger', icon: 'close', words: 'too late' };
	return { tone: 'neutral', icon: 'minus', words: promised === null ? 'nothing promised' : 'not known' };
}

/** "Mon 23 Nov", "in 3 days", or that the carrier does not say. */
export function arrivesWords(quote: QuoteView): string {
	if (quote.arrives !== null) return dayLabel(quote.arrives);
	if (quote.days !== null) return quote.days === 1 ? 'in 1 day' : `in ${quote.days} days`;
	return 'not said';
}

/** The currency of a price as it is written ("8.40 USD"). */
const currencyOf = (quote: QuoteView) => quote.total.split(' ').at(-1) ?? '';

/** What may still be spent today, minor units; null without a limit. */
export function left(spend: LabelSpend): number | null {
	return spend.limit_minor === null ? null : Math.max(0, spend.limit_minor - spend.spent_minor);
}

/** Why a quote goes beyond today's limit; null if it does not, or nobody can say. */
export function beyond(quote: QuoteView, spend: LabelSpend): string | null {
	const may = left(spend);
	if (may === null || currencyOf(quote) !== spend.currency || quote.total_minor <= may) return null;
	return `It costs more than the ${amount(may, spend.currency_exponent)} ${spend.currency} that are left of today's limit.`;
}

/** The fields that buy exactly this quote, and nothing dearer. `size` is what somebody typed; the rest the hub knows best. */
export function boughtWith(quote: QuoteView, size: ParcelSize | null): Record<string, string> {
	const sides = size === null ? [] : Object.entries(size).filter(([, value]) => value !== null);
	return {
		carrier: quote.carrier_id,
		service: quote.service,
		package: quote.package,
		most: quote.amount,
		currency: currencyOf(quote),
		...Object.fromEntries(sides.map(([name, value]) => [name, String(value)])),
	};
}

/** The quote a list begins with: the policy's, else none. */
export function policyChoice(of: LabelQuotes): QuoteView | null {
	return of.chosen === null ? null : (of.quotes[of.chosen] ?? null);
}

/** Changes that buy a label of an order, newest first. */
export function purchases(effects: readonly EffectView[]): EffectView[] {
	return effects.filter((each) => each.kind === 'buy_label').sort((a, b) => b.id - a.id);
}

/** Labels of an order that can still be used. */
export function liveLabels(detail: OrderDetail): ParcelView[] {
	return detail.parcels.filter((parcel) => parcel.voided_at_ms === null && parcel.delivered_at_ms === null);
}

/** What prices come to, by currency: "12.40 USD and 8.00 EUR". Amounts of two currencies are never added up. */
export function sum(quotes: readonly QuoteView[]): string {
	const minor = new Map<string, { minor: number; exponent: number }>();
	for (const quote of quotes) {
		const currency = currencyOf(quote);
		const exponent = quote.amount.includes('.') ? quote.amount.length - quote.amount.indexOf('.') - 1 : 0;
		const so = minor.get(currency)?.minor ?? 0;
		minor.set(currency, { minor: so + quote.total_minor, exponent });
	}
	return [...minor].map(([currency, of]) => `${amount(of.minor, of.exponent)} ${currency}`).join(' and ');
}
