// Somebody looks at how the shop is doing, opens an order behind a number, keeps a report as a file, and lets reports
// make themselves. What is on screen is what the desk counted, and the files hold no buyer.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../desk/until.ts';
import { story } from '../desk/window.ts';

interface Cell {
	is: string;
	count?: number;
}
interface Report {
	figures: { label: string; value: Cell }[];
	tables: { code: string; rows: Cell[][] }[];
}

story(
	'Reports are read, kept as files, and make themselves',
	async (stage) => {
		const desk = await stage.open({ sandbox: true });
		const { person } = desk;
		await desk.isReady();
		await person.sees(/#10\d\d/, 90_000);
		const ask = { kind: 'shipping_cost', from_day: '', to_day: '' };
		const made = () => desk.asks<Report>('report', { ask });
		await until('a parcel to have left', async () => ((await made()).figures[1]?.value.count ?? 0) > 0, {
			within_ms: 180_000,
			every_ms: 2_000,
		});

		await person.presses('g', 'r');
		await desk.shows('made-unfulfilled');
		await person.clicks('Shipping cost');
		await desk.shows('made-shipping_cost');
		await desk.shows('table-labels');
		await desk.shot('reports-cost');
		const order = await desk.session.run<string>(
			`const link = document.querySelector('[data-testid="table-labels"] [data-order]'); link.click(); return link.innerText`,
		);
		await desk.shows('drawer');
		await person.sees(order);
		await person.presses('Escape');

		await person.clicks('Performance');
		await desk.shows('made-performance');
		await desk.shot('reports-performance');
		expect(await desk.accessibilityViolations()).toEqual([]);

		// The system's dialog gives a path; the desk writes there.
		const folder = join(stage.folder(), 'reports');
		mkdirSync(folder, { recursive: true });
		const file = join(folder, 'labels.csv');
		await desk.asks('save_report', { ask, form: 'csv', table: 'labels', path: file });
		const text = readFileSync(file, 'utf8');
		expect(text).toMatch(/^\uFEFFShipped,Order,Store,/);
		expect(text.trim().split('\n').length).toBeGreaterThan(1);
		expect(text).not.toMatch(/@/);

		await person.clicks('Every day…');
		await desk.shows('every-day-dialog');
		await person.fills('Folder', join(folder, 'nowhere'));
		await person.clicks('Switch on');
		await person.sees(/There is no folder/);
		await desk.shot('reports-every-day');
		await person.fills('Folder', folder);
		await person.clicks('Switch on');
		await until('it to be kept', async () => {
			const { plan } = await desk.asks<{ plan: { on: boolean; folder: string } }>('report_plan', {});
			return plan.on && plan.folder === folder;
		});
	},
	420_000,
);
