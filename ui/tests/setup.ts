// What jsdom lacks and components ask for.
import { afterEach } from 'vitest';
import { cleanup, configure } from '@testing-library/svelte';
import '@testing-library/jest-dom/vitest';

configure({ asyncUtilTimeout: 5000 });
afterEach(cleanup);

// There is no layout in jsdom: a window of 1440 by 900 is pretended.
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { get: () => 1228 });
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { get: () => 700 });

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
