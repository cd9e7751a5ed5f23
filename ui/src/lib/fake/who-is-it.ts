// Buyers whom an account could not tell from its customers, at the fake desk: one with two of the same e-mail, one
// with somebody at the same door.
import type {
	CustomerCandidate,
	CustomerPick,
	CustomerPicked,
	CustomerReviews,
	CustomerSaid,
	CustomerToTell,
	FactBeside,
} from '$lib/api/types';

const FRIDAY = Date.parse('2026-11-20T12:05:00Z');
const HOUR = 3_600_000;

function row(label: string, ours: string, theirs: [text: string, same: boolean | null][]): FactBeside {
	return { label, ours, theirs: theirs.map(([text, same]) => ({ text, same })) };
}

function like(remote_id: string, name: string, by: string, weak: boolean): CustomerCandidate {
	return { remote_id, name, by, weak, url: `https://harbour.my.salesforce.com/${remote_id}` };
}

const OPEN: CustomerToTell[] = [
	{
		connection: 'salesforce',
		account: 'Salesforce',
		customer: 'customer-6f1c',
		name: 'Ada Lovelace',
		sentence:
			'Ada Lovelace could be any of 2 customers in Salesforce: they have the same e-mail. Nothing was written. Open "Who is it?", compare both sides, and link one or make a new one.',
		orders: [
			[1, '#10482'],
			[2, '#10483'],
		],
		candidates: [
			like('0035Q00000ADA001', 'Ada Lovelace', 'e-mail', false),
			like('0035Q00000ADA002', 'A. King', 'e-mail', false),
		],
		rows: [
			row('Name', 'Ada Lovelace', [
				['Ada Lovelace', true],
				['A. King', false],
			]),
			row('E-mail', 'ada@mail.example', [
				['ADA@mail.example', true],
				['ada@mail.example', true],
			]),
			row('City', 'Hamburg', [
				['Bremen', false],
				['', null],
			]),
		],
		asked_by: ['our id', 'e-mail', 'telephone number', 'name and postcode'],
		since_ms: FRIDAY - 2 * HOUR,
	},
	{
		connection: 'orderez',
		account: 'Quay warehouse',
		customer: 'customer-77aa',
		name: 'Bea Roe',
		sentence:
			'Bea Roe may be a customer who is in Orderez already: the name and postcode is the same, which people share. Nothing was written. Open "Who is it?", compare both sides, and link one or make a new one.',
		orders: [[3, '#10484']],
		candidates: [like('cus_9', 'Bea Roe', 'name and postcode', true)],
		rows: [
			row('Name', 'Bea Roe', [['bea roe', true]]),
			row('Postcode', '20457', [['20457', true]]),
			row('Telephone', '+49 40 5550100', [['', null]]),
		],
		asked_by: ['our id', 'e-mail', 'telephone number', 'name and postcode'],
		since_ms: FRIDAY - HOUR,
	},
];

export class WhoIsItDesk {
	open: CustomerToTell[] = structuredClone(OPEN);
	said: CustomerSaid[] = [];
	/** Words that were said, as they came. */
	picked: CustomerPick[] = [];
	/** Says no with this sentence. */
	refuses: string | null = null;

	reviews(): CustomerReviews {
		return structuredClone({ open: this.open, said: this.said });
	}
	choose(pick: CustomerPick, now: number): CustomerPicked {
		if (this.refuses !== null) throw { code: 'input', sentence: this.refuses, field: null };
		const buyer = this.open.find((one) => one.customer === pick.customer);
		if (!buyer) throw { code: 'gone', sentence: 'Nobody waits for this any more.', field: null };
		this.picked.push(pick);
		this.open = this.open.filter((one) => one !== buyer);
		const theirs = buyer.candidates.find((one) => one.remote_id === pick.remote_id);
		if (pick.always) {
			const [order] = buyer.orders[0] ?? [0];
			const { connection, account, customer, name } = buyer;
			this.said.unshift({
				connection,
				account,
				customer,
				name,
				remote_id: pick.remote_id,
				theirs: theirs?.name ?? '',
				always: true,
				order,
				at_ms: now,
			});
		}
		return { sentence: `Linked in ${buyer.account}. 1 change is tried again.`, tried: 1 };
	}
	unlink(connection: string, customer: string): CustomerPicked {
		this.said = this.said.filter((one) => one.connection !== connection || one.customer !== customer);
		return { sentence: 'Taken back: later orders of this buyer are matched anew.', tried: 0 };
	}
}
