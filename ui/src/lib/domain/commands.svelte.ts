// Everything a person can do from the keyboard, in one list: the palette searches it, the
// key sheet prints it, the window dispatches it. Screens add theirs while they are shown.
import { untrack } from 'svelte';
import { inOverlay, isTyping, keyName } from '$lib/shared/keys';
import { toasts } from '$lib/shared/toasts.svelte';

export interface Command {
	id: string;
	title: string;
	group: 'Go to' | 'Order' | 'List' | 'Desk' | 'View';
	/** `j`, `shift+x`, `g q`; several do the same. */
	keys?: readonly string[];
	/** Why it cannot be done now; a key that is pressed all the same is answered with it. */
	because?: () => string | null;
	/** Only a key, not an entry of the palette. */
	keyOnly?: boolean;
	/** Only where nobody else has the key: what a drawer offers over a screen without keys of its own. */
	below?: boolean;
	/** Works while somebody types (palette, Escape of the window). */
	always?: boolean;
	act: () => void;
}

/** What the groups are called, in the catalogue. */
export const GROUPS: Record<Command['group'], string> = {
	'Go to': 'group-go-to',
	Order: 'group-order',
	List: 'group-list',
	Desk: 'group-desk',
	View: 'group-view',
};

/** A letter after `g` counts this long, ms. */
const CHORD_MS = 1500;
/** Keys that scroll; a part with `data-own-scroll` keeps them for itself. */
const SCROLL_KEYS = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', 'Space']);
/** Keys that a focused control needs for itself. */
const CONTROL_KEYS = new Set(['Enter', 'Space', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End']);

class Commands {
	list = $state.raw<readonly Command[]>([]);
	/** First half of a chord, waiting for the second. */
	chord = $state<string | null>(null);
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** Adds commands; later ones win over earlier ones with the same key. Returns how to remove them. */
	add(commands: readonly Command[]): () => void {
		// Whoever adds from an effect must not depend on the list.
		this.list = [...untrack(() => this.list), ...commands];
		return () => {
			this.list = untrack(() => this.list).filter((each) => !commands.includes(each));
		};
	}

	/** Whose key it is now: the last one added has it, unless it is barred and one below can act. */
	find(keys: string): Command | undefined {
		const has = (each: Command) => each.keys?.includes(keys) ?? false;
		const own = this.list.findLast((each) => !each.below && has(each));
		if (own && (own.because?.() ?? null) === null) return own;
		return this.list.findLast((each) => each.below && has(each)) ?? own;
	}

	/** A key went down somewhere in the window. */
	key(event: KeyboardEvent): void {
		if (event.defaultPrevented || event.isComposing) return;
		const name = keyName(event);
		const typing = isTyping(event.target);
		const full = this.chord === null ? name : `${this.chord} ${name}`;
		const found = this.find(full);
		const starts =
			this.chord === null && this.list.some((each) => each.keys?.some((key) => key.startsWith(`${name} `)));
		if (!found?.always) {
			if (typing || inOverlay()) return;
			const control =
				event.target instanceof HTMLElement && event.target.closest('button, a[href], summary, [role="tab"], input');
			if (control && CONTROL_KEYS.has(name)) return;
			const scroller = event.target instanceof HTMLElement && event.target.closest('[data-own-scroll]');
			if (scroller && SCROLL_KEYS.has(name)) return;
		}
		this.#chord(starts && !found ? name : null);
		if (found) {
			event.preventDefault();
			const because = found.because?.() ?? null;
			if (because === null) found.act();
			else toasts.show({ tone: 'neutral', sentence: because });
		} else if (starts) event.preventDefault();
	}

	#chord(first: string | null): void {
		clearTimeout(this.#timer);
		this.chord = first;
		if (first !== null) this.#timer = setTimeout(() => (this.chord = null), CHORD_MS);
	}
}

export const commands = new Commands();
