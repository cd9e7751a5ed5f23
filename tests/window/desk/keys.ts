// The keyboard alone: where the focus is, how Tab gets somewhere, and that no pointer was touched.
import { until } from './until.ts';
import { type DeskWindow } from './window.ts';

/** Counts every touch of a pointer from now on; pressing a button with a key is none. */
export function watchForPointers(desk: DeskWindow): Promise<void> {
	return desk.session.run(
		`window.__pointed = 0;
		for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
			document.addEventListener(kind, () => window.__pointed++, true);`,
	);
}

/** How often a pointer was touched since `watchForPointers`. */
export function pointed(desk: DeskWindow): Promise<number> {
	return desk.session.run<number>('return window.__pointed');
}

/** Goes on with Tab until what has this test id has the focus; more than a screenful is a dead end. */
export async function tabsTo(desk: DeskWindow, id: string): Promise<void> {
	await desk.shows(id);
	for (let n = 0; n < 120; n++) {
		if (await desk.session.run<boolean>('return document.activeElement?.dataset.testid === arguments[0]', id)) return;
		await desk.person.presses('Tab');
	}
	throw new Error(`Tab does not lead to ${id}.`);
}

/** Types into a field that Tab leads to; what stood in it goes. */
export async function typesInto(desk: DeskWindow, id: string, text: string): Promise<void> {
	await tabsTo(desk, id);
	await desk.person.presses('Control+a', ...text);
	await until(`${id} to hold what was typed`, () =>
		desk.session.run<boolean>('return document.activeElement?.value === arguments[0]', text),
	);
}

/** Presses Enter on what Tab leads to. */
export async function enters(desk: DeskWindow, id: string): Promise<void> {
	await tabsTo(desk, id);
	await desk.person.presses('Enter');
}
