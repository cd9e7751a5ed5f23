// Thousands of orders change while somebody works: the row under the keys stays where it is, what is typed is kept,
// and when it is over the list says what is true.
import { filled } from '../desk/many.ts';
import { Merchant } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

const ORDERS = 12_000;
/** Changed orders per second that make a storm of it; a busy machine does more. */
const STORM_PER_S = 200;
const ASK = { view: 'open', text: '', sort: 'placed', descending: false, after: null, skip: 0, limit: 1 };

story(
	'A storm of changes moves no row and takes no key',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--quiet', '--faults', 'none', '--platforms', 'none');
		try {
			const profile = stage.folder();
			filled(merchant, profile, ORDERS);
			const desk = await stage.open({ profile });
			const { person } = desk;
			await desk.isReady();
			await desk.goes('queue?view=open&sort=placed');
			// Thousands of orders are read before the first is shown, on a machine that does other things as well.
			await until('orders in the queue', async () => (await places(desk)).length > 5, {
				within_ms: 60_000,
				otherwise: () => person.readsThePage(),
			});
			await desk.isCalm();
			await person.presses('j', 'j', 'j', 'j');
			// Four keys, four rows: on a busy machine the focus is still on its way when the last key has been pressed.
			const before = await places(desk);
			const here = before[3] ?? '';
			await until('the fourth row to have the focus', async () => (await focused(desk)) === here);

			await begins(desk);
			await until('the storm to have begun', async () => (await storm(desk)).changed > 0, { within_ms: 60_000 });
			// Rows change their words and keep their places, frame by frame.
			const seen = await desk.session.wait<{ frames: number; moved: string[]; words: number }>(
				`const rows = () => [...document.querySelectorAll('main [role=row][data-id]')];
				const at = (row) => row.dataset.id + '@' + row.style.transform;
				const first = new Set(rows().map(at));
				const words = new Set();
				const moved = new Set();
				let frames = 0;
				for (const end = performance.now() + 12000; performance.now() < end; frames++) {
					await new Promise(requestAnimationFrame);
					for (const row of rows()) if (!first.has(at(row))) moved.add(at(row));
					words.add(rows().map((row) => row.innerText).join());
				}
				return { frames, moved: [...moved].slice(0, 5), words: words.size };`,
			);
			expect(seen.moved).toEqual([]);
			expect(seen.frames).toBeGreaterThan(20);
			// Had nothing changed on the screen, nothing would have been tried.
			expect(seen.words).toBeGreaterThan(1);
			expect(await focused(desk)).toBe(here);
			expect(await places(desk)).toEqual(before);

			// Keys go where they belong, and none is lost on the way.
			await person.presses('j');
			await until(
				'the next row to have the focus',
				async () => (await focused(desk)) === before[before.indexOf(here) + 1],
			);
			await person.presses('/');
			const text = 'kaistrasse 4711 fischer';
			for (const letter of text) await person.presses(letter);
			await until('all that was typed to stand there', () =>
				desk.session.run<boolean>(
					`const at = document.activeElement; return at.matches('[data-search]') && at.value === arguments[0]`,
					text,
				),
			);
			const during = await storm(desk);
			await person.presses('Control+a', 'Backspace', 'Escape');

			await ends(desk);
			expect(during.changed / during.seconds).toBeGreaterThan(STORM_PER_S);
			process.stdout.write(
				`${JSON.stringify({ storm: Math.round(during.changed / during.seconds), unit: 'orders/s' })}\n`,
			);
			// Afterwards the list agrees with the desk.
			await desk.goes('queue?view=held&sort=placed');
			const held = (await desk.asks<{ total: number }>('queue', { ask: { ...ASK, view: 'held' } })).total;
			await until('the list to say what is true', async () =>
				held === 0 ? (await places(desk)).length === 0 : (await places(desk)).length > 0,
			);
		} finally {
			merchant.close();
		}
	},
	300_000,
);

/** Holds all open orders and lets them go, again and again, beside whoever works at the window. */
function begins(desk: DeskWindow): Promise<void> {
	return desk.session.run(
		`const ask = arguments[0];
		const did = (window.__storm = { changed: 0, begun: performance.now(), stop: false, over: false });
		const act = (verb) => window.__TAURI_INTERNALS__.invoke('act', {
			act: { verb, targets: { of: 'matching', which: ask }, reason: 'storm', until_ms: null, fields: {} },
		});
		void (async () => {
			while (!did.stop) {
				did.changed += (await act('hold')).done;
				did.changed += (await act('release')).done;
			}
			did.over = true;
		})();`,
		ASK,
	);
}

async function storm(desk: DeskWindow): Promise<{ changed: number; seconds: number }> {
	return desk.session.run(
		'return { changed: window.__storm.changed, seconds: (performance.now() - window.__storm.begun) / 1000 }',
	);
}

async function ends(desk: DeskWindow): Promise<void> {
	await desk.session.run('window.__storm.stop = true');
	await until('the storm to be over', () => desk.session.run<boolean>('return window.__storm.over'), {
		within_ms: 120_000,
	});
}

/** Orders on the screen, from top to bottom. */
function places(desk: DeskWindow): Promise<string[]> {
	return desk.session.run(
		`const top = (row) => Number(/translateY\\(([\\d.]+)px/.exec(row.style.transform)?.[1] ?? 0);
		return [...document.querySelectorAll('main [role=row][data-id]')].sort((a, b) => top(a) - top(b)).map((row) => row.dataset.id)`,
	);
}

/** The order whose row has the focus. */
async function focused(desk: DeskWindow): Promise<string> {
	return desk.session.run<string>(`return document.activeElement?.closest('[role=row]')?.dataset.id ?? ''`);
}
