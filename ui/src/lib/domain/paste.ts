// What people paste is never quite what a field wants. Pure: text in, tidy text out.
//
// The desk reads what is sent by rules of its own (connectors/src/fields.rs), so what is sent is what was typed. The
// rules here are the same ones, for showing at once what the desk will understand; a test holds both against one list.
import type { CredentialField, FieldShape } from '$lib/api/types';

/** Characters without width or meaning that travel along when text is copied from web pages and chats. */
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]/g;
const EDGES =
	/^[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]+|[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]+$/g;
const QUOTES = /^["'`“”„‘’«»]+|["'`“”„‘’«»]+$/g;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export function tidy(text: string, shape: FieldShape): string {
	switch (shape) {
		case 'token':
		case 'browser':
			return token(text);
		case 'host':
			return host(text);
		case 'day':
		case 'made_on':
			return day(trim(text));
		case 'text':
		case 'profile':
			return trim(text);
	}
}

function trim(text: string): string {
	return text.replace(EDGES, '');
}

/** A key: no white space inside, no quotes around, no `Bearer ` and no `Header: ` in front. */
function token(text: string): string {
	let key = trim(trim(text).replace(QUOTES, ''));
	// A whole header line was copied; a key holds no ": ".
	const colon = key.indexOf(': ');
	if (colon >= 0) key = key.slice(colon + 2);
	key = key.replace(/^(bearer|basic|token) /i, '');
	return key
		.replace(INVISIBLE, '')
		.replace(/[\s\p{Cc}]+/gu, '')
		.replace(QUOTES, '');
}

/** `https://Shop.myshopify.com/admin/orders` is `shop.myshopify.com`; a port stays, and so does `/store/NAME`, which is what
 *  tells the stores behind one address apart. */
function host(text: string): string {
	const whole = trim(text).replace(QUOTES, '').replace(INVISIBLE, '').replace(/\s+/g, '');
	const bare = whole.replace(/^[^]*?:\/\//, '').split(/[?#]/)[0] ?? '';
	const [first = '', ...path] = bare.split('/');
	const name = first
		.slice(first.lastIndexOf('@') + 1)
		.replace(/\.+$/, '')
		.toLowerCase();
	return path[0] === 'store' && path[1] ? `${name}/store/${path[1].toLowerCase()}` : name;
}

/** `2027-06-30`, `30.06.2027`, `30 June 2027`, `June 30, 2027`; with slashes the month comes first. Anything else, and what is
 *  no day of any calendar, stays as typed. */
function day(text: string): string {
	const written = (year: string, month: number | string, of: string): string => {
		const [y, m, d] = [Number(year), Number(month), Number(of)];
		const at = new Date(Date.UTC(y, m - 1, d));
		const real = at.getUTCFullYear() === y && at.getUTCMonth() === m - 1 && at.getUTCDate() === d;
		return real ? `${year}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}` : text;
	};
	const iso = /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})$/.exec(text);
	if (iso) return written(iso[1] ?? '', iso[3] ?? '', iso[4] ?? '');
	const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text);
	if (dotted) return written(dotted[3] ?? '', dotted[2] ?? '', dotted[1] ?? '');
	const slashed = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
	if (slashed) return written(slashed[3] ?? '', slashed[1] ?? '', slashed[2] ?? '');
	const named = /^(?:(\d{1,2})\s+([a-z]{3})[a-z]*|([a-z]{3})[a-z]*\s+(\d{1,2}),)\s+(\d{4})$/i.exec(text);
	if (named) {
		const month = MONTHS.indexOf((named[2] ?? named[3] ?? '').toLowerCase()) + 1;
		if (month > 0) return written(named[5] ?? '', month, named[1] ?? named[4] ?? '');
	}
	return text;
}

/** Fields still to be filled in, by label. */
export function missing(fields: readonly CredentialField[], values: Record<string, string>): string[] {
	return fields
		.filter((field) => !field.optional && (values[field.name] ?? '').trim() === '')
		.map((field) => field.label);
}

/** All fields of the way as they were typed, for the desk to read; empty ones left out. */
export function typed(fields: readonly CredentialField[], values: Record<string, string>): Record<string, string> {
	return Object.fromEntries(
		fields.map((field) => [field.name, (values[field.name] ?? '').trim()] as const).filter(([, value]) => value !== ''),
	);
}

/** Days of secrets that are being replaced, as they stand: they go with the old secret, which is the one above them. */
export function outdated(
	fields: readonly CredentialField[],
	values: Record<string, string>,
	before: Record<string, string | undefined>,
): readonly CredentialField[] {
	return fields.filter((field, at) => {
		const secret = fields.slice(0, at).findLast((each) => each.secret);
		const typedAnew = secret !== undefined && (values[secret.name] ?? '').trim() !== '';
		const day = (values[field.name] ?? '').trim();
		return field.shape === 'made_on' && typedAnew && (day === '' || day === before[field.name]);
	});
}

/** The same for an account that is connected: a plain field that was emptied is sent empty, so that it is cleared; a secret
 *  that is empty is not sent, so that it stays. The day of a secret that is replaced is not sent again. */
export function retyped(
	fields: readonly CredentialField[],
	values: Record<string, string>,
	before: Record<string, string | undefined>,
): Record<string, string> {
	const cleared = fields.filter(
		(field) => !field.secret && field.optional && before[field.name] && (values[field.name] ?? '').trim() === '',
	);
	const old = outdated(fields, values, before);
	const kept = fields.filter((field) => !old.includes(field));
	const emptied = cleared.filter((field) => !old.includes(field));
	return { ...typed(kept, values), ...Object.fromEntries(emptied.map((field) => [field.name, ''])) };
}

/** What was refused, in two: what has a field to stand at, and what has none and is told on its own. */
export function sorted(
	problems: readonly (readonly [string, string])[],
	names: readonly string[],
): { at: Record<string, string>; loose: string[] } {
	const at = problems.filter(([name]) => names.includes(name));
	return {
		at: Object.fromEntries(
			at.map(([name]) => [
				name,
				at
					.filter(([n]) => n === name)
					.map(([, text]) => text)
					.join(' '),
			]),
		),
		loose: problems.filter(([name]) => !names.includes(name)).map(([, sentence]) => sentence),
	};
}

/** Fields of a way that a screen shows an input for: what only comes along with a sign-in in the browser is nothing to type. */
export function shown(fields: readonly CredentialField[]): readonly CredentialField[] {
	return fields.filter((field) => field.shape !== 'browser' || !field.optional);
}
