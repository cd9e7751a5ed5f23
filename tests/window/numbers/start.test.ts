// How long from the start of the process until a person sees something, and
// until they see their orders. Prints JSON lines for `make bench`.
import { statSync } from 'node:fs';
import { PROGRAM, story } from '../desk/window.ts';

const RUNS = 5;

story(
	'Start to first paint',
	async (stage) => {
		const painted: number[] = [];
		for (let run = 0; run < RUNS; run++) {
			const desk = await stage.open();
			painted.push(Math.round(await desk.firstPaint_ms()));
			await desk.close();
		}
		painted.sort((a, b) => a - b);
		const middle = painted[Math.floor(RUNS / 2)] ?? Number.NaN;
		print({ bench: 'first_paint_ms', runs: RUNS, median: middle, worst: painted.at(-1), all: painted });
		print({ bench: 'program_size_bytes', value: statSync(PROGRAM).size });
		expect(middle).toBeLessThan(1_000);
	},
	RUNS * 30_000,
);

function print(line: unknown): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}
