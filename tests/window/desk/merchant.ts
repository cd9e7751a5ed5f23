// A stand-in merchant in a process of its own, for stories that connect accounts
// as a person does: by address and credentials.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';
import { TERMINAL } from './window.ts';

export interface StandIn {
	platform: string;
	name: string;
	title: string;
	base_url: string;
	way: string;
	fields: Record<string, string>;
}

export class Merchant {
	private constructor(
		private readonly process: ChildProcess,
		readonly accounts: StandIn[],
	) {}

	/** Opens the stand-ins; `folder` is where their addresses are written. */
	static async open(folder: string, ...options: string[]): Promise<Merchant> {
		const file = join(folder, 'ports.json');
		const serving = spawn(TERMINAL, ['sandbox', 'serve', '--port-file', file, ...options], { stdio: 'ignore' });
		await until('the sandbox to listen', () => existsSync(file));
		const { accounts } = JSON.parse(readFileSync(file, 'utf8')) as { accounts: StandIn[] };
		return new Merchant(serving, accounts);
	}

	close(): void {
		this.process.kill();
	}

	/** Connects all accounts in the terminal, secrets on standard input. */
	connectTo(profile: string): void {
		for (const account of this.accounts) {
			const connected = spawnSync(
				TERMINAL,
				['--profile', profile, '--json', 'connect', account.platform, '--name', account.title].concat([
					'--base-url',
					account.base_url,
					'--way',
					account.way,
					'--secrets-from',
					'-',
				]),
				{ input: JSON.stringify(account.fields), encoding: 'utf8' },
			);
			if (connected.status !== 0) throw new Error(`${account.title} was not connected: ${connected.stdout}`);
		}
	}
}
