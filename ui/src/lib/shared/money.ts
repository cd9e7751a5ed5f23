// Money as people read it. Amounts stay whole numbers of the smallest coin; the decimal
// point is placed as text, so nothing is ever rounded on the way to the screen. Which sign that point
// is, and on which side the currency stands, follow the language of the screens.
import { LOCALES, words, type Language } from './words.svelte';

const SIGNS: Record<string, string> = {
	EUR: '€',
	USD: '$',
	GBP: '£',
	JPY: '¥',
	CNY: 'CN¥',
	INR: '₹',
	KRW: '₩',
	CAD: 'CA$',
	AUD: 'A$',
	NZD: 'NZ$',
	BRL: 'R$',
	PLN: 'zł',
	ILS: '₪',
	TRY: '₺',
	UAH: '₴',
	// An amount of which nobody says a currency.
	XXX: '¤',
};

const exponents = new Map<string, number>();

/** Decimals of a currency (2 for EUR, 0 for JPY, 3 for KWD); 2 for a code nobody knows. */
export function exponentOf(currency: string): number {
	let found = exponents.get(currency);
	if (found === undefined) {
		try {
			const options = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
			found = options.maximumFractionDigits ?? 2;
		} catch {
			found = 2;
		}
		exponents.set(currency, found);
	}
	return found;
}

interface Writing {
	group: string;
	point: string;
	/** Digits in a row before they are grouped: Spanish writes 8400 and 18.400. */
	whole: Intl.NumberFormat;
}
const writings = new Map<Language, Writing>();
function writing(): Writing {
	const tongue = words.language;
	let found = writings.get(tongue);
	if (!found) {
		const parts = new Intl.NumberFormat(LOCALES[tongue], { minimumFractionDigits: 2 }).formatToParts(1234567.5);
		const sign = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
		const whole = new Intl.NumberFormat(LOCALES[tongue], { maximumFractionDigits: 0 });
		found = { group: sign('group'), point: sign('decimal'), whole };
		writings.set(tongue, found);
	}
	return found;
}

function thousands(digits: string): string {
	const { group, whole } = writing();
	// Few languages leave four digits together; the formatter knows.
	if (digits.length <= 4) return whole.format(Number(digits));
	return digits.replace(/\B(?=(\d{3})+(?!\d))/g, group);
}

/** English puts the currency before the amount, the others after it. */
function withSign(text: string, sign: string): string {
	const negative = text.startsWith('−');
	const bare = negative ? text.slice(1) : text;
	const written = words.language === 'en' ? `${sign} ${bare}` : `${bare}\u{A0}${sign}`;
	return negative ? `−${written}` : written;
}

/** "184.20" of 18420 and 2. */
export function amount(minor: number, exponent: number): string {
	const negative = minor < 0;
	const digits = String(Math.abs(Math.trunc(minor))).padStart(exponent + 1, '0');
	const whole = exponent === 0 ? digits : digits.slice(0, -exponent);
	const coins = exponent === 0 ? '' : `${writing().point}${digits.slice(-exponent)}`;
	return `${negative ? '−' : ''}${thousands(whole)}${coins}`;
}

/** "€ 184.20"; a currency without a sign keeps its code: "CHF 184.20". */
export function money(minor: number, currency: string, exponent = exponentOf(currency)): string {
	return withSign(amount(minor, exponent), SIGNS[currency] ?? currency);
}

/** "€ 31,408": whole units, for totals in a foot. Coins are dropped, the title keeps them. */
export function moneyWhole(minor: number, currency: string, exponent = exponentOf(currency)): string {
	const whole = Math.trunc(minor / 10 ** exponent) * 10 ** exponent;
	const text = amount(whole, exponent);
	return withSign(exponent === 0 ? text : text.slice(0, -(exponent + 1)), SIGNS[currency] ?? currency);
}

/** "€ 31,408 + $ 902": amounts in several currencies are never added up. */
export function moneySum(values: readonly (readonly [string, number])[], whole = true): string {
	const write = whole ? moneyWhole : money;
	return values
		.filter(([, minor]) => minor !== 0)
		.map(([currency, minor]) => write(minor, currency))
		.join(' + ');
}

/** "1,840" */
export function count(n: number): string {
	return n < 0 ? `−${thousands(String(-n))}` : thousands(String(n));
}

/** "1 order", "3 orders". */
export function plural(n: number, one: string, many = `${one}s`): string {
	return `${count(n)} ${n === 1 ? one : many}`;
}
