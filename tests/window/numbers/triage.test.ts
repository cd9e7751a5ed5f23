// A morning's trouble by keys alone: orders without a street, mended one after the other in the order the desk
// offers them. What is measured is the time from saving one to standing in the field of the next, and from the
// last save until nothing needs a person. Prints JSON lines for `make bench`.
import { enters, pointed, watchForPointers } from '../desk/keys.ts';
import { Merchant } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

const ORDERS = 12;
/** From saving one to typing into the next: a person waits this long at most, ms. */
const GOAL_MS = 1_000;
const CAUSE = 'address_missing';

story(
	'Triage, timed',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--quiet', '--faults', 'none', '--platforms', 'none');
		try {
			const profile = stage.folder();
			merchant.connectTo(profile);
			for (let n = 0; n < ORDERS; n++) await merchant.buys({ account: 'harbour-goods', sku: 'BAL-BEE', street: '' });
			const desk = await stage.open({ profile });
			const { person } = desk;
			await desk.isReady();
			await desk.asks('go_live', { id: 'orders_to_hub', mode: 'auto', fromMs: null });
			await until('all of them to need a person', async () => (await open(desk)) >= ORDERS || undefined, {
				within_ms: 180_000,
				every_ms: 2_000,
				otherwise: () => person.readsThePage(),
			});

			await watchForPointers(desk);
			const begun = Date.now();
			await person.presses('g', 'e');
			await desk.shows(`group-${CAUSE}`);
			await enters(desk, `act-edit_and_retry-${CAUSE}`);
			await desk.shows('edit-dialog');
			const waited: number[] = [];
			for (let n = 1; n <= ORDERS; n++) {
				// The field that is wrong has the focus; nobody looks for it.
				await until(`the street of ${n} of ${ORDERS} to be typed into`, () => standsInAnEmptyStreet(desk), {
					otherwise: () => person.readsThePage(),
				});
				await person.presses(...'12 Quay Street', 'Enter');
				const saved = Date.now();
				await until(`${n} to be mended`, async () =>
					n === ORDERS ? !(await dialog(desk)) : await standsInAnEmptyStreet(desk),
				);
				waited.push(Date.now() - saved);
			}
			const typed = Date.now() - begun;
			await until('nothing to need a person', async () => (await open(desk)) === 0, { within_ms: 60_000 });
			const sorted = [...waited].sort((a, b) => a - b);
			const worst = sorted.at(-1) ?? Number.NaN;
			print({
				bench: 'triage_ms',
				orders: ORDERS,
				all: typed,
				until_none_is_open: Date.now() - begun,
				next_median: sorted[Math.floor(sorted.length / 2)],
				next_worst: worst,
				goal_next: GOAL_MS,
			});
			expect(await pointed(desk)).toBe(0);
			expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(GOAL_MS);
		} finally {
			merchant.close();
		}
	},
	420_000,
);

/** How many entries of the cause are open. */
async function open(desk: DeskWindow): Promise<number> {
	const page = await desk.asks<{ groups: { cause: string; count: number }[] }>('exceptions', {
		ask: { view: 'needs_me', text: '', cause: null },
	});
	return page.groups.find((group) => group.cause === CAUSE)?.count ?? 0;
}

function standsInAnEmptyStreet(desk: DeskWindow): Promise<boolean> {
	return desk.session.run<boolean>(
		`const at = document.activeElement; return at?.dataset.testid === 'field-ship_to.line1' && at.value === ''`,
	);
}

function dialog(desk: DeskWindow): Promise<boolean> {
	return desk.session.run<boolean>(`return document.querySelector('[data-testid="edit-dialog"]') !== null`);
}

function print(line: unknown): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}
