// What buyers are told at the fake desk: texts kept in memory; the preview fills in the two names
// tests look at. What is told when, and to whom, is the real desk's business.
import type { BuyerMessages, Happening, MessagePreview, MessagesView, MessageText } from '$lib/api/types';

const KNOWN: [Happening, string, string][] = [
	['late', 'The order leaves late', 'Once per order, when it is past its ship-by by the hours you chose.'],
	['lost', 'A parcel is lost', 'Once per parcel, when its carrier says so.'],
	['returned', 'A parcel comes back', 'Once per parcel, when its carrier brings it back.'],
];

const usual = (label: string): MessageText => ({
	on: true,
	subject: `${label} ({{ number }})`,
	body: 'Hello {{ customer }},\n\nwe are sorry.\n',
});

export class FakeMessages {
	#own: BuyerMessages['texts'] = {};
	/** The account that writes, for tests. */
	by: string | null = null;

	view(): MessagesView {
		return {
			messages: KNOWN.map(([happening, label, help]) => ({
				happening,
				label,
				help,
				text: this.#own[happening] ?? usual(label),
				usual: usual(label),
			})),
			names: [
				['tracking_link', 'Where the parcel can be followed, if the shipping account tells.'],
				['number', 'Order number. As people call it, #1001.'],
				['customer', 'Customer. Name of who bought.'],
			],
			by: this.by,
			silent: [['Marketplace', 'It writes to its buyers itself.']],
		};
	}
	put(messages: BuyerMessages): MessagesView {
		this.#own = structuredClone(messages.texts);
		return this.view();
	}
	/** Why a text cannot be kept. */
	trouble(messages: BuyerMessages): string | null {
		const slips = Object.values(messages.texts).some((text) => text.body.includes('custmer'));
		return slips ? 'In the text: There is no field "custmer". Did you mean "customer"?' : null;
	}
	preview(text: MessageText): MessagePreview {
		const filled = (template: string) =>
			template.replaceAll('{{ number }}', '#1042').replaceAll('{{ customer }}', 'Anna Larsen');
		return { order: 12, number: '#1042', subject: filled(text.subject), body: filled(text.body), trouble: null };
	}
}
