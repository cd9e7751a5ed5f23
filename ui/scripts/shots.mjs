// Pictures of screens.
//   node scripts/shots.mjs [folder] [name…]          every state once, or those whose name begins so
//   node scripts/shots.mjs --all [folder] [name…]    every place in every theme, density and size
import { mkdirSync } from 'node:fs';
import { launch, quietPage } from './browser.mjs';
import { DENSITIES, MATRIX, SCREENS, SIZES, THEMES } from './screens.mjs';
import { serve } from './serve.mjs';

const all = process.argv.includes('--all');
const [folder = 'shots', ...names] = process.argv.slice(2).filter((each) => each !== '--all');
mkdirSync(folder, { recursive: true });
const wanted = (each) => names.length === 0 || names.some((name) => each.name.startsWith(name));
const screens = all
	? MATRIX.filter(wanted).flatMap((screen) =>
			THEMES.flatMap((theme) =>
				DENSITIES.flatMap((density) =>
					SIZES.map(([width, height]) => ({
						...screen,
						name: `${screen.name}-${theme.replace('_', '-')}-${density}-${width}`,
						search: `${screen.search ?? ''}&density=${density}`,
						theme,
						width,
						height,
					})),
				),
			),
		)
	: SCREENS.filter(wanted);
const { base, stop } = await serve();
const browser = await launch();
let bad = 0;
for (const screen of screens) {
	const { page, complaints } = await quietPage(browser);
	await page.setViewport({
		width: screen.width ?? 1440,
		height: screen.height ?? 900,
		deviceScaleFactor: screen.scale ?? 1,
	});
	try {
		await page.goto(`${base}/?theme=${screen.theme ?? 'light'}${screen.search ?? ''}#/${screen.place}`, {
			waitUntil: 'networkidle0',
		});
		await page.evaluate(() => document.fonts.ready);
		await new Promise((done) => setTimeout(done, 200));
		if (screen.act) {
			await screen.act(page);
			await new Promise((done) => setTimeout(done, 350));
		}
		await page.screenshot({ path: `${folder}/${screen.name}.png` });
	} catch (error) {
		complaints.push(String(error));
	}
	for (const complaint of new Set(complaints)) {
		bad++;
		console.error(`${screen.name}: ${complaint}`);
	}
	await page.close();
}
await browser.close();
stop();
console.log(`${screens.length} pictures in ${folder}${bad > 0 ? `, ${bad} complaints` : ''}`);
process.exitCode = bad > 0 ? 1 : 0;
