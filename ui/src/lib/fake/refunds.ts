// Money given back at the fake desk: what the stores honour, what is left, what it comes to.
import type {
	Act,
	Choice,
	ChoiceOffer,
	OrderDetail,
	QueueRow,
	Refundable,
	RefundQuoteView,
	Verb,
} from '$lib/api/types';
import { STORES } from './world';

/** Stores that give money back when they are told to. */
export const REFUNDS = new Set(['bigcommerce', 'amazon-de']);
const SHELF = 'Units go back on the shelf as the stock settings of the store at BigCommerce say.';
const MAIL = 'The buyer is written to as the order e-mail settings of the store at BigCommerce say.';
/** What happens instead, by store and choice; nothing where the choice is honoured. */
const INSTEAD: Record<string, Partial<Record<Choice, string>>> = {
	bigcommerce: { restock: SHELF, notify: MAIL },
	'amazon-de': {
		refund: "Amazon itself gives the buyer's money back when an order is cancelled.",
		restock: 'Amazon counts no units back in: set the quantity on offer yourself.',
		notify: 'Amazon itself writes to the buyer.',
	},
	salesforce: {
		refund: 'Salesforce holds no money: give it back where it was paid.',
		restock: 'Salesforce counts no stock for the desk: put the units back where they are counted.',
		notify: 'Through Salesforce nobody is written to; flows of your own org may do so.',
	},
};

export function choicesOf(verb: Verb, stores: readonly string[]): ChoiceOffer[] {
	const all: Choice[] = verb === 'cancel' ? ['refund', 'restock', 'notify'] : ['restock', 'notify'];
	return all.map((choice) => {
		const instead = stores.map((store) => INSTEAD[store]?.[choice]);
		return {
			choice,
			honoured: instead.some((sentence) => sentence === undefined),
			instead: instead.filter((sentence) => sentence !== undefined),
		};
	});
}

const SHIPPING = 490;

export function makeRefundable(row: QueueRow, detail: OrderDetail): Refundable {
	const units = detail.lines.reduce((sum, line) => sum + line.ordered, 0);
	const each = Math.floor(Math.max(row.total_minor - SHIPPING, 0) / Math.max(units, 1));
	return {
		number: row.number,
		platform: STORES.find((store) => store.id === row.connection)?.title ?? '',
		quoted: row.connection === 'bigcommerce',
		lines: detail.lines.map(({ line_id, sku, name, detail: words, ordered }) => ({
			line_id,
			sku,
			name,
			detail: words,
			left: ordered,
			returned: 0,
			unit_price_minor: each,
		})),
		shipping_minor: Math.min(SHIPPING, row.total_minor),
		left_minor: row.total_minor,
		currency: row.currency,
		currency_exponent: row.currency_exponent,
		reasons: [
			['return', 'It came back'],
			['customer', 'The buyer changed their mind'],
			['inventory', 'Sold out'],
			['staff', 'Our mistake'],
			['other', 'Something else'],
		],
		choices: choicesOf('refund', [row.connection]),
	};
}

export function makeQuote(of: Refundable, act: Act): RefundQuoteView {
	const picked = of.lines.flatMap((line) => {
		const units = Number(act.fields[`line.${line.line_id}`] ?? 0);
		return units > 0 ? [{ line, units }] : [];
	});
	const shipping_minor = act.fields['shipping'] === undefined ? 0 : of.shipping_minor;
	const goods = picked.reduce((sum, each) => sum + each.units * each.line.unit_price_minor, 0);
	const total_minor = Math.min(goods + shipping_minor, of.left_minor);
	const plain = (minor: number) => (minor / 100).toFixed(2);
	const total = `${plain(total_minor)} ${of.currency}`;
	return {
		by: of.quoted ? of.platform : null,
		total_minor,
		total,
		shipping_minor,
		tax_minor: of.quoted ? Math.round((total_minor * 19) / 119) : null,
		currency: of.currency,
		currency_exponent: of.currency_exponent,
		notes: of.quoted ? [] : [`${of.platform} does not say beforehand what it gives back: computed from what was paid.`],
		changes: [
			{ field: 'Money', before: '', after: `${total} given back` },
			...picked.map(({ line, units }) => ({ field: line.sku, before: '', after: `${units} given back` })),
			...of.choices.flatMap((offer) =>
				offer.instead.map((after) => ({ field: offer.choice === 'notify' ? 'Buyer' : 'Units', before: '', after })),
			),
		],
		fields: {
			total: plain(total_minor),
			...(shipping_minor > 0 ? { shipping: plain(shipping_minor) } : {}),
			...Object.fromEntries(picked.map(({ line, units }) => [`line.${line.line_id}`, String(units)])),
		},
	};
}
