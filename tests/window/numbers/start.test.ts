// How long from the start of the process until a person sees something, until
// they can use it, and until they see their orders. Prints JSON lines for `make bench`.
import { statSync } from 'node:fs';
import { Merchant } from '../desk/merchant.ts';
import { PROGRAM, story, terminal } from '../desk/window.ts';

const RUNS = 5;
const GOAL_MS = 1_000;
const ORDERS = 60;

story(
	'Start to first paint',
	async (stage) => {
		const painted: number[] = [];
		const usable: number[] = [];
		for (let run = 0; run < RUNS; run++) {
			const desk = await stage.open();
			painted.push(Math.round(await desk.firstPaint_ms()));
			usable.push(Math.round(await desk.firstScreen_ms()));
			await desk.close();
		}
		const middle = told('first_paint_ms', painted);
		told('first_screen_ms', usable);
		print({ bench: 'program_size_bytes', value: statSync(PROGRAM).size });
		expect(middle).toBeLessThan(GOAL_MS);
	},
	RUNS * 30_000,
);

story(
	'Start to the first order on the screen',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--quiet', '--faults', 'none', '--platforms', 'none');
		try {
			const profile = stage.folder();
			merchant.connectTo(profile);
			for (let n = 0; n < ORDERS; n++) await merchant.buys({ account: 'harbour-goods', sku: 'BAL-BEE' });
			terminal(profile, 'sync', '--until-idle', '--timeout', '120');
			const seen: number[] = [];
			for (let run = 0; run < RUNS; run++) {
				const desk = await stage.open({ profile });
				seen.push(Math.round(await desk.firstOrder_ms()));
				await desk.close();
			}
			expect(told('first_order_ms', seen)).toBeLessThan(GOAL_MS);
		} finally {
			merchant.close();
		}
	},
	RUNS * 30_000 + 240_000,
);

/** Prints a figure of several starts; its middle one. */
function told(bench: string, times: number[]): number {
	const sorted = [...times].sort((a, b) => a - b);
	const median = sorted[Math.floor(RUNS / 2)] ?? Number.NaN;
	print({ bench, runs: RUNS, median, worst: sorted.at(-1), all: sorted, goal: GOAL_MS });
	return median;
}

function print(line: unknown): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}
