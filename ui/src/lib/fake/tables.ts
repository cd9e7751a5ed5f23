// Aliases, mappings and rules of the fake desk: kept in memory, answered plausibly, decided
// nowhere. What they do to orders is the real desk's business and tested there.
import type {
	AliasesView,
	FieldMapping,
	ImportView,
	Mapped,
	MappingImport,
	MappingRow,
	MappingTest,
	MappingView,
	Plan,
	PlannedView,
	RuleBook,
	RulesTest,
	RulesView,
	SkuAlias,
	UnknownSkus,
} from '$lib/api/types';

/** An open order that other rules would change. */
const RULED: Omit<PlannedView, 'changes'> = {
	effect: {
		key: 'rules/1042',
		automation: 'rules',
		connection: 'shipping',
		// Screens show the sentence and the changes, never the intent's inside.
		intent: { kind: 'void_label', parcel_id: 'rules-1042' },
		mode: 'watch',
		ship_by_ms: null,
		sentence: 'Rules would change #1042: service',
	},
	account: 'Shipping',
	order_id: 12,
	order_number: '#1042',
};

const same = (a: SkuAlias, b: SkuAlias) =>
	a.store === b.store && a.by === b.by && a.theirs.toLowerCase() === b.theirs.toLowerCase();

/** Rows that are worked out: those on, of the list and of sets that are on. */
const lively = (mapping: FieldMapping): MappingRow[] =>
	[...mapping.rows, ...mapping.sets.filter((set) => set.on).flatMap((set) => set.rows)].filter((row) => row.on);

export class FakeTables {
	aliases: SkuAlias[] = [
		{ store: null, by: 'sku', theirs: 'MUG-BLUE-US', parts: [{ sku: 'MUG-BLUE', quantity: 1 }] },
		{
			store: 'harbour-goods',
			by: 'sku',
			theirs: 'GIFT-SET',
			parts: [
				{ sku: 'MUG-BLUE', quantity: 1 },
				{ sku: 'TEA-100', quantity: 2 },
			],
		},
	];
	mapping: FieldMapping = { rows: [], tables: {}, sets: [] };
	book: RuleBook = { rules: [], first_only: false };

	view(text: string): AliasesView {
		const typed = text.trim().toLowerCase();
		const rows = this.aliases.filter(
			(row) =>
				typed === '' ||
				row.theirs.toLowerCase().includes(typed) ||
				row.parts.some((part) => part.sku.toLowerCase().includes(typed)),
		);
		return {
			rows,
			matching: rows.length,
			total: this.aliases.length,
			stores: [['harbour-goods', 'Harbour Goods']],
		};
	}
	put(alias: SkuAlias, replaces: SkuAlias | null): Mapped {
		this.aliases = this.aliases.filter((row) => !same(row, alias) && !(replaces && same(row, replaces)));
		this.aliases.unshift(alias);
		return { orders: 4, retried: 1, sentence: `${alias.theirs} is mapped; 4 open orders were looked at again.` };
	}
	remove(alias: SkuAlias): Mapped {
		this.aliases = this.aliases.filter((row) => !same(row, alias));
		return { orders: 0, retried: 0, sentence: `${alias.theirs} is no longer mapped.` };
	}
	import(write: boolean): ImportView {
		return {
			read: {
				aliases: [],
				problems: ['Line 4: there is no store "Nowhere". Empty means every store.'],
				more_problems: 0,
			},
			added: 2,
			changed: 0,
			same: 1,
			done: write,
			sentence: `${write ? 'Imported' : 'The file has'}: 2 new, 0 changed, 1 as they are. 1 row is left out.`,
		};
	}
	unknown(): UnknownSkus {
		const alias: SkuAlias = {
			store: 'harbour-goods',
			by: 'sku',
			theirs: 'HG-LAMP-S-EU',
			parts: [{ sku: 'HG-LAMP-S', quantity: 1 }],
		};
		return {
			unknown: [
				{
					store: 'harbour-goods',
					store_name: 'Harbour Goods',
					sku: 'HG-LAMP-S-EU',
					variant_id: '77',
					name: 'Harbour lamp · small',
					listing_name: 'Harbour lamp, small, for the quay',
					listing_code: 'B0LAMP0001',
					orders: 4,
					waiting: 4,
				},
			],
			suggestions: [
				{ alias, name: 'Harbour lamp · small', because: 'Both carry the barcode 4006381333931.', orders: 4 },
			].filter((each) => !this.aliases.some((row) => same(row, each.alias))),
			hub_skus: ['HG-LAMP-S', 'HG-LAMP-L', 'MUG-BLUE', 'TEA-100'],
		};
	}
	mappingView(): MappingView {
		return {
			mapping: this.mapping,
			problems: [],
			targets: [
				['custom_field1', 'Custom field 1'],
				['custom_field2', 'Custom field 2'],
				['internal_note', 'Note for the team'],
				['tag', 'Tag'],
				['carrier', 'Carrier, as the hub\u2019s code'],
				['line_note', 'Note on each line'],
			],
			left_out: [
				[
					'carrier',
					'Yard has no place for "Carrier, as the hub\u2019s code". Whoever packs there chooses; write it into the note for the team instead.',
				],
			],
			names: [
				['number', 'Order number. As people call it, #1001.'],
				['country', 'Country. Two letters.'],
				['attributes["Gift wrap"]', 'An attribute or metafield of the order, by its name.'],
			],
			attributes: [['PO number', '4711']],
			stores: [['harbour-goods', 'Harbour Goods']],
		};
	}
	mappingTest(mapping: FieldMapping): MappingTest {
		return {
			problems: [],
			orders: [
				{
					order: 12,
					number: '#1042',
					fields: lively(mapping).map((row) => ({
						...{ row: row.id, target: row.target, text: row.template, warning: null },
					})),
				},
			],
		};
	}
	mappingText(id: string | null): string {
		const set = this.mapping.sets.find((each) => each.id === id);
		const [name, rows] = set ? [set.name, set.rows] : ['Mappings', this.mapping.rows];
		return JSON.stringify({ quayside_mapping_set: 1, name, rows, tables: this.mapping.tables }, null, 2);
	}
	/** What the text would change, or null if it is none. Kept only as it was shown. */
	importMapping(text: string, agreed: string | null): MappingImport | null {
		let shared: { name: string; rows: MappingRow[] };
		try {
			shared = JSON.parse(text) as typeof shared;
		} catch {
			return null;
		}
		const digest = JSON.stringify([this.mapping, shared]);
		const id = `set-${shared.name.toLowerCase()}`;
		const says = [
			`A new set "${shared.name}" with ${shared.rows.length} mappings. It is kept switched off and for all stores: choose its stores, look at the preview, then switch it on.`,
			...shared.rows.map((row) => `New: ${row.target} from ${row.template}.`),
		];
		const kept = agreed === digest;
		if (kept) {
			const rows = shared.rows.map((row, n) => ({ ...row, id: `${id}/${n}` }));
			const set = { id, name: shared.name, on: false, stores: [], rows };
			this.mapping = { ...this.mapping, sets: [...this.mapping.sets.filter((each) => each.id !== id), set] };
		}
		return { set: id, says, digest, kept };
	}
	rulesView(): RulesView {
		return {
			book: this.book,
			problems: [],
			fields: [
				{ name: 'tags', label: 'Tags', help: "The store's tags on the order.", kind: 'texts', example: 'vip' },
				{ name: 'weight_g', label: 'Weight', help: 'Grams of all units.', kind: 'number', example: '1200' },
				{ name: 'country', label: 'Country', help: 'Two letters.', kind: 'text', example: 'DE' },
			],
			ops: [
				['is', 'is'],
				['contains', 'contains'],
				['one_of', 'is one of'],
				['more_than', 'is more than'],
				['present', 'is given'],
				['absent', 'is not given'],
			],
			ready_made: [
				{
					about: 'Customers tagged VIP get express, and you hear of it.',
					fill_in: '',
					rule: {
						id: 'vip',
						name: 'VIP goes express',
						on: false,
						when: { kind: 'is', field: 'tags', op: 'contains', value: 'vip' },
						then: [{ kind: 'priority' }, { kind: 'requested_service', text: 'Express' }],
					},
				},
				{
					about: 'A default service by weight: heavy parcels go another way.',
					fill_in: "The service's code at your shipping account.",
					rule: {
						id: 'heavy',
						name: 'Heavier than 20 kg',
						on: false,
						when: { kind: 'is', field: 'weight_g', op: 'more_than', value: '20000' },
						then: [{ kind: 'service', text: 'FILL-IN-heavy-service' }],
					},
				},
			],
		};
	}
	/** What changes for open orders from the rules that are kept to these. */
	rulesPlan(book: RuleBook, skip: number, now: number): Plan {
		const words = (of: RuleBook) => of.rules.filter((rule) => rule.on).map((rule) => rule.name);
		return this.#plan('rules', 'Service', words(this.book), words(book), skip, now);
	}
	mappingPlan(mapping: FieldMapping, skip: number, now: number): Plan {
		const words = (of: FieldMapping) => lively(of).map((row) => row.template);
		return this.#plan('field_mapping', 'Custom field 1', words(this.mapping), words(mapping), skip, now);
	}
	#plan(id: string, field: string, before: string[], after: string[], skip: number, now: number): Plan {
		const still = JSON.stringify(before) === JSON.stringify(after);
		const change = { field, before: 'Standard', after: after.join(', ') || 'Standard' };
		const items = still || skip > 0 ? [] : [{ ...RULED, changes: [change] }];
		return {
			items,
			per_automation: { [id]: still ? 0 : 1 },
			orders: 397,
			cost: [],
			who_writes: [],
			hash: `${id}-${after.length}`,
			as_of_ms: now,
		};
	}
	rulesTest(book: RuleBook, last: number): RulesTest {
		const first = book.rules.find((rule) => rule.on);
		return {
			problems: [],
			looked_at: last,
			fired: first ? 3 : 0,
			held: 0,
			per_rule: first ? { [first.id]: 3 } : {},
			orders: first
				? [
						{
							order: 12,
							number: '#1042',
							trace: book.rules
								.filter((rule) => rule.on)
								.map((rule) => ({
									rule: rule.id,
									name: rule.name,
									fired: rule === first,
									why: rule === first ? 'Tags ("vip") contains vip' : 'Country is "DE"; wanted: is one of US',
									did: rule === first ? ['Service asked for: Express'] : [],
								})),
							changes: [{ field: 'Service', before: 'Standard', after: 'Express' }],
							hold: null,
							alerts: [],
							over: false,
						},
					]
				: [],
		};
	}
}
