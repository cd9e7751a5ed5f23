// Profiles for the fake desk: the same functions over JSON files and plain paths (`totals.grand`), enough to build and
// test the screens. Nothing of a real platform's format is repeated here.
import type {
	Ability,
	CsvImported,
	CsvMapping,
	CsvPreview,
	HandedText,
	ImportedProfile,
	Json,
	Preview,
	PreviewRow,
	ProfileReport,
	ProfileSection,
	ShippedProfile,
	TriedRequest,
	Trouble,
} from '$lib/api/types';

interface File {
	name: string;
	capabilities: Record<string, boolean>;
	operations: Record<string, { method: string; path?: string | null; body?: Json }>;
	entities: Record<string, { read: Record<string, string> }>;
	paging?: Record<string, string | number>;
	limits?: Record<string, number>;
	enums?: Record<string, Record<string, string>>;
}

const FIELDS: Record<string, [string, boolean, string][]> = {
	order: [
		['remote_id', true, 'Their permanent id of the order'],
		['status', true, 'Where it stands: open, on_hold, partial, shipped, done, cancelled'],
		['lines', true, 'Its lines: remote_id, key, sku, title, quantity, fulfilled, cancelled'],
		['number', false, 'What people call it'],
		['updated_at', false, 'When it last changed. Without it every poll reads all orders'],
		['note', false, 'Note'],
	],
	fulfillment: [
		['remote_id', true, 'Their permanent id of the shipment'],
		['order_remote_id', true, 'Their id of the order it belongs to'],
		['tracking', false, 'Tracking: a list of carrier, number, url'],
	],
};
const ABILITIES: [string, string, string[], string, boolean][] = [
	['orders.read', 'Read orders', ['listOrders'], 'Import the account’s order export (CSV) instead.', true],
	['orders.write', 'Send orders', ['createOrder'], 'Each order becomes an entry “Enter by hand”.', true],
	['fulfillments.read', 'Read parcels and tracking', ['listFulfillments'], 'Parcels do not come from here.', true],
	['inventory.read', 'Read stock', ['listInventory'], 'Stock of this account is not shown.', false],
];
const USED: [string, string][] = [
	['listOrders', 'GET'],
	['createOrder', 'POST'],
	['getOrder', 'GET'],
	['listFulfillments', 'GET'],
];
const CONTRACT: File = {
	name: 'assumed-contract',
	capabilities: { 'orders.read': true, 'orders.write': true, 'fulfillments.read': true, 'inventory.read': false },
	operations: {
		listOrders: { method: 'GET', path: '/orders' },
		getOrder: { method: 'GET', path: '/orders/{order_id}' },
		createOrder: { method: 'POST', path: '/orders', body: { number: '=number', note: '=note' } },
		listFulfillments: { method: 'GET', path: '/fulfillments' },
	},
	entities: {
		order: { read: { remote_id: 'id', number: 'number', status: 'status', lines: 'lines', updated_at: 'updated_at' } },
		fulfillment: { read: { remote_id: 'id', order_remote_id: 'order_id', tracking: 'tracking' } },
	},
	paging: { style: 'cursor', cursor_param: 'cursor', limit_param: 'limit', limit: 250 },
	limits: { requests_per_minute: 120 },
	enums: { order_status: { pending: 'open', completed: 'done', '*': 'unknown' }, 'reason.write': { buyer: 'BUYER' } },
};
const SUPPLIER: File = {
	name: 'supplier',
	capabilities: { 'orders.read': true, 'orders.write': false, 'fulfillments.read': false, 'inventory.read': false },
	operations: { listOrders: { method: 'GET', path: null }, getOrder: { method: 'GET', path: null } },
	entities: { order: { read: { remote_id: 'id', status: 'status' } } },
};
const text = (file: File) => JSON.stringify(file, null, 2);

function no(sentence: string, field: string | null = null): Trouble {
	return { code: 'input', sentence, field };
}
function parse(profile: string): File | string {
	try {
		const file = JSON.parse(profile) as File;
		return typeof file.name === 'string' ? file : 'The file has no name.';
	} catch (error) {
		return `The file is not readable (${String(error)}).`;
	}
}
function at(record: Json, path: string): Json {
	return path.split('.').reduce<Json>((value, name) => {
		if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
		return value[name] ?? null;
	}, record);
}

export class FakeProfiles {
	/** Exports that were taken in, by account, for tests. */
	known = new Map<string, Set<string>>();
	/** Columns as they were chosen last, by account. */
	columns = new Map<string, Record<string, string>>();

	shipped(): ShippedProfile[] {
		return [
			{ name: 'assumed-contract', title: 'Assumed contract', text: text(CONTRACT) },
			{ name: 'supplier', title: 'Supplier account', text: text(SUPPLIER) },
		];
	}
	check(profile: string): ProfileReport {
		const file = parse(profile);
		if (typeof file === 'string') {
			const faults = [{ place: '', sentence: file }];
			const empty = { abilities: [], operations: [], entities: [], requests: [], settings: [], tables: [] };
			return { ok: false, name: '', faults, ...empty };
		}
		const path = (operation: string) => file.operations[operation]?.path ?? '';
		const faults = Object.keys(file.operations)
			.filter((name) => path(name) !== '' && !path(name).startsWith('/'))
			.map((name) => ({
				place: `operations.${name}.path`,
				sentence: `"${path(name)}" is not a path. It begins with / and holds no query.`,
			}));
		const [style, rows] = [file.paging?.['style'], file.paging?.['limit']];
		if (style === 'page' && !file.paging?.['page_param'])
			faults.push({ place: 'paging.page_param', sentence: 'This style of paging needs "page_param".' });
		if (rows !== undefined && (Number(rows) < 1 || Number(rows) > 1000))
			faults.push({ place: 'paging.limit', sentence: `${rows} is not between 1 and 1000.` });
		const abilities = ABILITIES.map(([name, title, needs, fallback, used]): Ability => {
			const switched = file.capabilities[name] === true;
			const unknown = needs.filter((operation) => path(operation) === '');
			const why_off = !switched
				? `The profile "${file.name}" says that the account cannot do it.`
				: unknown.length > 0
					? `The profile "${file.name}" knows no path for ${unknown.join(' and ')}.`
					: '';
			return { name, title, on: why_off === '', why_off, fallback, used, switch: name, switched };
		});
		const others = Object.keys(file.operations).filter((name) => !USED.some(([used]) => used === name));
		return {
			ok: faults.length === 0,
			name: file.name,
			faults,
			abilities: faults.length === 0 ? abilities : [],
			operations: Object.keys(file.operations).filter((name) => path(name) !== ''),
			entities: Object.keys(FIELDS).map((name) => ({ name, rows: this.#rows(file, name, null) })),
			requests: [...USED, ...others.map((name): [string, string] => [name, ''])].map(([operation, usual]) => {
				const known = file.operations[operation];
				const method = known?.method ?? usual;
				return {
					operation,
					method,
					path: path(operation),
					body: known?.body == null ? '' : JSON.stringify(known.body, null, 2),
					placeholders: operation === 'getOrder' ? ['order_id'] : [],
					writes: method !== 'GET',
					used: usual !== '',
				};
			}),
			settings: this.#settings(file),
			tables: ['order_status', 'reason.write'].map((name) => ({
				place: ['enums', name],
				title: name === 'order_status' ? 'States of an order' : 'Reasons',
				writes: name.endsWith('.write'),
				words: name === 'order_status' ? ['open', 'on_hold', 'done', 'unknown'] : ['buyer', 'staff'],
				rows: Object.entries(file.enums?.[name] ?? {}),
			})),
		};
	}
	#settings(file: File): ProfileSection[] {
		const of = (section: 'paging' | 'limits', name: string, label: string, kind = 'text', options: string[] = []) => ({
			place: [section, name],
			label,
			help: '',
			kind,
			options: options.map((each): [string, string] => [each, each]),
			value: String(file[section]?.[name] ?? ''),
		});
		const page = file.paging?.['style'] === 'page';
		return [
			{
				title: 'Lists, page by page',
				help: 'How the next page of a list is asked for.',
				fields: [
					of('paging', 'style', 'How lists go on', 'choice', ['cursor', 'page', 'none']),
					page
						? of('paging', 'page_param', 'Parameter for the page')
						: of('paging', 'cursor_param', 'Parameter for the cursor'),
					of('paging', 'limit', 'Rows a page', 'number'),
				],
			},
			{ title: 'Limits', help: '', fields: [of('limits', 'requests_per_minute', 'Calls a minute', 'number')] },
		];
	}
	#rows(file: File, entity: string, record: Json): PreviewRow[] {
		return (FIELDS[entity] ?? []).map(([field, required, meaning]) => {
			const expression = file.entities[entity]?.read[field] ?? '';
			const found = expression === '' || record === null ? null : at(record, expression);
			const value = found === null ? '' : typeof found === 'string' ? found : JSON.stringify(found);
			const missing = required && (record === null ? expression === '' : value === '');
			return { field, required, meaning, expression, value, missing, problem: '' };
		});
	}
	preview(profile: string, entity: string, sample: string): Preview {
		const file = parse(profile);
		if (typeof file === 'string') throw no(file, 'profile');
		let json: Json;
		try {
			json = JSON.parse(sample) as Json;
		} catch {
			throw no('The sample is not JSON. Paste the answer’s body, nothing else.', 'sample');
		}
		const data = at(json, 'data');
		const records = Array.isArray(data) ? data : [data ?? json];
		const first = records[0];
		if (first === undefined || first === null) throw no('No record was found in the sample.', 'sample');
		const rows = this.#rows(file, entity, first);
		const missing = rows.filter((row) => row.missing).map((row) => row.field);
		const names = typeof first === 'object' && !Array.isArray(first) ? Object.keys(first) : [];
		return {
			records: records.length,
			rows,
			unused: names.filter((name) => !rows.some((row) => row.expression.split('.')[0] === name)),
			ok: missing.length === 0,
			sentence:
				missing.length === 0
					? 'The record is read as shown.'
					: `Without a value: ${missing.join(', ')}. Say in the profile where to find it.`,
		};
	}
	edit(profile: string, place: string[], value: Json): string {
		const file = parse(profile);
		if (typeof file === 'string') throw no(file, place.join('.'));
		const names = [...place];
		const last = names.pop() ?? '';
		let holder = file as unknown as Record<string, Json>;
		for (const name of names) holder = (holder[name] ??= {}) as Record<string, Json>;
		if (value === null && last !== 'path') delete holder[last];
		else holder[last] = value;
		return text(file);
	}
	sample(entity: string, fields: Record<string, string>): string {
		if (!fields['host'] && !fields['api_key']) throw no('API host is empty.', 'host');
		const order = { id: 'o-1', number: 'A-1001', status: 'pending', lines: [{ sku: 'HG-MUG-B' }], buyer: 'Anna' };
		return JSON.stringify({ data: [entity === 'order' ? order : { id: 'f-1', order_id: 'o-1' }] }, null, 2);
	}
	dryRun(profile: string, operation: string, order: { id: number; number: string } | null): TriedRequest {
		const file = parse(profile);
		if (typeof file === 'string') throw no(file, 'profile');
		const known = file.operations[operation];
		if (!known?.path) throw no(`The profile "${file.name}" knows no path for ${operation}.`, operation);
		const record: Json = { number: order?.number ?? '#1001', note: 'Ring twice' };
		const filled = Object.entries((known.body ?? {}) as Record<string, Json>).map(([name, value]) => [
			name,
			typeof value === 'string' && value.startsWith('=') ? at(record, value.slice(1)) : value,
		]);
		return {
			request: {
				method: known.method,
				url: `https://{host}${known.path}`,
				headers: [['authorization', 'Bearer •••']],
				body: known.body == null ? '' : JSON.stringify(Object.fromEntries(filled), null, 2),
			},
			order: order?.id ?? null,
			number: order?.number ?? '#1001',
		};
	}
	import(from: HandedText): ImportedProfile {
		let collection: { info?: { name?: string }; item?: { name: string; request: { method: string; url: string } }[] };
		try {
			collection = from.path
				? { info: { name: 'From a file' }, item: [] }
				: (JSON.parse(from.text) as typeof collection);
		} catch {
			throw no('The file is neither a Postman collection (v2.1, with "item") nor an OpenAPI file (with "openapi").');
		}
		const file: File = structuredClone(SUPPLIER);
		file.name = (collection.info?.name ?? 'imported').toLowerCase().replace(/[^a-z0-9]+/g, '-');
		const found: [string, string][] = [];
		const unknown: string[] = [];
		for (const { name, request } of collection.item ?? []) {
			const path = request.url.replace(/^\{\{[^}]*\}\}/, '');
			const operation = path.endsWith('/orders') ? (request.method === 'GET' ? 'listOrders' : 'createOrder') : null;
			if (!operation) {
				unknown.push(`${request.method} ${path} (${name})`);
				continue;
			}
			file.operations[operation] = { method: request.method, path };
			found.push([operation, `${request.method} ${path}`]);
		}
		const notes = ['No sample answer of an order is in the file. Paste one to say where its fields are.'];
		return { profile: text(file), found, unknown, samples: {}, notes };
	}
	csvPreview(from: HandedText, id?: string): CsvPreview {
		const rows = from.text
			.trim()
			.split('\n')
			.map((line) => line.split(',').map((cell) => cell.trim()));
		const headings = rows.shift() ?? [];
		if (headings.length < 2) throw no('The first row should hold the headings of the columns.');
		const fields: [string, boolean, string][] = [
			['number', true, 'Order number'],
			['quantity', true, 'Units of the line'],
			['sku', true, 'SKU of the line'],
			['status', false, 'Where the order stands'],
		];
		const columns = Object.fromEntries(
			fields.flatMap(([field]) => {
				const heading = headings.find((each) => each.toLowerCase() === field);
				return heading ? [[field, heading]] : [];
			}),
		);
		// As the last time, where the file still has all of its columns.
		const last = id === undefined ? undefined : this.columns.get(id);
		const same = last && Object.values(last).every((heading) => headings.includes(heading));
		const mapping = { columns: last && same ? last : columns };
		return { headings, rows: rows.slice(0, 5), total: rows.length, mapping, fields };
	}
	importCsv(id: string, from: HandedText, mapping: CsvMapping): CsvImported {
		const { headings } = this.csvPreview(from);
		const known = this.known.get(id) ?? new Set<string>();
		this.known.set(id, known);
		this.columns.set(id, { ...(mapping.columns as Record<string, string>) });
		const column = headings.indexOf(mapping.columns['number'] ?? '');
		const lines = from.text.trim().split('\n').slice(1);
		const numbers = lines.map((line) => line.split(',')[column]?.trim() ?? '');
		const set_aside = numbers.flatMap((number, row) => (number === '' ? [`row ${row + 2}: no order number`] : []));
		const orders = new Set(numbers.filter(Boolean));
		const changed = [...orders].filter((number) => !known.has(number)).length;
		for (const number of orders) known.add(number);
		return { orders: orders.size, changed, set_aside };
	}
}
