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

/** One change a stand-in applied, as it counts it itself. */
export interface LedgerEntry {
	platform: string;
	account: string;
	effect: string;
	subject: string;
	key: string | null;
	detail: Record<string, unknown>;
	by: 'client' | 'merchant';
}

export class Merchant {
	private constructor(
		private readonly process: ChildProcess,
		readonly accounts: StandIn[],
		private readonly control: { base_url: string; token: string },
	) {}

	/** Opens the stand-ins; `folder` is where their addresses are written. */
	static async open(folder: string, ...options: string[]): Promise<Merchant> {
		const file = join(folder, 'ports.json');
		const serving = spawn(TERMINAL, ['sandbox', 'serve', '--port-file', file, ...options], { stdio: 'ignore' });
		await until('the sandbox to listen', () => existsSync(file));
		const ports = JSON.parse(readFileSync(file, 'utf8')) as {
			accounts: StandIn[];
			control: { base_url: string; token: string };
		};
		return new Merchant(serving, ports.accounts, ports.control);
	}

	/** What was really done to the accounts, whoever says what. */
	async ledger(): Promise<LedgerEntry[]> {
		const answer = await fetch(`${this.control.base_url}/ledger`, {
			headers: { authorization: `Bearer ${this.control.token}` },
		});
		if (!answer.ok) throw new Error(`The stand-ins answered ${answer.status} when asked for their ledger.`);
		return ((await answer.json()) as { entries: LedgerEntry[] }).entries;
	}

	/** Somebody buys just this, now, and pays at once; the order's number as the store shows it. */
	async buys(purchase: {
		account: string;
		sku: string;
		shown_sku?: string;
		tags?: string[];
		/** As the buyer wrote it; an empty one was forgotten. */
		street?: string;
		/** Written wherever a buyer is asked for words, and in the names of what is bought. */
		words?: string;
	}): Promise<string> {
		const answer = await fetch(`${this.control.base_url}/buy`, {
			method: 'POST',
			headers: { authorization: `Bearer ${this.control.token}` },
			body: JSON.stringify(purchase),
		});
		if (!answer.ok) throw new Error(`The stand-ins answered ${answer.status} when asked to sell ${purchase.sku}.`);
		return ((await answer.json()) as { name: string }).name;
	}

	/** A buyer sends units of an order (by its number in the store) back, agreed with the staff; what had not left leaves first. */
	async sendsBack(sending: { account: string; order: string; quantity?: number; arrived?: boolean }): Promise<void> {
		// The store sorts out a moment after the purchase where an order leaves from; nothing can leave before.
		await until(
			`${sending.order} to be sent back`,
			async () => {
				const answer = await fetch(`${this.control.base_url}/return`, {
					method: 'POST',
					headers: { authorization: `Bearer ${this.control.token}` },
					body: JSON.stringify(sending),
				});
				if (answer.ok || answer.status === 404) return answer.ok;
				throw new Error(`The stand-ins answered ${answer.status}.`);
			},
			{ within_ms: 120_000, every_ms: 2_000 },
		);
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
