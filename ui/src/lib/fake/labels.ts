// Labels at the fake desk: what carriers ask, what was bought, what is left of today's limit.
import type {
	Act,
	AutomationView,
	EffectView,
	LabelBatch,
	LabelForm,
	LabelPick,
	LabelQuotes,
	LabelsSaved,
	LabelSpend,
	OrderDetail,
	ParcelSize,
	ParcelView,
	QueueRow,
	QuoteView,
	SettingField,
} from '$lib/api/types';
import { FRIDAY, HUB, MIN } from './world';

const LIMIT_MINOR = 10_000;
const CURRENCY = 'USD';
/** Stages in which the hub has something to put a label on. */
const AT_HUB = new Set(['packing', 'partly_shipped', 'held']);
const DEFAULT: ParcelSize = { weight_g: 640, length_mm: 300, width_mm: 200, height_mm: 100 };

const plain = (minor: number) => (minor / 100).toFixed(2);

function quote(
	carrier: string,
	service_name: string,
	total_minor: number,
	days: number | null,
	in_time: boolean | null,
	more: Partial<QuoteView> = {},
): QuoteView {
	const word = (text: string) => text.toLowerCase().replaceAll(' ', '_');
	return {
		carrier_id: `se-${word(carrier)}`,
		carrier,
		service: `${word(carrier)}_${word(service_name)}`,
		service_name,
		package: 'package',
		total_minor,
		total: `${plain(total_minor)} ${CURRENCY}`,
		amount: plain(total_minor),
		parts: '',
		days,
		arrives: days === null ? null : new Date(FRIDAY + days * 24 * 60 * MIN).toISOString().slice(0, 10),
		in_time,
		notes: [],
		...more,
	};
}

function sizeWords(size: ParcelSize): string {
	const sides = [size.length_mm, size.width_mm, size.height_mm];
	const cm = sides.every((side) => side !== null) ? sides.map((side) => (side ?? 0) / 10).join(' × ') + ' cm' : '';
	return [size.weight_g === null ? '' : `${size.weight_g} g`, cm].filter(Boolean).join(', ');
}

export class FakeLabels {
	/** Parcels of labels that were bought, by order; newest first. */
	parcels = new Map<number, ParcelView[]>();
	spent_minor = 2360;
	/** What quotes end in, for tests. */
	trouble: string | null = null;
	/** No carrier the policy would buy from, for tests. */
	noChoice = false;
	/** Bought labels stay on their way until `settle`, for tests. */
	held = false;
	/** What the platform says to the next purchase, for tests. */
	refusal: string | null = null;
	/** Every question for quotes, for tests. */
	asked: { id: number; size: ParcelSize | null }[] = [];
	/** What was written or opened, for tests. */
	saved: { picks: LabelPick[]; form: LabelForm; folder: string | null }[] = [];
	#way: { effect: EffectView; row: QueueRow; back: boolean; fields: Record<string, string> }[] = [];
	#next = 700;

	spend(): LabelSpend {
		return {
			spent_minor: this.spent_minor,
			limit_minor: LIMIT_MINOR,
			currency: CURRENCY,
			currency_exponent: 2,
			sentence: `${plain(this.spent_minor)} of ${plain(LIMIT_MINOR)} ${CURRENCY} of today's limit are spent.`,
		};
	}

	/** Why no label can be bought; null if one can. */
	because(row: QueueRow): string | null {
		if (AT_HUB.has(row.stage)) return null;
		if (row.stage === 'shipped' || row.stage === 'telling') return 'All of it has left already.';
		return `${HUB.title} does not have ${row.number} yet: a label is bought of what it has.`;
	}

	quotes(row: QueueRow, size: ParcelSize | null, test: boolean): LabelQuotes {
		this.asked.push({ id: row.id, size });
		const weight = size?.weight_g ?? DEFAULT.weight_g ?? 0;
		const heavy = Math.max(0, Math.ceil((weight - 1000) / 500)) * 150;
		const quotes = [
			quote('DHL', 'Paket', 540 + heavy, 3, true, { parts: `shipping ${plain(540 + heavy)}` }),
			quote('UPS', 'Standard', 840 + heavy, 2, true, { notes: ['Needs a telephone number.'] }),
			quote('GLS', 'Economy', 890 + heavy, 7, false),
			quote('PostNord', 'Letter', 920 + heavy, null, null),
			quote('UPS', 'Express Saver', 2650 + heavy, 1, true),
		];
		return {
			order_id: row.id,
			number: row.number,
			hub: HUB.title,
			quotes,
			not_offered: ['FedEx has no account at the hub for parcels to this country.'],
			chosen: this.noChoice ? null : 0,
			because: this.noChoice
				? 'None arrives by Mon 23 Nov for less than 5.00 USD, which is what the settings allow.'
				: 'The cheapest that arrives by Mon 23 Nov.',
			promised: '2026-11-23',
			size: size ?? DEFAULT,
			size_words: sizeWords(size ?? DEFAULT),
			spend: this.spend(),
			test,
		};
	}

	batch(rows: QueueRow[], test: boolean): LabelBatch {
		return {
			ready: rows.filter((row) => this.because(row) === null).map((row) => row.id),
			not_ready: rows.flatMap((row) => {
				const why = this.because(row);
				return why === null ? [] : [{ order_id: row.id, number: row.number, why }];
			}),
			policy: 'The cheapest that arrives by the promised day.',
			spend: this.spend(),
			test,
		};
	}

	/** Plans a purchase; a sentence where it is refused at once. */
	plan(act: Act, row: QueueRow, id: number, now: number): EffectView | string {
		const back = act.verb === 'return_label';
		const why = back
			? (this.parcels.get(row.id) ?? []).some((parcel) => parcel.voided_at_ms === null)
				? null
				: 'No label of it was bought that goods could come back for.'
			: this.because(row);
		if (why !== null) return why;
		const effect: EffectView = {
			id,
			order_id: row.id,
			order_number: row.number,
			connection: HUB.id,
			account: HUB.name,
			kind: back ? 'return_label' : 'buy_label',
			sentence: back ? `Buy a return label for ${row.number}` : `Buy a label for ${row.number}`,
			state: 'running',
			attempts: 1,
			created_at_ms: now,
			next_at_ms: null,
			settled_at_ms: null,
			ship_by_ms: row.ship_by_ms,
			problem: null,
			key: `q:${row.connection}:${row.id}:label:${id}`,
			remote_id: null,
			sight: null,
			seen_at_ms: null,
		};
		this.#way.push({ effect, row, back, fields: act.fields });
		return effect;
	}

	/** The hub answers all that is on its way. */
	settle(now: number): void {
		for (const { effect, row, back, fields } of this.#way) {
			effect.settled_at_ms = now;
			if (this.refusal !== null) {
				effect.state = 'refused';
				effect.problem = this.refusal;
				continue;
			}
			effect.state = 'done';
			const id = this.#next++;
			effect.remote_id = `label:${id}`;
			this.spent_minor += Math.round(Number(fields['most'] ?? '5.40') * 100);
			const parcel: ParcelView = {
				remote_id: `label:${id}`,
				hub: HUB.name,
				order_id: row.id,
				order_number: row.number,
				carrier: 'DHL',
				service: back ? 'Retoure' : 'Paket',
				tracking_number: `00340434161094${id}`,
				tracking_url: `https://www.dhl.de/track?n=${id}`,
				shipped_at_ms: now,
				voided_at_ms: null,
				delivered_at_ms: null,
				state: back ? 'comes back' : 'the store does not know yet',
				tone: back ? 'info' : 'warning',
				units: row.units,
			};
			this.parcels.set(row.id, [parcel, ...(this.parcels.get(row.id) ?? [])]);
		}
		this.#way = [];
	}

	void(order: number, now: number): boolean {
		const live = this.#live(order);
		for (const parcel of live) Object.assign(parcel, { voided_at_ms: now, state: 'voided', tone: 'neutral' });
		return live.length > 0;
	}
	#live(order: number): ParcelView[] {
		return (this.parcels.get(order) ?? []).filter((parcel) => parcel.voided_at_ms === null);
	}

	/** An order as the drawer shows it: with its labels and the buttons of labels. */
	into(detail: OrderDetail): OrderDetail {
		const { row } = detail;
		const live = this.#live(row.id).length > 0;
		const warning = 'The label stops being valid; the carrier gives the postage back.';
		return {
			...detail,
			parcels: [...(this.parcels.get(row.id) ?? []), ...detail.parcels],
			actions: [
				...detail.actions,
				{ verb: 'buy_label', label: 'Buy label…', disabled_because: this.because(row), warning: null },
				...(live
					? [
							{ verb: 'return_label' as const, label: 'Return label…', disabled_because: null, warning: null },
							{ verb: 'void_label' as const, label: 'Void label…', disabled_because: null, warning },
						]
					: []),
			],
		};
	}

	save(picks: LabelPick[], form: LabelForm, folder: string | null): LabelsSaved {
		this.saved.push({ picks, form, folder });
		const files: string[] = [];
		const problems: string[] = [];
		for (const pick of picks) {
			const found = this.#live(pick.order).filter((each) => pick.parcel === null || each.remote_id === pick.parcel);
			if (found.length === 0) problems.push(`Order ${pick.order} has no label that is still valid.`);
			for (const each of found) files.push(`${folder ?? '/tmp/labels'}/${each.tracking_number}.${form}`);
		}
		return { files, problems };
	}
}

function field(
	name: string,
	label: string,
	help: string,
	kind: string,
	value: SettingField['value'],
	options: [string, string][] = [],
): SettingField {
	return { name, label, help, kind, options, value };
}

export function labelsCard(): AutomationView {
	return {
		id: 'labels',
		title: 'Labels',
		summary: 'Buys labels for orders that are ready, from the carrier your policy chooses, up to a limit a day.',
		examples: [['Two carriers arrive in time, for 5.40 and 8.40', 'The one for 5.40 is bought, after your click']],
		mode: 'off',
		go_live_ms: null,
		settings: [
			field('policy', 'Which quote', 'What is bought where nobody chooses.', 'choice', 'arrive_by', [
				['arrive_by', 'the cheapest that arrives by the promised day'],
				['fastest_under', 'the fastest under a price'],
				['preferred', 'my carrier, unless it is dearer by more than'],
				['cheapest', 'the cheapest'],
			]),
			field('price_max', 'Not above', 'In the hub’s currency.', 'text', ''),
			field('carrier', 'My carrier', '', 'text', ''),
			field('dearer_percent', 'Dearer by at most (percent)', '', 'number', 10),
			field('spend_day', 'At most a day', 'Empty: no limit.', 'text', '100'),
			field('test', 'Test labels', 'They cost nothing and no carrier takes them.', 'toggle', false),
		],
		done_today: 0,
		lately: [],
		asked: 0,
		would_do: 0,
		by_hand: [],
	};
}
