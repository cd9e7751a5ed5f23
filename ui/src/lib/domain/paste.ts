// What people paste is never quite what a field wants. Pure: text in, tidy text out. Saving
// is strict all the same; the desk checks again and says what is wrong.
import type { CredentialField, FieldShape } from '$lib/api/types';

/** Blanks that travel along when text is copied from web pages. */
const INVISIBLE = /[\u200b-\u200d\u2060\ufeff\u00ad]/g;
const QUOTES = /^["'“”„‘’`]+|["'“”„‘’`]+$/g;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export function tidy(text: string, shape: FieldShape): string {
	const plain = text.replace(INVISIBLE, '').replace(/\u00a0/g, ' ');
	switch (shape) {
		case 'token':
		case 'browser':
			return plain.replace(/\s+/g, '').replace(QUOTES, '');
		case 'host':
			return host(plain.trim().replace(QUOTES, ''));
		case 'day':
			return day(plain.trim().replace(QUOTES, ''));
		case 'text':
			return plain.trim();
	}
}

/** `https://Shop.myshopify.com/admin/orders` is `shop.myshopify.com`. A port stays. */
function host(text: string): string {
	const bare = text
		.replace(/\s+/g, '')
		.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
		.replace(/^[^/@]*@/, '');
	return (bare.split(/[/?#]/)[0] ?? '').toLowerCase();
}

/** `2027-06-30`, `30.06.2027`, `30 June 2027`, `June 30, 2027`; anything else stays as typed. */
function day(text: string): string {
	const two = (n: string | number) => String(n).padStart(2, '0');
	const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text);
	if (iso) return `${iso[1]}-${two(iso[2] ?? '')}-${two(iso[3] ?? '')}`;
	const dotted = /^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})$/.exec(text);
	if (dotted) return `${dotted[3]}-${two(dotted[2] ?? '')}-${two(dotted[1] ?? '')}`;
	const named = /^(?:(\d{1,2})\.?\s+([a-z]{3})[a-z]*\.?|([a-z]{3})[a-z]*\.?\s+(\d{1,2})),?\s+(\d{4})$/i.exec(text);
	if (named) {
		const month = MONTHS.indexOf((named[2] ?? named[3] ?? '').toLowerCase()) + 1;
		if (month > 0) return `${named[5]}-${two(month)}-${two(named[1] ?? named[4] ?? '')}`;
	}
	// 06/07/2027 could be June or July: not guessed.
	return text;
}

/** Fields still to be filled in, by label. */
export function missing(fields: readonly CredentialField[], values: Record<string, string>): string[] {
	return fields
		.filter((field) => !field.optional && (values[field.name] ?? '').trim() === '')
		.map((field) => field.label);
}

/** All fields of the way, tidy; empty optional ones left out. */
export function tidyAll(fields: readonly CredentialField[], values: Record<string, string>): Record<string, string> {
	return Object.fromEntries(
		fields
			.map((field) => [field.name, tidy(values[field.name] ?? '', field.shape)] as const)
			.filter(([, value]) => value !== ''),
	);
}
