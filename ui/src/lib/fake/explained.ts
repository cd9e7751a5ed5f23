// Why an order of the fake desk stands where it does, and what rules made of it.
import type { ExceptionView, Explanation, Fixer, QueueRow, Reason, TraceView } from '$lib/api/types';
import { FRIDAY, HUB, MIN, STORES } from './world';

const FIXED_BY: Record<string, [Fixer, string]> = {
	packing: ['warehouse', 'The warehouse has it.'],
	payment: ['merchant', 'Capture the payment in the store, or let authorised orders go in the settings.'],
	held_by_person: ['merchant', 'Release it.'],
};

export function makeExplanation(row: QueueRow, exceptions: ExceptionView[]): Explanation {
	const store = STORES.find((each) => each.id === row.connection);
	const account = store?.platform === 'salesforce';
	const own = exceptions.filter((entry) => !account || entry.cause !== 'sign_in_needed');
	const reasons: Reason[] = own.map((entry) => ({
		code: entry.cause,
		title: entry.title,
		sentence: entry.sentence,
		since_ms: entry.opened_at_ms,
		evidence: [
			entry.cause === 'unknown_sku'
				? {
						record: `Change at ${HUB.title}: send the order`,
						says: 'no product with this SKU',
						at_ms: entry.opened_at_ms + 9000,
					}
				: {
						record: `Order ${row.number} at ${store?.title ?? row.store}`,
						says: 'as last read',
						at_ms: FRIDAY - 12_000,
					},
		],
		fixer: 'merchant',
		help: entry.cause === 'unknown_sku' ? 'Map it once for all orders.' : 'Mend what it names, then retry.',
		action: entry.actions[0] ?? null,
		about: `cause:${entry.cause}`,
		connection: null,
	}));
	if (!row.waits_on.code.startsWith('cause:')) {
		const [fixer, help] = FIXED_BY[row.waits_on.code] ?? ['time', 'A matter of minutes.'];
		reasons.push({
			code: row.waits_on.code,
			title: row.waits_on.sentence,
			sentence: row.waits_on.sentence,
			since_ms: row.waits_on.since_ms,
			evidence: [
				row.waits_on.code === 'packing'
					? { record: `Order ${row.number} at ${HUB.title}`, says: 'status: awaiting shipment', at_ms: FRIDAY - 20_000 }
					: {
							record: `Order ${row.number} at ${store?.title ?? row.store}`,
							says: 'as last read',
							at_ms: FRIDAY - 12_000,
						},
			],
			fixer,
			help,
			action: row.waits_on.action,
			about: row.waits_on.code,
			connection: null,
		});
	}
	// An account of its own trouble stops its orders, whatever else they wait for.
	if (store && account) {
		reasons.unshift({
			code: 'sign_in',
			title: 'An account wants a new sign-in',
			sentence: `${store.title} refused the credentials, so nothing is read from it.`,
			since_ms: FRIDAY - 95 * MIN,
			evidence: [{ record: `Connection ${store.name}`, says: 'Sign-in needed', at_ms: FRIDAY - 95 * MIN }],
			fixer: 'merchant',
			help: 'Enter new credentials; everything that waits goes on.',
			action: 'sign_in',
			about: own.length < exceptions.length ? 'cause:sign_in_needed' : '',
			connection: store.id,
		});
	}
	return { stage: row.stage, reasons, lines: [] };
}

export function makeTrace(row: QueueRow | undefined): TraceView[] {
	if (!row || row.id > 17) return [];
	const express = /express|prime/i.test(row.service);
	return [
		{
			at_ms: FRIDAY - 51 * MIN,
			rules: [
				{
					rule: 'expedited',
					name: 'Prime and expedited first',
					fired: express,
					why: express
						? `Service asked for ("${row.service}") contains express`
						: `Service asked for is "${row.service}"; wanted: contains express`,
					did: express ? ['To the front of the line', 'Tag "Priority"'] : [],
				},
				{
					rule: 'heavy',
					name: 'Heavier than 20 kg',
					fired: false,
					why: 'Weight is "1840"; wanted: is more than 20000',
					did: [],
				},
			],
		},
	];
}
