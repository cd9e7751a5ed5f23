// Compares screens with the pictures somebody approved (shots/approved): exits 1 if one looks
// otherwise. What is there now and what differs is written beside each other into test-results/pictures.
//   node scripts/pictures.mjs [name…]             compare
//   node scripts/pictures.mjs --approve [name…]   take those that differ as the approved ones
// The made-up desk stands on one Friday, the clock stands still, nothing moves or blinks. Another
// version of the engine draws letters a little differently: that is below the tolerance.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { launch } from './browser.mjs';
import { APPROVED } from './screens.mjs';
import { serve } from './serve.mjs';
import { smallPng } from './small-png.mjs';
import { chosen, visit } from './visit.mjs';

/** How different a pixel may be before it counts, 0 to 1: edges of letters stay below. */
const THRESHOLD = 0.15;
/** How much of a picture may differ, as a share of its pixels. One changed word in a row is about 0.001. */
const SHARE_MAX = 0.0006;
/** Friday 20 November 2026, 14:12:40 in Berlin: the made-up desk's own now. */
const NOW = Date.UTC(2026, 10, 20, 13, 12, 40);
const [width, height] = [1280, 800];

const approve = process.argv.includes('--approve');
const names = process.argv.slice(2).filter((each) => each !== '--approve');
const approved = fileURLToPath(new URL('../shots/approved/', import.meta.url));
const results = fileURLToPath(new URL('../../test-results/pictures/', import.meta.url));
mkdirSync(approved, { recursive: true });
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

/** What is wrong with a picture; null if nothing is. */
function compare(name, now) {
	const path = `${approved}${name}.png`;
	if (!existsSync(path)) return 'nobody approved a picture of it yet';
	const before = PNG.sync.read(readFileSync(path));
	if (before.width !== now.width || before.height !== now.height)
		return `it is ${now.width} by ${now.height}, the approved one ${before.width} by ${before.height}`;
	const difference = new PNG({ width: now.width, height: now.height });
	const pixels = pixelmatch(before.data, now.data, difference.data, now.width, now.height, { threshold: THRESHOLD });
	const share = pixels / (now.width * now.height);
	if (share <= SHARE_MAX) return null;
	writeFileSync(`${results}${name}.approved.png`, smallPng(before));
	writeFileSync(`${results}${name}.difference.png`, smallPng(difference));
	return `${pixels} pixels differ (${(share * 100).toFixed(2)} %)`;
}

const { base, stop } = await serve();
const browser = await launch();
const screens = chosen(APPROVED, names).flatMap((screen) =>
	['light', 'dark'].map((theme) => ({ ...screen, name: `${screen.name}-${theme}`, theme })),
);
const found = [];
for (const screen of screens) {
	try {
		const page = await visit(browser, base, screen, { width, height, more: `&clock=${NOW}` });
		const now = PNG.sync.read(await page.picture());
		const wrong = compare(screen.name, now);
		if (wrong === null) continue;
		found.push(`${screen.name}: ${wrong}`);
		writeFileSync(approve ? `${approved}${screen.name}.png` : `${results}${screen.name}.now.png`, smallPng(now));
	} catch (error) {
		found.push(`${screen.name}: ${error}`);
		process.exitCode = 1;
	}
}
const drawn = browser.version;
await browser.close();
stop();
for (const each of found) console.error(each);
if (approve) {
	writeFileSync(`${approved}drawn-by.txt`, `WebKitGTK ${drawn}\n`);
	console.log(`${screens.length} pictures, ${found.length} of them new. Look at them before they are committed.`);
} else {
	console.log(`${screens.length} pictures compared, ${found.length} look otherwise than approved`);
	if (found.length > 0) {
		const by = existsSync(`${approved}drawn-by.txt`)
			? readFileSync(`${approved}drawn-by.txt`, 'utf8').trim()
			: 'nobody';
		console.error(`What differs: ${results}`);
		console.error(`If it is meant so: make approve. (Approved ones were drawn by ${by}, these by WebKitGTK ${drawn}.)`);
		// Another engine draws letters otherwise; what it drew says nothing about the change.
		if (by === `WebKitGTK ${drawn}`) process.exitCode = 1;
		else console.error('SKIPPED: pictures are compared only with those of the same WebKitGTK.');
	}
}
