// The queue under headings: one list per open heading, shown as one run of rows. Headings and
// their numbers are known at once, so the list has its full height before any row is read; the
// rows of a heading are read when they come near.
import { asTrouble, desk } from '$lib/api/desk';
import type { QueueHeading, QueueHeadings, QueueRow, Trouble } from '$lib/api/types';
import { InTurn } from '$lib/domain/in-turn';
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
	#groups = $state.raw<readonly Group[]>([]);
	#own = $state(0);
	#round = 0;
	#turns = new InTurn();
	/** Headings that came, went or count otherwise, and wait for `apply`. */
	#staged = $state.raw<QueueHeadings | null>(null);
	#question: Question = { view: 'open', text: '', sort: '', descending: false };
	#by = '';
	/** Folded by hand; stays folded when the list is read again. */
	#folded = new Set<string>();

	/** Another question: all headings open. */
	ask(question: Question, by: string): Promise<void> {
		this.#question = question;
		this.#by = by;
		this.#folded.clear();
		this.first = true;
		this.#staged = null;
		const round = ++this.#round;
		this.#turns.forget();
		return this.#turns.run(async () => {
			const found = await this.#read(round);
			if (found) this.#put(found, []);
		});
	}

	/** With `hold` neither headings nor rows move: what came or went waits for `apply`. */
	refresh(low: number, high: number, hold = false): Promise<void> {
		const round = this.#round;
		return this.#turns.run(async () => {
			const found = await this.#read(round);
			if (!found) return;
			const waits = hold && this.#moves(found);
			if (!waits) this.#put(found, this.#groups);
			const near = this.#spans().filter((span) => span.start <= high && span.end > low);
			await Promise.all(
				near.map(({ group, start }) => {
					const to = Math.max(0, Math.min(high - start - 1, group.heading.count));
					return group.list?.refresh(Math.max(0, low - start - 1), to, hold);
				}),
			);
			if (waits && round === this.#round) this.#staged = found;
		});
	}

	/** The headings as they are now; null: they could not be read, or nobody asks any more. */
	async #read(round: number): Promise<QueueHeadings | null> {
		const ask = { ...this.#question, after: null, skip: 0, limit: 0 };
		try {
			const found = await desk().queue_groups(ask, this.#by);
			if (round !== this.#round) return null;
			this.trouble = null;
			return found;
		} catch (thrown) {
			if (round !== this.#round) return null;
			this.trouble = asTrouble(thrown);
			this.first = false;
			this.#own++;
			return null;
		}
	}
	#put(found: QueueHeadings, before: readonly Group[]): void {
		this.#staged = null;
		this.#groups = found.groups.map((heading): Group => {
			const known = before.find((group) => group.heading.key === heading.key);
			return { heading, open: !this.#folded.has(heading.key), list: known?.list ?? null };
		});
		this.atLeast = found.at_least;
		this.first = false;
		this.#own++;
	}
	/** Other headings, or other numbers of rows under them. */
	#moves(found: QueueHeadings): boolean {
		const same = (heading: QueueHeading, i: number) => {
			const mine = this.#groups[i]?.heading;
			return mine?.key === heading.key && mine.count === heading.count;
		};
		return found.groups.length !== this.#groups.length || !found.groups.every(same);
	}

	/** What is held back: by the lists that were read again, and by the numbers of all other headings. */
	get held(): { fresh: number; left: number } | null {
		const lists = this.#groups.flatMap(({ list }) => (list?.held ? [list] : []));
		const staged = this.#staged;
		if (lists.length === 0 && !staged) return null;
		// From one heading to another is neither new nor gone.
		const came = new Set(lists.flatMap((list) => [...list.came]));
		const gone = new Set(lists.flatMap((list) => [...list.gone]));
		const without = (some: Set<number>, others: Set<number>) => [...some].filter((id) => !others.has(id)).length;
		const news = { fresh: without(came, gone), left: without(gone, came) };
		if (!staged) return news;
		const counts = new Map(staged.groups.map((heading) => [heading.key, heading.count]));
		for (const { heading, list } of this.#groups) {
			const more = (counts.get(heading.key) ?? 0) - heading.count;
			counts.delete(heading.key);
			if (list?.held) continue;
			news.fresh += Math.max(0, more);
			news.left += Math.max(0, -more);
		}
		for (const count of counts.values()) news.fresh += count;
		return news;
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
	get sure(): number {
		return this.orders;
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
	left(id: number): boolean {
		return this.#groups.some((group) => group.list?.left(id));
	}
	apply(): void {
		if (this.#staged) this.#put(this.#staged, this.#groups);
		for (const { list } of this.#groups) if (list?.held) list.apply();
		this.#own++;
	}

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
