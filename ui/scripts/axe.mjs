// axe-core over every screen in every theme: exits 1 on any violation. It also fails on any
// complaint of the page, so a breach of the window's content policy does not go unseen.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch, quietPage } from './browser.mjs';
import { SCREENS } from './screens.mjs';
import { serve } from './serve.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const only = process.argv.slice(2);
const { base, stop } = await serve();
const browser = await launch();
let bad = 0;
let looked = 0;
for (const screen of SCREENS.filter((each) => only.length === 0 || only.some((name) => each.name.startsWith(name)))) {
	for (const theme of ['light', 'dark', 'contrast_light', 'contrast_dark']) {
		const { page, complaints } = await quietPage(browser);
		await page.setViewport({ width: screen.width ?? 1440, height: screen.height ?? 900 });
		await page.goto(`${base}/?theme=${theme}${screen.search ?? ''}#/${screen.place}`, { waitUntil: 'networkidle0' });
		await new Promise((done) => setTimeout(done, 200));
		if (screen.act) {
			await screen.act(page);
			await new Promise((done) => setTimeout(done, 350));
		}
		await page.evaluate(axe);
		const found = await page.evaluate(() =>
			globalThis.axe.run(document, {
				runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
			}),
		);
		looked++;
		for (const violation of found.violations) {
			bad++;
			console.error(`${screen.name} ${theme}: ${violation.id} (${violation.impact}): ${violation.help}`);
			for (const node of violation.nodes.slice(0, 4))
				console.error(`    ${node.target.join(' ')}  ${node.any[0]?.message ?? ''}`);
		}
		for (const complaint of new Set(complaints)) {
			bad++;
			console.error(`${screen.name} ${theme}: ${complaint}`);
		}
		await page.close();
	}
}
await browser.close();
stop();
console.log(`${looked} screens looked at, ${bad} violations`);
process.exitCode = bad > 0 ? 1 : 0;
