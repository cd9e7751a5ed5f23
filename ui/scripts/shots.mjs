// Pictures of screens.
//   node scripts/shots.mjs [folder] [name…]          every state once, or those whose name begins so
//   node scripts/shots.mjs --all [folder] [name…]    every place in every theme, density and size
import { mkdirSync, writeFileSync } from 'node:fs';
import { launch } from './browser.mjs';
import { DENSITIES, MATRIX, SCREENS, SIZES, THEMES } from './screens.mjs';
import { serve } from './serve.mjs';
import { chosen, visit } from './visit.mjs';

const all = process.argv.includes('--all');
const [folder = 'shots', ...names] = process.argv.slice(2).filter((each) => each !== '--all');
mkdirSync(folder, { recursive: true });
const screens = all
	? chosen(MATRIX, names).flatMap((screen) =>
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
	: chosen(SCREENS, names);
const { base, stop } = await serve();
const browser = await launch();
let bad = 0;
for (const screen of screens) {
	const complaints = [];
	try {
		const page = await visit(browser, base, screen);
		writeFileSync(`${folder}/${screen.name}.png`, await page.picture());
		complaints.push(...(await page.complaints()));
	} catch (error) {
		complaints.push(String(error));
	}
	for (const complaint of complaints) {
		bad++;
		console.error(`${screen.name}: ${complaint}`);
	}
}
await browser.close();
stop();
console.log(`${screens.length} pictures in ${folder}${bad > 0 ? `, ${bad} complaints` : ''}`);
process.exitCode = bad > 0 ? 1 : 0;
