// Pictures of screens: `node scripts/shots.mjs [folder] [name…]`; all of them without names.
import { mkdirSync } from 'node:fs';
import { launch, quietPage } from './browser.mjs';
import { SCREENS } from './screens.mjs';
import { serve } from './serve.mjs';

const [folder = 'shots', ...names] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const { base, stop } = await serve();
const browser = await launch();
let bad = 0;
for (const screen of SCREENS.filter((each) => names.length === 0 || names.some((name) => each.name.startsWith(name)))) {
	const { page, complaints } = await quietPage(browser);
	await page.setViewport({
		width: screen.width ?? 1440,
		height: screen.height ?? 900,
		deviceScaleFactor: screen.scale ?? 1,
	});
	await page.goto(`${base}/?theme=${screen.theme ?? 'light'}${screen.search ?? ''}#/${screen.place}`, {
		waitUntil: 'networkidle0',
	});
	await new Promise((done) => setTimeout(done, 250));
	if (screen.act) {
		await screen.act(page);
		await new Promise((done) => setTimeout(done, 350));
	}
	await page.screenshot({ path: `${folder}/${screen.name}.png` });
	for (const complaint of new Set(complaints)) {
		bad++;
		console.error(`${screen.name}: ${complaint}`);
	}
	await page.close();
}
await browser.close();
stop();
process.exitCode = bad > 0 ? 1 : 0;
