// Connecting accounts by hand: forms, a checklist, secrets in the keychain and
// nowhere else, and what a wrong secret says.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Merchant, type StandIn } from '../desk/merchant.ts';
import { story, type DeskWindow } from '../desk/window.ts';

interface Way {
	id: string;
	title: string;
	fields: { name: string; label: string; secret: boolean }[];
}
interface Platform {
	platform: string;
	title: string;
	ways: Way[];
}

story('Accounts are connected by form, tested first, and their secrets stay in the keychain', async (stage) => {
	const merchant = await Merchant.open(stage.folder(), '--quiet');
	try {
		const profile = stage.folder();
		const desk = await stage.open({ profile });
		await desk.person.sees('One desk for every order');
		const platforms = await desk.asks<Platform[]>('platforms');

		await desk.person.clicks('Connect my accounts');
		for (const account of merchant.accounts) {
			const platform = platforms.find((each) => each.platform === account.platform);
			await fillIn(desk, account, platform as Platform);
			await desk.person.clicks('Test connection');
			await desk.person.sees('Test again', 30_000);
			await desk.person.fills('Name of this account', account.title);
			await desk.shot(`connect-${account.name}`);
			await desk.person.clicks(`Connect ${account.title}`);
			await desk.person.sees(new RegExp(`${account.title}[\\s\\S]*stand-in at`), 30_000);
			if (account !== merchant.accounts.at(-1)) await desk.person.clicks('Connect an account');
		}
		await desk.shot('connections');
		await desk.close();

		const secrets = merchant.accounts.flatMap((account) => {
			const ways = platforms.find((each) => each.platform === account.platform)?.ways ?? [];
			const named = ways.flatMap((way) => way.fields.filter((field) => field.secret).map((field) => field.name));
			return named.map((name) => account.fields[name] ?? '').filter((secret) => secret.length > 8);
		});
		expect(secrets.length).toBeGreaterThan(2);
		expect(filesHolding(profile, secrets)).toEqual([]);
		// …and they are in the keychain, under this profile's name.
		const id = readFileSync(join(profile, 'profile.id'), 'utf8').trim();
		expect(inTheKeychain(id)).toBeGreaterThanOrEqual(merchant.accounts.length + 1);
	} finally {
		merchant.close();
	}
});

story('A wrong secret is refused with a sentence, and nothing is kept', async (stage) => {
	const merchant = await Merchant.open(stage.folder(), '--quiet');
	try {
		const desk = await stage.open();
		await desk.person.sees('One desk for every order');
		const account = merchant.accounts[0] as StandIn;
		const platforms = await desk.asks<Platform[]>('platforms');
		const platform = platforms.find((each) => each.platform === account.platform) as Platform;
		const secret = platform.ways.flatMap((way) => way.fields).find((field) => field.secret)?.name ?? '';

		await desk.person.clicks('Connect my accounts');
		const wrong = { ...account, fields: { ...account.fields, [secret]: 'canary-wrong-secret-0001' } };
		await fillIn(desk, wrong, platform);
		await desk.person.clicks('Test connection');
		await desk.person.sees('This does not work yet.', 30_000);
		await desk.person.sees('Could not sign in.');
		expect(await desk.person.readsThePage()).not.toContain('canary-wrong-secret-0001');
		await desk.shot('connect-refused');
		expect(await desk.asks<unknown[]>('connections')).toEqual([]);
	} finally {
		merchant.close();
	}
});

/** Chooses the platform and types what the account's owner was given. */
async function fillIn(desk: DeskWindow, account: StandIn, platform: Platform): Promise<void> {
	const { person } = desk;
	await person.clicks(platform.title);
	const way = platform.ways.find((each) => each.id === account.way);
	if (platform.ways.length > 1 && way) await person.clicks(way.title);
	for (const field of way?.fields ?? []) {
		const value = account.fields[field.name];
		if (value) await person.fills(field.label, value);
	}
	await person.clicks('Use a stand-in on this computer');
	await person.fills('Address of the stand-in', account.base_url);
}

/** A file that is gone since it was listed (a database's scratch file) holds nothing. */
function contents(file: string): Buffer {
	try {
		return readFileSync(file);
	} catch (thrown) {
		if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
		throw thrown;
	}
}

/** Files of the profile in which one of these texts stands. */
function filesHolding(folder: string, texts: string[]): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name))
		.filter((file) => {
			const bytes = contents(file);
			return texts.some((text) => bytes.includes(text));
		});
}

/** How many entries the keychain holds for this profile. */
function inTheKeychain(id: string): number {
	const service = JSON.stringify(`Quayside ${id}`);
	const found = spawnSync(
		'gdbus',
		['call', '--session', '--dest', 'org.freedesktop.secrets', '--object-path', '/org/freedesktop/secrets'].concat([
			'--method',
			'org.freedesktop.Secret.Service.SearchItems',
			`{"service": ${service}}`,
		]),
		{ encoding: 'utf8' },
	);
	return [...found.stdout.matchAll(/\/org\/freedesktop\/secrets\/collection\/\w+\/\w+/g)].length;
}
