// axe-core over every screen and state in every theme: exits 1 on any violation. It also fails on any
// complaint of the page, so a breach of the window's content policy does not go unseen.
//   node scripts/axe.mjs [name…]    those whose name begins so
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch } from './browser.mjs';
import { MATRIX, SCREENS, THEMES } from './screens.mjs';
import { serve } from './serve.mjs';
import { chosen, once, visit } from './visit.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const places = MATRIX.map((each) => ({ ...each, name: `place-${each.name}` }));
const screens = chosen(once([...SCREENS, ...places]), process.argv.slice(2));
const { base, stop } = await serve();
const browser = await launch();
let bad = 0;
let looked = 0;
for (const screen of screens) {
	for (const theme of THEMES) {
		const name = `${screen.name} ${theme}`;
		looked++;
		try {
			const page = await visit(browser, base, screen, { theme });
			await page.run(axe);
			const found = await page.evaluate((runOnly) => {
				// An open menu hangs at its button, over all landmarks.
				const region = { enabled: !document.querySelector('[role=menu]') };
				return globalThis.axe.run(document, { runOnly, rules: { region } }).then(({ violations }) =>
					violations.map((each) => ({
						what: `${each.id} (${each.impact}): ${each.help}`,
						where: each.nodes.slice(0, 4).map((node) => `${node.target.join(' ')}  ${node.any[0]?.message ?? ''}`),
					})),
				);
			}, RULES);
			for (const { what, where } of found) {
				bad++;
				console.error(`${name}: ${what}`);
				for (const place of where) console.error(`    ${place}`);
			}
			for (const complaint of await page.complaints()) {
				bad++;
				console.error(`${name}: ${complaint}`);
			}
		} catch (error) {
			bad++;
			console.error(`${name}: ${error}`);
		}
	}
}
await browser.close();
stop();
console.log(`${looked} screens looked at, ${bad} violations`);
process.exitCode = bad > 0 ? 1 : 0;
