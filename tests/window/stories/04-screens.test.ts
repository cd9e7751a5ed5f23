// Every screen of the real window, light and dark and at 200 %, without findings
// of axe-core, and with pictures for people to look at.
import { story, type DeskWindow } from '../desk/window.ts';

const PLACES = [
	'Home',
	'Queue',
	'Unfulfilled',
	'Exceptions',
	'Shipments',
	'Stock',
	'Activity',
	'Automations',
	'Connections',
	'Settings',
];

story(
	'Every screen is fit to be seen and heard',
	async (stage) => {
		const desk = await stage.open({ sandbox: true });
		const { person } = desk;
		await desk.isReady();
		await person.sees(/In ShipStation since/, 90_000);

		const findings: string[] = [];
		const look = async (name: string) => {
			await desk.shot(name);
			for (const finding of await desk.accessibilityViolations()) findings.push(`${name}: ${finding}`);
		};
		for (const theme of ['light', 'dark']) {
			await set(desk, { theme });
			for (const place of PLACES) {
				await person.clicks(place, { inside: 'Set up' });
				await look(`screen-${place.toLowerCase()}-${theme}`);
			}
			await person.clicks('Queue', { inside: 'Set up' });
			await person.sees(/#10\d\d/);
			await person.clicks('#10');
			await person.sees('Timeline');
			await look(`screen-order-${theme}`);
			await person.presses('Escape');
			await person.presses('Control+k');
			await look(`screen-palette-${theme}`);
			await person.presses('Escape');
		}
		await set(desk, { theme: 'light', zoom: 200 });
		for (const place of ['Queue', 'Exceptions', 'Settings']) {
			await person.clicks(place, { inside: 'Set up' });
			await look(`screen-${place.toLowerCase()}-200`);
		}
		expect(findings).toEqual([]);
	},
	300_000,
);

async function set(desk: DeskWindow, some: Record<string, unknown>): Promise<void> {
	const settings = await desk.asks<Record<string, unknown>>('settings');
	await desk.asks('put_settings', { settings: { ...settings, ...some } });
	// The page hears of settings by itself only when it makes them.
	await desk.session.run('location.reload()');
	await desk.person.sees('Queue');
}
