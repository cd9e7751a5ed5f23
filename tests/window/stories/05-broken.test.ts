// What cannot be opened says why and what to do, in the window and not instead of it.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Merchant } from '../desk/merchant.ts';
import { until } from '../desk/until.ts';
import { story, TERMINAL } from '../desk/window.ts';

story('Without a keychain the window says what to install', async (stage) => {
	// A session bus nobody answers on: no keychain can be found.
	const desk = await stage.open({ env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' } });
	await desk.person.sees('The keychain does not open', 30_000);
	await desk.person.sees('Quayside keeps secrets in a keychain only, never in a file');
	await desk.person.sees('Try again');
	await desk.shot('broken-keychain');
});

story('A profile folder that cannot be used is named, and tried again once mended', async (stage) => {
	const profile = join(stage.folder(), 'profile');
	writeFileSync(profile, 'in the way');
	const desk = await stage.open({ profile });
	await desk.person.sees('Your orders cannot be opened');
	await desk.person.sees(profile);
	await desk.shot('broken-folder');

	rmSync(profile);
	await desk.person.clicks('Try again');
	await desk.person.sees('One desk for every order');
});

story('A damaged database is set aside on request, and kept', async (stage) => {
	const profile = stage.folder();
	const before = await stage.open({ profile });
	await before.isReady();
	await before.close();
	writeFileSync(join(profile, 'quayside.db'), Buffer.alloc(65_536, 0x5a));

	const desk = await stage.open({ profile });
	await desk.person.sees('Your orders cannot be opened', 30_000);
	await desk.shot('broken-database');
	await desk.person.clicks('Start fresh…');
	await desk.person.sees('is set aside, not deleted');
	await desk.person.clicks('Start fresh', { inside: 'is set aside, not deleted' });
	await desk.person.sees('One desk for every order', 30_000);
	expect(readdirSync(profile).filter((name) => /^quayside\.db\..*(damaged|aside)/.test(name))).not.toEqual([]);
});

story('While a terminal works with the profile, the window says who holds it', async (stage) => {
	const profile = stage.folder();
	const merchant = await Merchant.open(stage.folder(), '--quiet');
	merchant.connectTo(profile);
	const worker = spawn(TERMINAL, ['--profile', profile, 'sync', '--follow'], { stdio: 'ignore' });
	try {
		await until('the terminal to hold the profile', () => holder(profile) === `${worker.pid}`);
		const desk = await stage.open({ profile });
		await desk.person.sees('Quayside is already open', 30_000);
		await desk.person.sees(`${worker.pid}`);
		await desk.shot('broken-held');

		worker.kill('SIGINT');
		await until('the terminal to end', () => worker.exitCode !== null);
		await desk.person.clicks('Try again');
		await desk.person.sees(merchant.accounts[0]?.title ?? 'an account', 30_000);
	} finally {
		worker.kill('SIGKILL');
		merchant.close();
	}
});

function holder(profile: string): string {
	const lock = join(profile, 'quayside.lock');
	return existsSync(lock) ? readFileSync(lock, 'utf8').trim() : '';
}
