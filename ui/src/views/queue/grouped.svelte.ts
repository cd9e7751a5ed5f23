// The queue under headings: one list per open heading, shown as one run of rows. Headings and
// their numbers are known at once, so the list has its full height before any row is read; the
// rows of a heading are read when they come near.
import { asTrouble, desk } from '$lib/api/desk';
import type { QueueHeading, QueueRow, Trouble } from '$lib/api/types';
import { type Heading, QueueList, type Question, type Rows } from './list.svelte';

interface Group {
	heading: QueueHeading;
	open: boolean;
	list: QueueList | null;
}

export class GroupedList implements Rows {
	first = $state(true);
	trouble = $state.raw<Trouble | null>(null);
	atLeast = $state(false);
	readonly held = null;
	#groups = $state.raw<readonly Group[]>([]);
	#own = $state(0);
	#round = 0;
	#question: Question = { view: 'open', text: '', sort: '', descending: false };
	#by = '';
	/** Folded by hand; stays folded when the list is read again. */
	#folded = new Set<string>();

	/** Another question: all headings open. */
	async ask(question: Question, by: string): Promise<void> {
		this.#question = question;
		this.#by = by;
		this.#folded.clear();
		this.first = true;
		await this.#read([]);
	}

	async refresh(low: number, high: number): Promise<void> {
		const before = this.#groups;
		await this.#read(before);
		const near = this.#spans().filter((span) => span.start <= high && span.end > low);
		await Promise.all(
			near.map(({ group, start }) =>
				group.list?.refresh(Math.max(0, low - start - 1), Math.max(0, Math.min(high - start - 1, group.heading.count))),
			),
		);
	}

	async #read(before: readonly Group[]): Promise<void> {
		const round = ++this.#round;
		const ask = { ...this.#question, after: null, skip: 0, limit: 0 };
		try {
			const found = await desk().queue_groups(ask, this.#by);
			if (round !== this.#round) return;
			this.#groups = found.groups.map((heading): Group => {
				const known = before.find((group) => group.heading.key === heading.key);
				return { heading, open: !this.#folded.has(heading.key), list: known?.list ?? null };
			});
			this.atLeast = found.at_least;
			this.trouble = null;
		} catch (thrown) {
			if (round !== this.#round) return;
			this.trouble = asTrouble(thrown);
		}
		this.first = false;
		this.#own++;
	}

	get version(): number {
		return this.#groups.reduce((sum, group) => sum + (group.list?.version ?? 0), this.#own);
	}
	get hints(): readonly string[] {
		return this.#groups.find((group) => group.list)?.list?.hints ?? [];
	}
	get total(): number {
		return this.#spans().at(-1)?.end ?? 0;
	}
	/** Orders, without the headings. */
	get orders(): number {
		return this.#groups.reduce((sum, group) => sum + group.heading.count, 0);
	}

	/** Where each group stands in the run; its heading is at `start`. */
	#spans(): { group: Group; start: number; end: number }[] {
		let at = 0;
		return this.#groups.map((group) => {
			const start = at;
			const rows = group.list && !group.list.first ? group.list.total : group.heading.count;
			at += 1 + (group.open ? rows : 0);
			return { group, start, end: at };
		});
	}
	#at(index: number): { group: Group; start: number } | undefined {
		return this.#spans().find((span) => index >= span.start && index < span.end);
	}

	row(index: number): QueueRow | undefined {
		const span = this.#at(index);
		return span && index > span.start ? span.group.list?.row(index - span.start - 1) : undefined;
	}
	heading(index: number): Heading | null {
		const span = this.#at(index);
		if (!span || span.start !== index) return null;
		const { key, label, tone, count } = span.group.heading;
		return { key, label, tone, count, open: span.group.open };
	}
	indexOf(id: number): number {
		for (const { group, start } of this.#spans()) {
			const at = group.open ? (group.list?.indexOf(id) ?? -1) : -1;
			if (at >= 0) return start + 1 + at;
		}
		return -1;
	}
	order(): number[] {
		return this.#groups.flatMap((group) => (group.open ? (group.list?.order() ?? []) : []));
	}
	left(): boolean {
		return false;
	}
	apply(): void {}

	ensure(low: number, high: number): void {
		for (const { group, start, end } of this.#spans()) {
			if (!group.open || start > high || end <= low) continue;
			if (!group.list) {
				const text = `${this.#question.text} ${group.heading.token}`.trim();
				const question = { ...this.#question, text };
				group.list = new QueueList(question);
				void group.list.ask(question).then(() => this.#own++);
			}
			group.list.ensure(Math.max(0, low - start - 1), Math.max(0, high - start - 1));
		}
	}

	/** Folds or unfolds a heading. */
	toggle(key: string): void {
		this.#groups = this.#groups.map((group) => (group.heading.key === key ? { ...group, open: !group.open } : group));
		if (!this.#folded.delete(key)) this.#folded.add(key);
		this.#own++;
	}
}
