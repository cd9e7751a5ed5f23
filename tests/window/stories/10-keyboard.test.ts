// A day's work with keys alone: the queue, two orders held, one released from its drawer, the
// palette, the search, the exceptions. No pointer is touched, and the focus is never lost.
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

interface Row {
	id: number;
	number: string;
}

story(
	'The desk is worked with keys alone',
	async (stage) => {
		const desk = await stage.open({ sandbox: true });
		const { person } = desk;
		await desk.isReady();
		await person.sees(/#10\d\d/, 90_000);
		await watchForPointers(desk);

		// The first orders come in one after the other; a list that somebody stands in holds new ones back.
		await until('some orders to be known', async () => (await rows(desk, 'open')).length >= 5, { within_ms: 90_000 });
		await person.presses('g', 'u');
		await desk.shows('screen-unfulfilled');

		// Into the queue and down its rows.
		await person.presses('g', 'q');
		await desk.shows('queue');
		// The first orders still come in, and the list under the keys with them.
		await desk.isCalm();
		await person.presses('j');
		await focusIs(desk, '[role="row"][aria-rowindex="2"]');
		await person.presses('j');
		await focusIs(desk, '[role="row"][aria-rowindex="3"]');
		await person.presses('End');
		await focusIs(desk, '[role="row"].current');
		await person.presses('Home');
		await focusIs(desk, '[role="row"][aria-rowindex="2"]');

		// Two are selected and held, with a reason.
		await person.presses('x', 'j', 'x');
		await person.sees('2 selected');
		const picked = await desk.session.run<string[]>(
			`return [...document.querySelectorAll('[role="row"][aria-selected="true"]')].map((row) => row.dataset.id)`,
		);
		expect(picked).toHaveLength(2);
		await person.presses('h');
		await desk.shows('hold-dialog');
		await focusIs(desk, 'input');
		await person.presses(...'call first', 'Enter');
		await until(
			'both to be held',
			async () => {
				const held = await rows(desk, 'held');
				return picked.every((id) => held.some((row) => String(row.id) === id));
			},
			{ otherwise: () => person.readsThePage() },
		);
		await gone(desk, 'hold-dialog');
		await neverLost(desk);
		await desk.shot('keys-held');

		// The palette leads to the view of what is held; there one is opened and released.
		await person.presses('Escape');
		await gone(desk, 'bulk-bar');
		await person.presses('Control+k');
		await focusIs(desk, '[data-testid="palette-text"]');
		await person.presses(...'queue: on hold');
		await until('the view to be found', () =>
			desk.session.run<boolean>(
				`return /On hold/.test(document.querySelector('[data-testid="palette"] [aria-selected="true"]')?.innerText ?? '')`,
			),
		);
		await person.presses('Enter');
		await gone(desk, 'palette');
		await desk.shows('tab-held');
		await until('the view of held orders', () =>
			desk.session.run<boolean>(`return document.querySelector('#tab-held').getAttribute('aria-selected') === 'true'`),
		);
		await person.sees('call first');
		await person.presses('j');
		await focusIs(desk, '[role="row"][aria-rowindex="2"]');
		const opened = Number(await desk.session.run<string>('return document.activeElement.dataset.id'));
		await person.presses('Enter');
		await desk.shows('waits-box');
		await focusIs(desk, '[data-testid="drawer"]');
		await tabsTo(desk, 'act-release');
		await person.presses('Enter');
		await until('it to be released', async () => !(await rows(desk, 'held')).some((row) => row.id === opened), {
			otherwise: () => person.readsThePage(),
		});
		await neverLost(desk);
		await person.presses('Escape');
		await gone(desk, 'drawer');
		await neverLost(desk);

		// A search finds the other one by its number, and is cleared again.
		const other = (await rows(desk, 'all')).find((row) => picked.includes(String(row.id)) && row.id !== opened);
		await person.presses('g', 'q', '/');
		await focusIs(desk, '[data-testid="search"]');
		await person.presses(...(other?.number ?? '#1001'));
		await desk.shows('filter-chips');
		await person.presses('Enter');
		await until('the order to be found and the list to have the focus', () =>
			desk.session.run<boolean>(
				`const row = document.activeElement.closest('[role="row"]');
				return !!row && row.innerText.includes(arguments[0])`,
				other?.number ?? '',
			),
		);
		await person.presses('/', 'Escape');
		await gone(desk, 'filter-chips');

		// What needs a person: unfolded, tried again, looked at, left.
		await until(
			'something that needs a person',
			async () => (await desk.asks<{ exceptions: number }>('counts')).exceptions > 0,
			{ within_ms: 180_000, every_ms: 2_000 },
		);
		await person.presses('Escape');
		await until('the search to be left', () =>
			desk.session.run<boolean>(`return !document.activeElement.matches('[data-testid="search"]')`),
		);
		await person.presses('g', 'e');
		await desk.shows('screen-exceptions');
		await until('a cause to be listed', () =>
			desk.session.run<boolean>(`return document.querySelector('[data-cause] [data-stop]') !== null`),
		);
		await person.presses('j');
		await focusIs(desk, '[data-cause] [data-stop]');
		await person.presses('Enter');
		await until('it to be unfolded', () =>
			desk.session.run<boolean>(`return document.activeElement.getAttribute('aria-expanded') === 'true'`),
		);
		await person.presses('j');
		await focusIs(desk, '[data-entry] [data-stop]');
		// The keys of the queue mean the same here: s snoozes, and asks until when.
		await person.presses('s');
		await desk.shows('snooze-dialog');
		await person.presses('Escape');
		await gone(desk, 'snooze-dialog');
		await focusIs(desk, '[data-entry] [data-stop]');
		await person.presses('r');
		await desk.shows('toast');
		await neverLost(desk);
		await desk.shot('keys-retried');

		// The keys themselves, and back to where it began.
		await person.presses('?');
		await desk.shows('keys');
		await person.presses('Escape');
		await gone(desk, 'keys');
		await neverLost(desk);
		await person.presses('g', 'h');
		await desk.shows('home');
		expect(await desk.session.run<number>('return window.__pointed')).toBe(0);
	},
	480_000,
);

/** Counts every touch of a pointer from now on; pressing a button with a key is none. */
function watchForPointers(desk: DeskWindow): Promise<void> {
	return desk.session.run(
		`window.__pointed = 0;
		for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
			document.addEventListener(kind, () => window.__pointed++, true);`,
	);
}

async function focusIs(desk: DeskWindow, selector: string): Promise<void> {
	await until(
		`the focus to be on ${selector}`,
		() => desk.session.run<boolean>('return document.activeElement.matches(arguments[0])', selector),
		{ otherwise: () => desk.session.run<string>('return document.activeElement.outerHTML.slice(0, 300)') },
	);
}

/** Goes on with Tab until the button with this test id has the focus; more than a screenful is a dead end. */
async function tabsTo(desk: DeskWindow, id: string): Promise<void> {
	for (let n = 0; n < 80; n++) {
		if (await desk.session.run<boolean>('return document.activeElement.dataset.testid === arguments[0]', id)) return;
		await desk.person.presses('Tab');
	}
	throw new Error(`Tab does not lead to ${id}.`);
}

async function gone(desk: DeskWindow, id: string): Promise<void> {
	await until(`${id} to be gone`, () =>
		desk.session.run<boolean>(`return document.querySelector('[data-testid="' + arguments[0] + '"]') === null`, id),
	);
}

/** Something has the focus: whoever works by keys knows where they are. */
async function neverLost(desk: DeskWindow): Promise<void> {
	await until('something to have the focus', () =>
		desk.session.run<boolean>('return document.activeElement !== document.body && document.activeElement !== null'),
	);
}

async function rows(desk: DeskWindow, view: string): Promise<Row[]> {
	const ask = { view, text: '', sort: 'placed', descending: true, after: null, limit: 500 };
	return (await desk.asks<{ rows: Row[] }>('queue', { ask })).rows;
}
