// Every screen at 100 and 200 %, in both directions of writing: exits 1 if anything does not fit its
// window (page-fit.js says what that means). At 200 % a window has half its pixels: 1440 by 900, and
// a smaller one. Right to left the words stay English; that nothing is cut or shoved out is what is seen.
//   node scripts/fit.mjs [name…]    those whose name begins so
import { readFileSync } from 'node:fs';
import { launch } from './browser.mjs';
import { MATRIX, SCREENS } from './screens.mjs';
import { serve } from './serve.mjs';
import { chosen, once, visit } from './visit.mjs';

const LOOKS = [
	{ said: '720', width: 720, height: 450 },
	{ said: '640', width: 640, height: 400 },
	{ said: '1440', width: 1440, height: 900 },
	{ said: '1440 rtl', width: 1440, height: 900, more: '&dir=rtl' },
];
const fit = readFileSync(new URL('./page-fit.js', import.meta.url), 'utf8');
const places = MATRIX.map((each) => ({ ...each, name: `place-${each.name}` }));
const screens = chosen(once([...SCREENS, ...places]), process.argv.slice(2));
const { base, stop } = await serve();
const browser = await launch();
let bad = 0;
for (const screen of screens) {
	for (const look of LOOKS) {
		let found;
		try {
			const page = await visit(browser, base, screen, { theme: 'light', ...look });
			found = await page.run(fit, true);
		} catch (error) {
			found = [String(error)];
		}
		for (const sentence of found) {
			bad++;
			console.error(`${screen.name} ${look.said}: ${sentence}`);
		}
	}
}
await browser.close();
stop();
console.log(`${screens.length * LOOKS.length} looks, ${bad} places that do not fit`);
process.exitCode = bad > 0 ? 1 : 0;
