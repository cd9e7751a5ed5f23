// A profile on the bench: its text, what the desk says of it, samples and what is read of them.
// Nothing is kept here; whoever opened the bench takes the text when it is done.
import { asTrouble, desk } from '$lib/api/desk';
import type { ConnectionDraft, Json, Preview, ProfileReport } from '$lib/api/types';
import { app } from '$lib/domain/app.svelte';

/** What the bench knows of the account the profile is for. */
export interface Account {
	platform: string;
	/** What the form holds; the profile is put in its place before anything is asked. */
	draft: ConnectionDraft;
	/** The account's id, where it is connected. */
	of: string | null;
	/** The form's field for the profile. */
	field: string;
}

/** How long typing rests before the desk is asked, ms. */
const REST = 350;

export class Bench {
	text = $state('');
	report = $state.raw<ProfileReport | null>(null);
	/** Sample answers by what they are of. */
	samples = $state<Record<string, string>>({});
	previews = $state.raw<Record<string, Preview>>({});
	/** Why a sample cannot be read. */
	refused = $state.raw<Record<string, string>>({});
	fetching = $state(false);
	#account: () => Account;
	#round = 0;
	#rest: ReturnType<typeof setTimeout> | undefined;

	constructor(text: string, account: () => Account) {
		this.text = text;
		this.#account = account;
		void this.look();
	}

	/** Somebody types the file itself. */
	type(text: string): void {
		this.text = text;
		this.later();
	}
	later(): void {
		clearTimeout(this.#rest);
		this.#rest = setTimeout(() => void this.look(), REST);
	}
	/** Another file in its place. */
	async begin(text: string, samples: Record<string, string> = {}): Promise<void> {
		this.text = text;
		this.samples = { ...this.samples, ...samples };
		await this.look();
	}
	/** One thing of the file changes; the rest stays as it is. */
	async put(place: string[], value: Json): Promise<boolean> {
		const text = await app.attempt(() => desk().profile_edit(this.#account().platform, this.text, place, value));
		if (text === null) return false;
		this.text = text;
		await this.look();
		return true;
	}
	sample(entity: string, text: string): void {
		this.samples = { ...this.samples, [entity]: text };
		this.later();
	}
	/** Asks the account for one. */
	async fetch(entity: string): Promise<void> {
		const { draft, of, field } = this.#account();
		this.fetching = true;
		try {
			const asked = { ...draft, fields: { ...draft.fields, [field]: this.text } };
			this.samples = { ...this.samples, [entity]: await desk().profile_sample(asked, of, entity) };
			await this.look();
		} catch (thrown) {
			this.refused = { ...this.refused, [entity]: asTrouble(thrown).sentence };
		}
		this.fetching = false;
	}
	/** What the desk says of the file and of the samples. A slower, older answer never stands over a newer one. */
	async look(): Promise<void> {
		clearTimeout(this.#rest);
		const mine = ++this.#round;
		const { platform } = this.#account();
		const text = this.text;
		let report: ProfileReport;
		try {
			report = await desk().profile_check(platform, text);
		} catch (thrown) {
			app.trouble(asTrouble(thrown));
			return;
		}
		const previews: Record<string, Preview> = {};
		const refused: Record<string, string> = {};
		for (const [entity, sample] of Object.entries(this.samples)) {
			if (sample.trim() === '' || !report.ok) continue;
			try {
				previews[entity] = await desk().profile_preview(platform, text, entity, sample);
			} catch (thrown) {
				refused[entity] = asTrouble(thrown).sentence;
			}
		}
		if (mine !== this.#round) return;
		this.report = report;
		this.previews = previews;
		this.refused = refused;
	}
	stop(): void {
		this.#round++;
		clearTimeout(this.#rest);
	}
}

/** What a thing that is read is called. */
export function entityName(entity: string): string {
	const known: Record<string, string> = { order: 'Orders', fulfillment: 'Parcels' };
	return known[entity] ?? entity.charAt(0).toUpperCase() + entity.slice(1);
}

/** `createOrder` as people say it. */
export function operationName(operation: string): string {
	const words = operation.replace(/([A-Z])/g, (_, letter: string) => ` ${letter.toLowerCase()}`);
	return words.charAt(0).toUpperCase() + words.slice(1);
}
