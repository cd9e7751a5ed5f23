// An account whose API nobody has published, as a person makes it work: the vendor's collection is
// pasted, what is missing is filled in, the exact request is looked at, the account is connected, an
// order arrives. And orders from an export: the same file twice changes nothing.
import { Merchant, type StandIn } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

/** What the vendor would hand over: two folders, one sample answer, and something nobody needs. */
const SAMPLE = {
	data: [
		{
			id: 'ord_1001',
			number: 'S-1001',
			status: 'accepted',
			updated_at: '2026-11-20T09:00:00Z',
			placed_at: '2026-11-20T08:00:00Z',
			external_refs: [{ system: 'shop', id: '55' }],
			notes_for_us: 'Ring twice',
			lines: [{ id: 'ln_1', sku: 'BAL-BEE', title: 'Beeswax balm', quantity: 2 }],
		},
	],
	meta: { next_cursor: null, has_more: false },
};
const KEY = [{ key: 'Idempotency-Key', value: '{{$guid}}' }];
const COLLECTION = {
	info: { name: 'Harbour Supply API', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
	item: [
		{
			name: 'Orders',
			item: [
				{
					name: 'List orders',
					request: {
						method: 'GET',
						url: { raw: '{{baseUrl}}/v1/orders?cursor=&limit=50&updated_since=&external_ref=' },
					},
					response: [{ body: JSON.stringify(SAMPLE) }],
				},
				{ name: 'One order', request: { method: 'GET', url: '{{baseUrl}}/v1/orders/:orderId' } },
				{ name: 'New order', request: { method: 'POST', header: KEY, url: '{{baseUrl}}/v1/orders' } },
			],
		},
		{ name: 'Shipments', request: { method: 'GET', url: '{{baseUrl}}/v1/fulfillments?cursor=&limit=50' } },
		{ name: 'Categories', request: { method: 'GET', url: '{{baseUrl}}/v1/categories' } },
	],
};
/** Our order in the vendor's words. */
const BODY = {
	external_refs: '=external_refs',
	placed_at: '=placed_at',
	payment_status: '=payment_status',
	currency: '=currency',
	customer: '=customer',
	shipping_address:
		'=ship_to.{name: name, company: company, address1: line1, address2: line2, city: city, region: region, postal_code: postal_code, country: country, phone: phone}',
	totals: '=totals',
	lines:
		'=lines[].{sku: sku, title: title, quantity: quantity, unit_price: unit_price, tax: tax, external_ref: external_ref}',
	note: '=note',
	source: '=source',
};
const EXPORT = [
	'Ref,SKU,Quantity,Status',
	'SO-2001,BAL-BEE,2,Accepted',
	'SO-2001,TEA-GRN,1,Accepted',
	'SO-2002,BAL-BEE,one,Accepted',
	'SO-2003,TEA-GRN,3,Completed',
].join('\n');

interface Tried {
	request: { method: string; url: string };
	number: string;
}
interface Row {
	number: string;
}
const rows = async (desk: DeskWindow) => {
	const ask = { view: 'all', text: '', sort: 'placed', descending: true, after: null, skip: 0, limit: 50 };
	return (await desk.asks<{ rows: Row[] }>('queue', { ask })).rows;
};
/** Connects an account as the form would; this story is about another one. */
const connect = (desk: DeskWindow, account: StandIn) =>
	desk.asks('connect', {
		draft: {
			platform: account.platform,
			way: account.way,
			name: account.title,
			fields: account.fields,
			base_url: account.base_url,
		},
	});

story(
	'A pasted collection becomes a profile; it is filled in, tried, and an order arrives by it',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--quiet', '--faults', 'none', '--platforms', 'orderez');
		try {
			const desk = await stage.open();
			const { person } = desk;
			const findings: string[] = [];
			const look = async (name: string) => {
				await desk.shot(name);
				for (const finding of await desk.accessibilityViolations()) findings.push(`${name}: ${finding}`);
			};
			await person.sees('One desk for every order');
			const account = merchant.accounts.find((each) => each.platform === 'orderez') as StandIn;
			const store = merchant.accounts.find((each) => each.name === 'harbour-goods') as StandIn;
			await connect(desk, store);
			await merchant.buys({ account: store.name, sku: 'BAL-BEE' });
			await until('the order to be read', async () => {
				await desk.asks('sync_now', { scope: { what: 'everything' } });
				return (await rows(desk)).length > 0;
			});

			await goes(desk, 'connections?sheet=add&platform=orderez');
			await person.clicks('Profile of my own');
			await person.fills('API host', account.fields['host'] ?? '');
			await person.fills('API key', account.fields['api_key'] ?? '');
			await person.clicks('Use a stand-in on this computer');
			await person.fills('Address of the stand-in', account.base_url);
			await person.sees('No profile yet.');
			await look('profile-form');

			// The vendor's collection, pasted.
			await person.clicks('Make one…');
			await person.sees('What is this account’s API like?');
			await look('profile-start');
			await person.clicks('Import a collection…', { inside: 'What is this account’s API like?' });
			await person.fills('The collection’s text', JSON.stringify(COLLECTION));
			await look('profile-import');
			await person.clicks('Read it');
			await person.sees('4 requests recognised');
			await person.sees('1 request not recognised');
			await look('profile-imported');
			await person.clicks('Begin with this');
			await person.sees('harbour-supply-api can be used');

			// What is read: the sample of the collection, with live values; one field is pointed at by hand.
			await person.sees('The record is read as shown.');
			await points(desk, 'note', 'notes_for_us');
			await person.sees('Ring twice');
			await look('profile-fields');
			await points(desk, 'status', 'nowhere_at_all');
			await person.sees('1 required field has no value');
			await person.sees('nothing is found there');
			await look('profile-fields-missing');
			await points(desk, 'status', 'status');
			await person.sees('The record is read as shown.');

			// What is sent: the body in the vendor's words, and the exact request of the order that was bought.
			await person.clicks('What is sent');
			await person.clicks('Create order');
			await person.fills('Body', JSON.stringify(BODY, null, 1));
			await person.presses('Tab');
			const [bought] = await rows(desk);
			await person.sees(`Made of ${bought?.number}.`);
			await person.sees(/"sku": "BAL-BEE"/);
			await person.sees('idempotency-key:');
			expect(await person.readsThePage()).not.toContain(account.fields['api_key']);
			await look('profile-dry-run');
			await desk.session.run(`document.documentElement.dataset.theme = 'dark'`);
			await look('profile-dry-run-dark');
			await person.clicks('What is read');
			await look('profile-fields-dark');
			await desk.session.run(`document.documentElement.dataset.theme = 'light'`);

			// What that switches on.
			await person.clicks('Abilities');
			await person.sees('Each order becomes an entry');
			await look('profile-abilities');
			await person.clicks('The account can: Send orders');
			await person.clicks('The account can: Read parcels and tracking');
			await person.seesNoMore('Each order becomes an entry');
			await person.clicks('The file');
			await look('profile-file');

			await person.clicks('Use this profile');
			await person.sees('harbour-supply-api');
			await person.clicks('Test connection');
			await person.sees('Test again', 30_000);
			await look('profile-tested');
			await person.fills('Name of this account', 'Harbour Desk');
			await person.clicks('Connect Harbour Desk');
			await person.sees(/Harbour Desk[\s\S]*stand-in at/, 30_000);

			// The order that waited goes there, under our reference.
			// Nothing tells whether this hub imports the store by itself: it is said once who writes.
			await desk.asks('put_connection_settings', { id: 'harbour-goods', settings: { hub_imports: false } });
			await desk.asks('go_live', { id: 'orders_to_hub', mode: 'auto', fromMs: 0 });
			const arrived = await until(
				'the order to arrive',
				async () => {
					const entries = await merchant.ledger();
					return entries.find((entry) => entry.platform === 'orderez' && entry.by === 'client' && entry.key !== null);
				},
				{ within_ms: 60_000, otherwise: async () => JSON.stringify(await merchant.ledger()) },
			);
			expect(arrived.account).toBe(account.name);
			// Once, and never again.
			await desk.asks('sync_now', { scope: { what: 'everything' } });
			await goes(desk, 'queue?view=all');
			await desk.isCalm();
			const made = (await merchant.ledger()).filter((each) => each.platform === 'orderez' && each.by === 'client');
			expect(made.map((each) => each.effect)).toEqual([arrived.effect]);

			await goes(desk, 'connections?id=harbour-desk');
			await person.sees('Import orders from a CSV file…');
			await look('profile-account');
			await person.clicks('Open the profile…');
			await person.sees('The profile of Harbour Desk');
			// The account itself has a sample now: the order that arrived.
			await person.clicks('Fetch one');
			await person.sees('The record is read as shown.', 30_000);
			await look('profile-fetched');
			const tried = await desk.asks<Tried>('profile_dry_run', {
				platform: 'orderez',
				profile: 'assumed-contract',
				operation: 'listOrders',
				order: null,
				hub: 'harbour-desk',
				fields: { host: 'api.harbour.example' },
			});
			expect(tried.request.url).toContain('https://api.harbour.example/v1/orders?');
			expect(findings).toEqual([]);
		} finally {
			merchant.close();
		}
	},
	240_000,
);

story(
	'Orders of an account that cannot be read come from its export; the same file twice changes nothing',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--quiet', '--faults', 'none', '--platforms', 'orderez');
		try {
			const desk = await stage.open();
			const { person } = desk;
			const findings: string[] = [];
			const look = async (name: string) => {
				await desk.shot(name);
				for (const finding of await desk.accessibilityViolations()) findings.push(`${name}: ${finding}`);
			};
			await person.sees('One desk for every order');
			const account = merchant.accounts.find((each) => each.platform === 'orderez') as StandIn;
			const store = merchant.accounts.find((each) => each.name === 'harbour-goods') as StandIn;
			await connect(desk, { ...account, way: 'orderez-co-supplier', title: 'Supplier' });
			await connect(desk, store);
			// The page learns of accounts it did not connect itself when it is opened.
			await desk.session.run('location.reload()');
			await person.seesNoMore('One desk for every order');
			await goes(desk, 'connections?id=supplier');
			await person.clicks('Import orders from a CSV file…');
			await person.sees('The account’s order export');
			await pastes(desk, 'csv-text', EXPORT);
			await person.clicks('Read what was pasted');
			// The heading nobody could guess is asked for.
			await person.sees('nothing works without it');
			await look('csv-missing');
			await desk.session.run(
				`const column = document.querySelector('[data-testid="csv-column-number"]');
				column.value = 'Ref';
				column.dispatchEvent(new Event('change', { bubbles: true }));`,
			);
			await person.sees('SO-2001 · SO-2002 · SO-2003');
			await person.clicks('Import 4 rows');
			await person.sees('2 orders read, 2 new or changed.');
			await person.sees('row 4:');
			await look('csv-imported');
			await person.clicks('Import 4 rows');
			await person.sees('2 orders read, 0 new or changed.');
			await person.sees('Everything in it was known already.');

			// Nothing can be sent there: what is bought waits for a hand, with a text to copy and a file.
			await desk.asks('go_live', { id: 'orders_to_hub', mode: 'auto', fromMs: null });
			await merchant.buys({ account: store.name, sku: 'BAL-BEE' });
			await until('the order to wait for a hand', async () => {
				await desk.asks('sync_now', { scope: { what: 'everything' } });
				const [n] = await desk.asks<[number, string]>('by_hand_text', { cause: 'enter_by_hand' });
				return n > 0;
			});
			await goes(desk, 'exceptions?page=enter_by_hand');
			await person.sees('Copy all');
			await look('by-hand');
			await person.clicks('Export CSV…');
			await person.sees('With recipients');
			await look('by-hand-export');
			await person.clicks('Cancel');
			expect(findings).toEqual([]);
		} finally {
			merchant.close();
		}
	},
	180_000,
);

function goes(desk: DeskWindow, place: string) {
	return desk.session.run(`location.hash = ${JSON.stringify(`#/${place}`)}`);
}

/** Pastes: what is typed key by key loses its line breaks on the way. */
function pastes(desk: DeskWindow, testid: string, text: string) {
	return desk.session.run(
		`const field = document.querySelector('[data-testid="' + arguments[0] + '"]');
		field.value = arguments[1];
		field.dispatchEvent(new Event('input', { bubbles: true }));`,
		testid,
		text,
	);
}

/** Says where a field is, in one go: emptying it first would be an answer of its own. */
function points(desk: DeskWindow, field: string, expression: string) {
	return desk.session.run(
		`const input = document.querySelector('[data-testid="expression-' + arguments[0] + '"]');
		input.focus();
		input.value = arguments[1];
		input.dispatchEvent(new Event('change', { bubbles: true }));`,
		field,
		expression,
	);
}
