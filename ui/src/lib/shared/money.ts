// Money as people read it. Amounts stay whole numbers of the smallest coin; the decimal
// point is placed as text, so nothing is ever rounded on the way to the screen.

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

function thousands(digits: string): string {
	return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** "184.20" of 18420 and 2. */
export function amount(minor: number, exponent: number): string {
	const negative = minor < 0;
	const digits = String(Math.abs(Math.trunc(minor))).padStart(exponent + 1, '0');
	const whole = exponent === 0 ? digits : digits.slice(0, -exponent);
	const coins = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
	return `${negative ? '−' : ''}${thousands(whole)}${coins}`;
}

/** "€ 184.20"; a currency without a sign keeps its code: "CHF 184.20". */
export function money(minor: number, currency: string, exponent = exponentOf(currency)): string {
	const text = amount(minor, exponent);
	const sign = SIGNS[currency] ?? currency;
	return text.startsWith('−') ? `−${sign} ${text.slice(1)}` : `${sign} ${text}`;
}

/** "€ 31,408": whole units, for totals in a foot. Coins are dropped, the title keeps them. */
export function moneyWhole(minor: number, currency: string, exponent = exponentOf(currency)): string {
	const whole = Math.trunc(minor / 10 ** exponent) * 10 ** exponent;
	const text = money(whole, currency, exponent);
	return exponent === 0 ? text : text.slice(0, -(exponent + 1));
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
