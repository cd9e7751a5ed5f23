// The queue of a large store, in the real window over the real file: it goes anywhere, finds any order, and holds no more
// of it than it shows. How fast: `make bench`.
import { filled, scrolls, searches } from '../desk/many.ts';
import { Merchant } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story } from '../desk/window.ts';

const ORDERS = 100_000;
/** What fits on a tall screen, and what is drawn around it. */
const ROWS_MOST = 80;

story(
	'A hundred thousand orders: any place, any order, a few rows',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--quiet', '--faults', 'none', '--platforms', 'none');
		try {
			const profile = stage.folder();
			const open = filled(merchant, profile, ORDERS);
			expect(open).toBe(ORDERS / 2);
			const desk = await stage.open({ profile });
			const { person } = desk;
			const rows = () =>
				desk.session.run<string[]>(
					`return [...document.querySelectorAll('main [data-testid^="row-#"]')].map((row) => row.dataset.testid.slice(4))`,
				);
			await desk.isReady();
			await desk.goes('queue?view=open&sort=placed');
			await until('orders in the queue', async () => (await rows()).length > 5);

			// The middle, the end, and back: rows everywhere, never more than a screen of them.
			for (const part of [0.5, 0.993, 1, 0.2, 0]) {
				await desk.session.run(
					`const list = document.querySelector('[data-testid=queue] .body');
					list.scrollTop = arguments[0] * (list.scrollHeight - list.clientHeight)`,
					part,
				);
				await until(`rows at ${part * 100} % of the list`, async () => {
					const waiting = await desk.session.run<number>(
						`return document.querySelectorAll('[data-testid=row-loading]').length`,
					);
					return waiting === 0 && (await rows()).length > 5;
				});
				expect((await rows()).length).toBeLessThan(ROWS_MOST);
				if (part === 0.5) await desk.shot('queue-100000');
			}
			const scrolled = await scrolls(desk, 60, 200);
			expect(scrolled.frames_ms).toHaveLength(60);
			expect((await rows()).length).toBeLessThan(ROWS_MOST);

			// Any open order by its number.
			for (const n of [4_711, 31_337, 99_999]) {
				await searches(desk, `#${1000 + n}`);
				await until(`order #${1000 + n} among a few`, async () => {
					const found = await rows();
					return found.includes(`#${1000 + n}`) && found.length < 15;
				});
			}
			await desk.shot('queue-100000-found');
			await person.presses('Escape');
		} finally {
			merchant.close();
		}
	},
	300_000,
);
