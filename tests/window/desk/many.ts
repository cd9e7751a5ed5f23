// A desk with as many orders as a large store has, and what a person feels of them: how evenly the list scrolls, how soon a
// search is answered.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Merchant } from './merchant.ts';
import { PROGRAM, type DeskWindow } from './window.ts';

const FILLER = join(dirname(PROGRAM), 'examples', 'filled-profile');

/** Connects all accounts and fills the first store with orders of two months; how many of them are open. */
export function filled(merchant: Merchant, profile: string, orders: number): number {
	if (!existsSync(FILLER)) throw new Error(`${FILLER} is not there. Type: make test-window`);
	merchant.connectTo(profile);
	const ran = spawnSync(FILLER, [profile, `${orders}`], { encoding: 'utf8' });
	if (ran.status !== 0) throw new Error(`The profile was not filled: ${ran.stderr}`);
	return Number(ran.stdout);
}

/** How long each frame of a scroll took, ms, and in how many of them a row had not come yet. */
export interface Scroll {
	frames_ms: number[];
	unfilled: number;
}

/** Frames of one question to the page: a driver gives each half a minute, and a busy machine draws few. */
const AT_ONCE = 20;

/** Scrolls the list by hand's breadths, one a frame; an empty list has nowhere to go, and shows what a frame costs by itself. */
export async function scrolls(desk: DeskWindow, frames: number, by_px: number): Promise<Scroll> {
	const whole: Scroll = { frames_ms: [], unfilled: 0 };
	while (whole.frames_ms.length < frames) {
		const part = await scrollsOn(desk, Math.min(AT_ONCE, frames - whole.frames_ms.length), by_px);
		whole.frames_ms.push(...part.frames_ms);
		whole.unfilled += part.unfilled;
	}
	return whole;
}

function scrollsOn(desk: DeskWindow, frames: number, by_px: number): Promise<Scroll> {
	return desk.session.wait<Scroll>(
		`const [frames, by] = args;
		const list = document.querySelector('[data-testid=queue] .body');
		const frames_ms = [];
		let unfilled = 0;
		let before = await new Promise(requestAnimationFrame);
		for (let n = 0; n < frames; n++) {
			if (list) list.scrollTop += by;
			const now = await new Promise(requestAnimationFrame);
			frames_ms.push(Math.round((now - before) * 10) / 10);
			before = now;
			if (document.querySelector('[data-testid=row-loading]')) unfilled++;
		}
		return { frames_ms, unfilled };`,
		frames,
		by_px,
	);
}

/** Puts words into the search as typing the last key does, and waits until the list is another one and painted; ms. */
export function searches(desk: DeskWindow, words: string): Promise<number> {
	return desk.session.wait<number>(
		`const [words] = args;
		const box = document.querySelector('main [data-search]');
		const shown = () => [...document.querySelectorAll('main [role=row]')].map((row) => row.dataset.id).join();
		const frame = () => new Promise(requestAnimationFrame);
		const before = shown();
		const begun = performance.now();
		box.value = words;
		box.dispatchEvent(new Event('input', { bubbles: true }));
		while (shown() === before || document.querySelector('[data-testid=row-loading]')) {
			if (performance.now() - begun > 10000) throw new Error('The list is the same ten seconds later.');
			await frame();
		}
		await frame();
		return performance.now() - begun;`,
		words,
	);
}
