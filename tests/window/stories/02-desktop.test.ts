// The window as a good citizen of the desktop: put away instead of closed,
// found again, remembered, and gone without a trace when told.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closesTheWindow, windowsOnScreen } from '../desk/screen.ts';
import { until } from '../desk/until.ts';
import { PROGRAM, story } from '../desk/window.ts';

story('Closing the window keeps it working, and a second start brings it back', async (stage) => {
	const desk = await stage.open();
	await desk.isReady();
	expect(await windowsOnScreen()).toBe(1);

	await closesTheWindow();
	await until('the window to be put away', async () => (await windowsOnScreen()) === 0);
	expect(desk.isRunning()).toBe(true);

	const second = spawnSync(PROGRAM, ['--profile', desk.profile], { timeout: 10_000 });
	expect(second.status).toBe(0);
	await until('the window to be back', async () => (await windowsOnScreen()) === 1);
	expect(desk.isRunning()).toBe(true);
});

story('With the setting off, closing the window ends the program', async (stage) => {
	const desk = await stage.open();
	await desk.isReady();
	const settings = await desk.asks<Record<string, unknown>>('settings');
	await desk.asks('put_settings', { settings: { ...settings, close_to_tray: false } });

	await closesTheWindow();
	await until('closing to end the program', () => !desk.isRunning());
});

story('Size and place of the window are remembered', async (stage) => {
	const profile = stage.folder();
	const before = await stage.open({ profile });
	await before.session.resize(1000, 700);
	await until('the new size', async () => (await before.session.run<number>('return window.innerWidth')) === 1000);
	await before.close();

	const after = await stage.open({ profile });
	expect(await after.session.run<number>('return window.innerWidth')).toBe(1000);
});

story('A start for the tray shows no window until it is asked for', async (stage) => {
	const desk = await stage.open({ args: ['--hidden'] });
	await desk.isReady();
	expect(await windowsOnScreen()).toBe(0);
	spawnSync(PROGRAM, ['--profile', desk.profile], { timeout: 10_000 });
	await until('the window', async () => (await windowsOnScreen()) === 1);
});

story('Starting with the computer is a file that says how, and is gone when switched off', async (stage) => {
	const desk = await stage.open();
	await desk.isReady();
	const folder = join(process.env['XDG_CONFIG_HOME'] ?? '', 'autostart');
	const entries = () =>
		existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')) : [];
	const set = async (start_at_login: boolean) => {
		const settings = await desk.asks<Record<string, unknown>>('settings');
		await desk.asks('put_settings', { settings: { ...settings, start_at_login } });
	};
	expect(entries()).toEqual([]);
	await set(true);
	const [entry] = await until('an entry', () => (entries().length === 1 ? entries() : undefined));
	expect(entry).toContain('--hidden');
	expect(entry).toContain(desk.profile);
	await set(false);
	await until('no entry', () => entries().length === 0);
});
