// The search box is the filter: words and tokens (`is:late store:"Harbour Outlet" -country:DE`).
// The desk understands the text; this file only splits it for the chips, completes what is
// being typed, and says it in words. The splitting is the same as the desk's: at spaces
// outside quotes, a letter-only key before the first colon, `-` in front turns it around.
// Values that only the orders know are asked of the desk (`filter-values.ts`).

export interface Part {
	/** As typed. */
	raw: string;
	start: number;
	end: number;
	not: boolean;
	/** null for a plain word. */
	key: string | null;
	value: string;
}

const QUOTES = '"“”„';

export function readParts(text: string): Part[] {
	const found: Part[] = [];
	let at = 0;
	while (at < text.length) {
		if (/\s/.test(text[at] ?? '')) {
			at++;
			continue;
		}
		const start = at;
		const not = text[at] === '-';
		if (not) at++;
		let key: string | null = null;
		let value = '';
		let quoted = false;
		while (at < text.length && !/\s/.test(text[at] ?? '')) {
			const letter = text[at] ?? '';
			if (QUOTES.includes(letter)) {
				quoted = true;
				at++;
				while (at < text.length && !QUOTES.includes(text[at] ?? '')) value += text[at++];
				at++;
			} else if (letter === ':' && key === null && !quoted && /^[a-z_]+$/i.test(value)) {
				key = value.toLowerCase();
				value = '';
				at++;
			} else {
				value += letter;
				at++;
			}
		}
		const end = Math.min(at, text.length);
		if (key !== null || value !== '') found.push({ raw: text.slice(start, end), start, end, not, key, value });
	}
	return found;
}

/** The text without one part, spaces tidied. */
export function withoutPart(text: string, part: Part): string {
	return `${text.slice(0, part.start)} ${text.slice(part.end)}`.replace(/\s+/g, ' ').trim();
}

/** `key:value`, quoted when it must be. */
export function token(key: string, value: string): string {
	return /\s/.test(value) ? `${key}:"${value}"` : `${key}:${value}`;
}

interface Key {
	key: string;
	help: string;
	values: readonly (readonly [value: string, help: string])[];
}

/** What can be typed. `store` and `hub` get their values from the accounts. */
export const KEYS: readonly Key[] = [
	{
		key: 'is',
		help: 'state of the order',
		values: [
			['late', 'past its ship-by'],
			['at_risk', 'must leave soon'],
			['today', 'must leave today'],
			['held', 'held back by anybody'],
			['unpaid', 'money not there yet'],
			['paid', 'money is there'],
			['stuck', 'needs a person'],
			['unfulfilled', 'paid and too long not shipped'],
			['asked', 'a change waits for your click'],
			['open', 'not all has left'],
			['shipped', 'all has left'],
			['cancelled', 'cancelled'],
			['vip', 'tagged “vip” in its store'],
			['test', 'test orders'],
		],
	},
	{ key: 'store', help: 'one store', values: [] },
	{ key: 'sku', help: 'a line with this SKU', values: [] },
	{ key: 'tag', help: 'a tag in the store', values: [] },
	{ key: 'country', help: 'two letters of the destination', values: [] },
	{
		key: 'age',
		help: 'since it was bought',
		values: [
			['>1d', 'more than a day'],
			['>2d', 'more than two days'],
			['>7d', 'more than a week'],
			['<4h', 'less than four hours'],
		],
	},
	{
		key: 'value',
		help: 'what it is worth',
		values: [
			['>100', 'more than 100'],
			['>500', 'more than 500'],
			['<20', 'less than 20'],
		],
	},
	{
		key: 'cause',
		help: 'an open exception',
		values: [
			['unknown_sku', 'a SKU is missing or unknown'],
			['address_missing', 'the address is incomplete'],
			['address_refused', 'the address cannot be shipped to'],
			['service_refused', 'the service was refused'],
			['cancelled_after_label', 'cancelled after the label'],
			['another_address', 'labelled to another address'],
			['cancelled_at_hub', 'cancelled at the hub'],
			['sides_differ', 'store and hub disagree'],
			['fulfillment_refused', 'the store refuses the tracking'],
			['outcome_unknown', 'the answer was lost'],
			['forgotten', 'answered as done, and not there'],
			['sign_in_needed', 'an account needs a sign-in'],
		],
	},
	{ key: 'hub', help: 'the shipping account it goes to', values: [] },
	{
		key: 'waits',
		help: 'what it waits on',
		values: [
			['packing', 'the warehouse'],
			['payment', 'the buyer’s money'],
			['approval', 'your click'],
			['to_send', 'being sent to the hub'],
			['held_by_person', 'you hold it'],
			['held_in_channel', 'the store holds it'],
			['rest', 'the rest of a partial shipment'],
			['telling', 'the store to be told'],
		],
	},
	{
		key: 'service',
		help: 'the shipping asked for',
		values: [
			['express', 'express'],
			['standard', 'standard'],
		],
	},
	{ key: 'warehouse', help: 'where it is packed', values: [] },
	{ key: 'carrier', help: 'who moves a parcel of it', values: [] },
	{
		key: 'stage',
		help: 'how far it is',
		values: [
			['unpaid', 'not paid'],
			['to_send', 'not at the hub yet'],
			['packing', 'at the hub'],
			['held', 'held back'],
			['partly_shipped', 'some parcels left'],
			['telling', 'left; store not told yet'],
			['shipped', 'all left'],
		],
	},
];

export interface Completion {
	/** The whole text after choosing it. */
	text: string;
	/** Where the caret goes. */
	caret: number;
	label: string;
	help: string;
}

/** A value with what is said of it. */
export type Known = readonly [value: string, help: string];

/** Keys whose values only the orders know. */
const OF_ORDERS = ['tag', 'sku', 'country', 'service', 'warehouse', 'carrier'];

/** What the desk is to be asked for the part the caret is in; null where it knows no more than this window. */
export function asked(text: string, caret: number): { key: string; typed: string } | null {
	const part = readParts(text).find((each) => each.start <= caret && caret <= each.end);
	if (!part || part.key === null || !OF_ORDERS.includes(part.key)) return null;
	return { key: part.key, typed: part.value.trim() };
}

/** What could be meant by the part the caret is in. Empty when nothing fits or it is whole. */
export function complete(
	text: string,
	caret: number,
	known: Record<string, readonly (string | Known)[]> = {},
): Completion[] {
	const also = (key: string) => (known[key] ?? []).map((each): Known => (typeof each === 'string' ? [each, ''] : each));
	const part = readParts(text).find((each) => each.start <= caret && caret <= each.end);
	const start = part ? part.start : caret;
	const end = part ? part.end : caret;
	const put = (insert: string, label: string, help: string, space: boolean): Completion => {
		const whole = `${part?.not ? '-' : ''}${insert}${space ? ' ' : ''}`;
		const rest = text.slice(end).replace(/^\s+/, '');
		return { text: text.slice(0, start) + whole + rest, caret: start + whole.length, label, help };
	};
	if (part && part.key !== null) {
		const key = KEYS.find((each) => each.key === part.key);
		if (!key) return [];
		const typed = part.value.toLowerCase();
		// What the orders have says more than what is known beforehand, so it goes first, and once.
		const mine = also(key.key);
		const have = new Set(mine.map(([value]) => value.toLowerCase()));
		const values: Known[] = [...mine, ...key.values.filter(([value]) => !have.has(value))];
		const fitting = values.filter(([value, help]) => {
			return value.toLowerCase().includes(typed) || (typed.length > 2 && help.toLowerCase().includes(typed));
		});
		if (fitting.length === 1 && fitting[0]?.[0].toLowerCase() === typed) return [];
		return fitting.slice(0, 8).map(([value, help]) => put(token(key.key, value), `${key.key}:${value}`, help, true));
	}
	const typed = part?.value.toLowerCase() ?? '';
	if (typed === '') return KEYS.slice(0, 8).map((key) => put(`${key.key}:`, `${key.key}:`, key.help, false));
	const keys = KEYS.filter((key) => key.key.startsWith(typed)).map((key) =>
		put(`${key.key}:`, `${key.key}:`, key.help, false),
	);
	// "late" is found without knowing that it is written `is:late`.
	const values = KEYS.flatMap((key) =>
		[...key.values, ...also(key.key)]
			.filter(([value]) => typed.length > 1 && value.toLowerCase().startsWith(typed))
			.map(([value, help]) => put(token(key.key, value), `${key.key}:${value}`, help, true)),
	);
	return [...keys, ...values].slice(0, 8);
}

const SPOKEN: Record<string, (value: string) => string> = {
	is: (value) => value.replaceAll('_', ' '),
	store: (value) => `in ${value}`,
	hub: (value) => `sent to ${value}`,
	sku: (value) => `with SKU ${value}`,
	tag: (value) => `tagged ${value}`,
	country: (value) => `to ${value.toUpperCase()}`,
	age: (value) => `age ${value}`,
	value: (value) => `value ${value}`,
	cause: (value) => `cause: ${value.replaceAll('_', ' ')}`,
	waits: (value) => `waits on ${value.replaceAll('_', ' ')}`,
	service: (value) => `service ${value}`,
	warehouse: (value) => `packed at ${value}`,
	carrier: (value) => `sent with ${value}`,
	stage: (value) => `stage ${value.replaceAll('_', ' ')}`,
};

/** One part in words: `-country:DE` is "not to DE". */
export function partInWords(part: Part): string {
	const say = part.key === null ? null : SPOKEN[part.key];
	const words = say ? say(part.value) : `“${part.key === null ? '' : `${part.key}:`}${part.value}”`;
	return part.not ? `not ${words}` : words;
}

/** The whole filter in words, for "nothing matches". */
export function filterInWords(text: string): string {
	return readParts(text).map(partInWords).join(', ');
}
