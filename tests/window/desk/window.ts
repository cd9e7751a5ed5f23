// The real program in a real window: starts it under the driver, knows its
// process, and lets a person use it. A story begins with `story(...)`.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { NotificationBus } from './bus.ts';
import { Person } from './person.ts';
import { until } from './until.ts';
import { Session } from './webdriver.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const TARGET = resolve(ROOT, process.env['CARGO_TARGET_DIR'] ?? 'target');
/** The program under test. */
export const PROGRAM = process.env['QUAYSIDE_BINARY'] ?? join(TARGET, 'debug', 'quayside');
/** Its terminal. */
export const TERMINAL = process.env['QUAYSIDE_CLI'] ?? join(TARGET, 'debug', 'quayside-cli');
/** Where pictures go; `make test` names this folder. */
export const SHOTS = process.env['QUAYSIDE_SHOTS'] ?? join(ROOT, 'test-results', 'shots');

export interface Opening {
	/** Folder of state; a fresh one if left out. */
	profile?: string;
	/** Live stand-in merchant. */
	sandbox?: boolean;
	/** More to say on the command line. */
	args?: string[];
	/** Another environment, in parts. */
	env?: Record<string, string>;
}

/** One run of the program. */
export class DeskWindow {
	readonly person: Person;
	private constructor(
		private readonly driver: ChildProcess,
		readonly session: Session,
		readonly profile: string,
		/** Process id of the program itself. */
		readonly pid: number,
	) {
		this.person = new Person(session);
	}

	static async open(opening: Opening, profile: string): Promise<DeskWindow> {
		for (const needed of [PROGRAM, join(ROOT, 'ui/dist/index.html')]) {
			if (!existsSync(needed)) throw new Error(`${needed} is not there. Type: make test-window`);
		}
		const [port, native] = [await freePort(), await freePort()];
		const driver = spawn(
			'tauri-driver',
			['--port', `${port}`, '--native-port', `${native}`, '--native-driver', webkitDriver()],
			{ stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...opening.env } },
		);
		const server = `http://127.0.0.1:${port}`;
		try {
			await until('the driver answers', async () => (await fetch(`${server}/status`)).ok || undefined, {
				within_ms: 15_000,
			});
			const said = ['--profile', profile, ...(opening.sandbox ? ['--sandbox'] : []), ...(opening.args ?? [])];
			const session = await Session.start(server, PROGRAM, said);
			const pid = await until('the process of the program', () => running(profile, driver));
			return new DeskWindow(driver, session, profile, pid);
		} catch (error) {
			endWithChildren(driver);
			throw error;
		}
	}

	/** Asks the program to end, as logging out of the computer does, and sees that it does. */
	async close(): Promise<void> {
		try {
			if (alive(this.pid)) process.kill(this.pid, 'SIGTERM');
			await until('the program ends', () => !alive(this.pid), { within_ms: 15_000 });
		} catch (error) {
			process.kill(this.pid, 'SIGKILL');
			throw error;
		} finally {
			endWithChildren(this.driver);
		}
	}

	/** Ends the program as a power cut would. */
	async kill(): Promise<void> {
		process.kill(this.pid, 'SIGKILL');
		await until('the process is gone', () => !alive(this.pid));
		endWithChildren(this.driver);
	}

	/** The process is there. */
	isRunning(): boolean {
		return alive(this.pid);
	}

	/** Asks a command as the page does, for what a story is not about. */
	asks<T>(command: string, args: Record<string, unknown> = {}): Promise<T> {
		return this.session.wait<T>('return window.__TAURI_INTERNALS__.invoke(args[0], args[1])', command, args);
	}

	/** Waits until keychain and database are open and the engine works. */
	async isReady(): Promise<void> {
		await until('the desk to be ready', async () => {
			const state = await this.asks<{ state: string }>('desk_state');
			if (state.state === 'broken') throw new Error(`The desk is broken: ${JSON.stringify(state)}`);
			return state.state === 'ready';
		});
	}

	/** Waits until every account was read and no job is on its way: what stands in a list then stays there. */
	async isCalm(): Promise<void> {
		let before = '';
		await until(
			'the list to stay as it is',
			async () => {
				const now = await this.session.run<string>(
					`return [...document.querySelectorAll('[role=row]')].map((row) => row.dataset.id).join()`,
				);
				const same = now === before && now !== '';
				before = now;
				return same;
			},
			{ every_ms: 1_500, within_ms: 60_000 },
		);
	}

	/** Waits until nothing on the page moves or loads any more. */
	async settles(): Promise<void> {
		let before = '';
		await until(
			'the page to come to rest',
			async () => {
				const now = await this.session.run<string>(
					`return document.querySelectorAll('[aria-busy=true]').length + '|' + document.body.innerText.replace(/\\d+/g, '')`,
				);
				const same = now === before && now.startsWith('0|');
				before = now;
				return same;
			},
			{ every_ms: 200, within_ms: 3_000 },
		).catch(() => undefined);
	}

	/** Takes the page and the whole screen into `test-results/shots`. */
	async shot(name: string): Promise<void> {
		await this.settles();
		mkdirSync(SHOTS, { recursive: true });
		writeFileSync(join(SHOTS, `${name}.png`), await this.session.picture());
		// The screen as a person sees it: window, and notifications over it.
		spawnSync('import', ['-window', 'root', join(SHOTS, `${name}-screen.png`)], { stdio: 'inherit' });
	}

	/** From the start of the process to the first thing painted, ms. */
	async firstPaint_ms(): Promise<number> {
		const painted_ms = await until('the first paint', () =>
			this.session.run<number>(
				`const entry = performance.getEntriesByName('first-contentful-paint')[0];
				return entry ? performance.timeOrigin + entry.startTime : 0`,
			),
		);
		return painted_ms - startedAt_ms(this.pid);
	}

	/** From the start of the process until the first screen a person can use, not the one that says it is opening. */
	async firstScreen_ms(): Promise<number> {
		const shown_ms = await until('the first screen', () =>
			this.session.run<number>(
				`const entry = performance.getEntriesByName('first-screen')[0];
				return entry ? performance.timeOrigin + entry.startTime : 0`,
			),
		);
		return shown_ms - startedAt_ms(this.pid);
	}

	/** From the start of the process until an order stands in the queue. Never too early: the page is asked, and looks frame by frame. */
	async firstOrder_ms(): Promise<number> {
		const shown_ms = await this.session.wait<number>(
			`while (!document.querySelector('main [data-testid^="row-"]')) await new Promise(requestAnimationFrame);
			return performance.timeOrigin + performance.now()`,
		);
		return shown_ms - startedAt_ms(this.pid);
	}

	/** What axe-core holds against the page now; of some rules only, if told. */
	async accessibilityViolations(rules?: string[]): Promise<string[]> {
		const axe = readFileSync(join(ROOT, 'ui/node_modules/axe-core/axe.min.js'), 'utf8');
		await this.session.run(`if (!window.axe) { ${axe} }`);
		return this.session.wait<string[]>(
			`const only = arguments[0] ? { runOnly: arguments[0] } : {};
			const found = await window.axe.run(document, { resultTypes: ['violations'], ...only });
			return found.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ')).join(', '))`,
			rules ?? null,
		);
	}

	/** Paints the page in a theme, as the setting would, and leaves everything open that is open. */
	async paints(theme: string): Promise<void> {
		await this.session.run(`document.documentElement.dataset.theme = arguments[0]`, theme);
		await this.session.wait(
			'return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))',
		);
	}

	/** The window as somebody sees it who zooms now, whatever is open. */
	async zooms(percent: number): Promise<void> {
		await this.asks('plugin:webview|set_webview_zoom', { label: 'main', value: percent / 100 });
		await this.settles();
	}

	/** What does not fit the window now; `ui/scripts/page-fit.js` says what that means. */
	misfits(): Promise<string[]> {
		const fit = readFileSync(join(ROOT, 'ui/scripts/page-fit.js'), 'utf8');
		return this.session.run<string[]>(`const found =\n${fit}\nreturn found;`);
	}

	/** Goes to a place as the address writes it: `exceptions?view=snoozed`. */
	async goes(place: string): Promise<void> {
		await this.session.run('location.hash = arguments[0]', `#/${place}`);
	}

	/** Waits until something with one of these test ids is shown. */
	async shows(...ids: string[]): Promise<void> {
		await until(
			`${ids.join(' or ')} to be shown`,
			() =>
				this.session.run<boolean>(
					`return [...arguments].some((id) => document.querySelector('[data-testid="' + id + '"]'))`,
					...ids,
				),
			{ otherwise: () => this.person.readsThePage() },
		);
	}
}

/** What a story is told with. */
export class Stage {
	private readonly open_now: DeskWindow[] = [];
	private readonly folders: string[] = [];
	private bus: NotificationBus | undefined;

	/** An empty folder that is gone after the story. */
	folder(): string {
		const folder = mkdtempSync(join(tmpdir(), 'quayside-story-'));
		this.folders.push(folder);
		return folder;
	}

	/** Starts the program. */
	async open(opening: Opening = {}): Promise<DeskWindow> {
		const desk = await DeskWindow.open(opening, opening.profile ?? this.folder());
		this.open_now.push(desk);
		return desk;
	}

	/** Hears every notification from now on. Those of earlier stories are taken off the screen: a click is for ours. */
	async notifications(): Promise<NotificationBus> {
		if (!this.bus) {
			spawnSync('dunstctl', ['close-all'], { stdio: 'ignore' });
			this.bus = await NotificationBus.start();
		}
		return this.bus;
	}

	/** Pictures of everything open, for whoever looks into a failure. */
	async failed(title: string): Promise<void> {
		const name = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
		for (const desk of this.open_now.filter((d) => alive(d.pid))) {
			await desk.shot(`failed-${name}`).catch(() => undefined);
			console.error(`The page when it failed:\n${await desk.person.readsThePage().catch(() => '(not readable)')}`);
		}
	}

	/** Ends what was started and removes what was made. */
	async clear(): Promise<void> {
		this.bus?.stop();
		for (const desk of this.open_now) await desk.close();
		for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
	}
}

/** A story about the real window. One that takes too long fails with pictures of where it stood. */
export function story(title: string, tell: (stage: Stage) => Promise<void>, within_ms = 120_000): void {
	test(
		title,
		async () => {
			const stage = new Stage();
			let late: NodeJS.Timeout | undefined;
			const patience = new Promise<never>((_, fail) => {
				late = setTimeout(() => fail(new Error(`The story was not over after ${within_ms} ms.`)), within_ms);
			});
			try {
				await Promise.race([tell(stage), patience]);
			} catch (error) {
				await stage.failed(title);
				throw error;
			} finally {
				clearTimeout(late);
				await stage.clear();
			}
		},
		within_ms + 60_000,
	);
}

/** Runs the terminal and gives the JSON document it prints. */
export function terminal<T>(profile: string, ...args: string[]): T {
	const ran = spawnSync(TERMINAL, ['--profile', profile, '--json', ...args], { encoding: 'utf8' });
	if (ran.status !== 0) throw new Error(`quayside-cli ${args.join(' ')} ended with ${ran.status}: ${ran.stderr}`);
	return JSON.parse(ran.stdout) as T;
}

function webkitDriver(): string {
	const places = ['/usr/bin/WebKitWebDriver', '/usr/libexec/webkit2gtk-4.1/WebKitWebDriver'];
	const found = places.find((place) => existsSync(place));
	if (!found) throw new Error('WebKitWebDriver is not installed. Type: scripts/bootstrap --tests');
	return found;
}

function freePort(): Promise<number> {
	return new Promise((found, failed) => {
		const server = createServer().once('error', failed);
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			server.close(() => found(typeof address === 'object' && address ? address.port : 0));
		});
	});
}

/** tauri-driver does not take its WebKitWebDriver with it. */
function endWithChildren(driver: ChildProcess): void {
	const children = processes().filter(({ status }) => new RegExp(`^PPid:\\s+${driver.pid}$`, 'm').test(status));
	for (const { pid } of children) process.kill(pid);
	driver.kill();
}

function processes(): { pid: number; status: string; words: string[] }[] {
	return readdirSync('/proc')
		.filter((entry) => /^\d+$/.test(entry))
		.flatMap((entry) => {
			try {
				const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
				return [{ pid: Number(entry), status: readFileSync(`/proc/${entry}/status`, 'utf8'), words }];
			} catch {
				return []; // It ended while we looked.
			}
		});
}

/** The program's process: the one whose command line names this profile. */
function running(profile: string, driver: ChildProcess): number | undefined {
	const all = processes();
	const parent = (pid: number) => Number(/^PPid:\s+(\d+)$/m.exec(all.find((p) => p.pid === pid)?.status ?? '')?.[1]);
	return all.find(
		({ pid, words }) => words[0] === PROGRAM && words.includes(profile) && parent(parent(pid)) === driver.pid,
	)?.pid;
}

function alive(pid: number): boolean {
	try {
		// A zombie is gone for everybody but its parent.
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}

/** When a process began, ms since 1970, as the kernel remembers it. */
function startedAt_ms(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
	const bootedAt_ms = Date.now() - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
	// 100 ticks a second on every Linux we know.
	return bootedAt_ms + ticks * 10;
}
