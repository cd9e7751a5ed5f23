// Focus is never lost. Places where it may come to rest carry `data-focus-home`; the last one
// in the page is the innermost (the order's drawer before its row before the list).

/** Gives focus back to where it came from, or to the nearest resting place if that is gone. */
export function giveBack(from: Element | null): void {
	if (from instanceof HTMLElement && from.isConnected && from !== document.body) {
		from.focus({ preventScroll: true });
		if (document.activeElement === from) return;
	}
	const homes = document.querySelectorAll<HTMLElement>('[data-focus-home]');
	homes[homes.length - 1]?.focus({ preventScroll: true });
}

const FOCUSABLE = '[data-stop], button, a[href], input, select, textarea, [tabindex="0"]';

/**
 * Watches over the focus: when what had it leaves the page (a settled entry, a button that
 * turned into another), its neighbourhood gets it, not the void. Returns how to stop.
 */
export function keepFocus(): () => void {
	let last: Element | null = null;
	let around: Element[] = [];
	const remember = (event: FocusEvent) => {
		last = event.target instanceof Element ? event.target : null;
		around = [];
		for (let each = last?.parentElement ?? null; each && each !== document.body; each = each.parentElement)
			around.push(each);
	};
	const observer = new MutationObserver(() => {
		if (!last || last.isConnected || document.activeElement !== document.body) return;
		last = null;
		// Only inside the place or the drawer: a closed dialog gives its focus back itself.
		const near = around.find((each) => each.isConnected && each.closest('[data-focus-home]') !== null);
		const next = near?.matches('main') ? null : near?.querySelector<HTMLElement>(FOCUSABLE);
		if (next) next.focus({ preventScroll: true });
		else giveBack(null);
	});
	document.addEventListener('focusin', remember);
	observer.observe(document.body, { childList: true, subtree: true });
	return () => {
		document.removeEventListener('focusin', remember);
		observer.disconnect();
	};
}
