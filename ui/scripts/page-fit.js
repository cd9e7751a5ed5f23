// Run inside a page: what does not fit its window. Gives sentences; none means everything fits.
// The window itself must not scroll sideways, nothing may stand beyond its edge where nobody can
// scroll to it, and text that is cut must end in dots and say the rest when pointed at.
// Left out: fields (they scroll by themselves) and what is meant for screen readers only.
(() => {
	const found = [];
	const root = document.scrollingElement;
	if (root.scrollWidth > root.clientWidth)
		found.push(`the window scrolls sideways: ${root.scrollWidth} of ${root.clientWidth} px`);

	const said = (el) => el.innerText?.replace(/\s+/g, ' ').trim().slice(0, 60) ?? '';
	const name = (el) => {
		const parts = [];
		for (let at = el; at && at !== document.body && parts.length < 4; at = at.parentElement) {
			const id = at.getAttribute('data-testid');
			const own = [...at.classList].filter((each) => !each.startsWith('svelte-') && !each.startsWith('s-'));
			parts.unshift(id ? `[${id}]` : at.localName + own.map((each) => `.${each}`).join(''));
			if (id) break;
		}
		return `${parts.join(' > ')} "${said(el)}"`;
	};
	const hidden = (el) => {
		const box = el.getBoundingClientRect();
		const style = getComputedStyle(el);
		return (
			box.width <= 1 ||
			box.height <= 1 ||
			style.visibility === 'hidden' ||
			style.opacity === '0' ||
			el.closest('.visually-hidden, [inert], .skip') !== null
		);
	};
	// What lies under a dialog is not being read.
	const dialogs = [...document.querySelectorAll('[role="dialog"][aria-modal="true"], .dialog[role="dialog"]')];
	const top = dialogs.at(-1) ?? document.body;
	const scrolls = (el) => {
		for (let at = el; at && at !== document.documentElement; at = at.parentElement) {
			if (['auto', 'scroll'].includes(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true;
		}
		return false;
	};
	/** Somebody can scroll down to it. */
	const below = (el) => {
		for (let at = el.parentElement; at && at !== document.documentElement; at = at.parentElement) {
			if (['auto', 'scroll'].includes(getComputedStyle(at).overflowY)) return true;
		}
		return false;
	};
	const own = (el) => [...el.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
	const titled = (el) => el.closest('[title]') !== null || el.querySelector('[title]') !== null;

	for (const el of top.querySelectorAll('*')) {
		if (!(el instanceof HTMLElement) || hidden(el)) continue;
		if (['INPUT', 'SELECT', 'TEXTAREA', 'PROGRESS', 'OPTION'].includes(el.tagName)) continue;
		const box = el.getBoundingClientRect();
		const reachable = own(el) || el.matches('button, a, input');
		if (reachable && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(el))
			found.push(`beyond the window's edge (${Math.round(box.left)} to ${Math.round(box.right)}): ${name(el)}`);

		if (reachable && box.bottom > innerHeight + 1 && !below(el))
			found.push(`below the window (down to ${Math.round(box.bottom)} of ${innerHeight}): ${name(el)}`);

		const style = getComputedStyle(el);
		if (said(el) === '') continue;
		// A row of tabs may be longer than its place: its arrow keys bring each one into sight.
		const row = el.querySelector(':scope > [role="tablist"]') !== null;
		if (!row && ['auto', 'scroll'].includes(style.overflowX) && el.scrollWidth > el.clientWidth + 1)
			found.push(`scrolls sideways (${el.scrollWidth} of ${el.clientWidth} px): ${name(el)}`);
		if (['hidden', 'clip'].includes(style.overflowX) && el.scrollWidth > el.clientWidth + 1) {
			// Cut by what stands inside it, which answers for itself.
			const inner = [...el.querySelectorAll('*')].some(
				(child) =>
					['hidden', 'clip'].includes(getComputedStyle(child).overflowX) && child.scrollWidth > child.clientWidth + 1,
			);
			const dots = style.textOverflow === 'ellipsis';
			if (!inner && !dots) found.push(`cut without dots (${el.scrollWidth} of ${el.clientWidth} px): ${name(el)}`);
			else if (!inner && !titled(el)) found.push(`cut and says the rest nowhere: ${name(el)}`);
		}
		if (['hidden', 'clip'].includes(style.overflowY) && el.scrollHeight > el.clientHeight + 3 && own(el))
			found.push(`cut below (${el.scrollHeight} of ${el.clientHeight} px): ${name(el)}`);
		// Words that run out of a line of fixed height lie over their neighbours.
		const bar = el.parentElement;
		if (own(el) && bar && style.position === 'static' && getComputedStyle(bar).overflowY === 'visible') {
			const around = bar.getBoundingClientRect();
			if (box.bottom > around.bottom + 3 || box.top < around.top - 3)
				found.push(`runs out of its line (${Math.round(box.height)} of ${Math.round(around.height)} px): ${name(el)}`);
		}
	}
	return [...new Set(found)];
})();
