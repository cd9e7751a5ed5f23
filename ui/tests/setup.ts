// What jsdom lacks and components ask for.
import { afterEach, expect } from 'vitest';
import { cleanup, configure } from '@testing-library/svelte';
import '@testing-library/jest-dom/vitest';
import { unknown } from '$lib/shared/words.svelte';

configure({
	// A ceiling, not a wait: on a machine that does other things as well a screen takes its time.
	asyncUtilTimeout: 15_000,
	// What is not there yet is asked for again and again, and by itself the library prints the
	// whole page for every "not yet": a tenth of the run.
	getElementError: (message) => Object.assign(new Error(message ?? ''), { name: 'TestingLibraryElementError' }),
});
afterEach(cleanup);
// A sentence that no catalogue has would stand on the screen as its id.
afterEach(() => {
	const asked = [...unknown];
	unknown.clear();
	expect(asked).toEqual([]);
});

// There is no layout in jsdom: a window of 1440 by 900 is pretended. Files share a window
// (vite.config.ts), so everything here may run again in the same one.
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 1228 });
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => 700 });

class NoObserver {
	observe() {}
	unobserve() {}
	disconnect() {}
}
globalThis.ResizeObserver ??= NoObserver as unknown as typeof ResizeObserver;
window.matchMedia ??= ((query: string) => ({
	matches: false,
	media: query,
	addEventListener() {},
	removeEventListener() {},
})) as unknown as typeof window.matchMedia;
Element.prototype.scrollIntoView ??= () => {};
Element.prototype.animate ??= (() => ({ cancel() {}, finished: Promise.resolve() })) as never;
