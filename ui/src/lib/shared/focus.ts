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
