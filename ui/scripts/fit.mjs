// Every screen at 100 and 200 %: exits 1 if anything does not fit its window (page-fit.js says
// what that means). At 200 % a window has half its pixels: 1440 by 900, and a smaller one.
//   node scripts/fit.mjs [name…]    those whose name begins so
import { readFileSync } from 'node:fs';
import { launch, quietPage } from './browser.mjs';
import { MATRIX, SCREENS } from './screens.mjs';
import { serve } from './serve.mjs';

const SIZES = [
	[720, 450],
	[640, 400],
	[1440, 900],
];
const fit = readFileSync(new URL('./page-fit.js', import.meta.url), 'utf8');
const only = process.argv.slice(2);
const wanted = (each) => only.length === 0 || only.some((name) => each.name.startsWith(name));
const { base, stop } = await serve();
const browser = await launch();
// Themes change no sizes: one is enough, and each state once.
const seen = new Set();
const screens = [...SCREENS, ...MATRIX.map((each) => ({ ...each, name: `place-${each.name}` }))].filter((each) => {
	const key = JSON.stringify([each.place, each.search, String(each.act)]);
	if (!wanted(each) || (!each.act && seen.has(key))) return false;
	seen.add(key);
	return true;
});
let bad = 0;
let looked = 0;
for (const screen of screens) {
	for (const [width, height] of SIZES) {
		const { page } = await quietPage(browser);
		await page.setViewport({ width, height, deviceScaleFactor: 2 });
		try {
			await page.goto(`${base}/?theme=light${screen.search ?? ''}#/${screen.place}`, { waitUntil: 'networkidle0' });
			await page.evaluate(() => document.fonts.ready);
			if (screen.act) await screen.act(page);
			await new Promise((done) => setTimeout(done, 350));
			for (const sentence of await page.evaluate(fit)) {
				bad++;
				console.error(`${screen.name} ${width}: ${sentence}`);
			}
		} catch (error) {
			bad++;
			console.error(`${screen.name} ${width}: ${error}`);
		}
		looked++;
		await page.close();
	}
}
await browser.close();
stop();
console.log(`${looked} screens, ${bad} places that do not fit`);
process.exitCode = bad > 0 ? 1 : 0;
