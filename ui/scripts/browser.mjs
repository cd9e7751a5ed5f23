// The browser of the scripts beside this file: WebKitGTK's own MiniBrowser, the engine the window
// has, held by its driver. It comes with the system's packages that build and test the window
// (scripts/bootstrap --tests), so nothing is downloaded. They run on a screen of their own
// (scripts/with-desktop). MINIBROWSER names another one.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startSession } from './webdriver.mjs';

const FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec', '/usr/lib64', '/usr/lib'];

function found(name, named) {
	const places = FOLDERS.map((folder) => join(folder, 'webkit2gtk-4.1', name));
	const path = [named, `/usr/bin/${name}`, ...places].find((each) => each && existsSync(each));
	if (path) return path;
	throw new Error(`${name} was not found in ${places.join(', ')}. Type: scripts/bootstrap --tests`);
}

/** The same letters on every computer that has these fonts: no hints, no coloured edges, nothing blinks or moves. */
const STILL = `[Settings]
gtk-enable-animations=0
gtk-cursor-blink=0
gtk-xft-antialias=1
gtk-xft-hinting=0
gtk-xft-hintstyle=hintnone
gtk-xft-rgba=none
gtk-xft-dpi=98304
`;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function freePort() {
	return new Promise((done, failed) => {
		const server = createServer();
		server.once('error', failed);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => done(port));
		});
	});
}

async function answers(server) {
	for (let tries = 0; tries < 150; tries++) {
		if (
			await fetch(`${server}/status`).then(
				(answer) => answer.ok,
				() => false,
			)
		)
			return;
		await pause(100);
	}
	throw new Error(`WebKitWebDriver did not answer at ${server} within 15 seconds.`);
}

/** Starts the browser; `newPage` gives an empty page of it, one at a time. */
export async function launch() {
	const home = process.env.QUAYSIDE_DESKTOP;
	if (!home) throw new Error('There is no screen to draw on. Type: npm run shots, axe or fit, which bring one.');
	const settings = join(home, 'config', 'gtk-3.0');
	mkdirSync(settings, { recursive: true });
	writeFileSync(join(settings, 'settings.ini'), STILL);

	const port = await freePort();
	const driver = spawn(found('WebKitWebDriver', process.env.WEBKITWEBDRIVER), [`--port=${port}`], {
		// The merchant of the made-up desk lives in this zone.
		env: { ...process.env, TZ: 'Europe/Berlin' },
		stdio: ['ignore', 'ignore', 'ignore'],
	});
	const server = `http://127.0.0.1:${port}`;
	try {
		await answers(server);
		const session = await startSession(server, {
			binary: found('MiniBrowser', process.env.MINIBROWSER),
			args: ['--automation'],
		});
		return {
			version: session.version,
			newPage: () => new Page(session),
			async close() {
				await session.end().catch(() => {});
				driver.kill();
			},
		};
	} catch (error) {
		driver.kill();
		throw error;
	}
}

let visits = 0;

/** As much of a page as the scripts use. */
class Page {
	#session;
	constructor(session) {
		this.#session = session;
	}

	/** Makes the page, not the window around it, this large. */
	async setViewport(width, height) {
		const inner = () => this.#session.run('return [innerWidth, innerHeight]');
		let [w, h] = await inner();
		for (let tries = 0; tries < 8 && (w !== width || h !== height); tries++) {
			const outer = await this.#session.size();
			await this.#session.resize(outer.width + width - w, outer.height + height - h);
			await pause(60);
			[w, h] = await inner();
		}
		if (w !== width || h !== height) throw new Error(`The page is ${w} by ${h}, not ${width} by ${height}.`);
	}

	/** Opens an address anew, also where only its last part differs, and waits until it stands still. */
	async goto(url) {
		const [path, place = ''] = url.split('#');
		await this.#session.go(`${path}${path.includes('?') ? '&' : '?'}visit=${++visits}#${place}`);
		await this.rest();
	}

	/** Until fonts are there and nothing on the page changes any more; three seconds at most. */
	rest() {
		return this.#session.run(`
			// Ready is said before the first letter asked for its face: the first page of a run would have another one.
			await Promise.all([...document.fonts].map((face) => face.load().catch(() => {})));
			let before = '';
			let same = 0;
			for (const end = performance.now() + 3000; performance.now() < end && same < 3; ) {
				await new Promise((done) => setTimeout(done, 50));
				const now = document.querySelector('[aria-busy=true]') ? '' : document.body.innerHTML;
				same = now !== '' && now === before ? same + 1 : 0;
				before = now;
			}`);
	}

	async waitForSelector(selector, { timeout = 3000 } = {}) {
		for (const end = performance.now() + timeout; ;) {
			const element = await this.#session.find(selector).catch(() => null);
			if (element) return element;
			if (performance.now() > end) throw new Error(`${selector} did not come within ${timeout} ms`);
			await pause(40);
		}
	}

	async click(selector) {
		const element = await this.waitForSelector(selector);
		try {
			await this.#session.click(element);
		} catch {
			// Cut by the edge of what it scrolls in: a person scrolls on. What cannot be clicked then, cannot be clicked.
			await this.#session.run('document.querySelector(args[0]).scrollIntoView({ block: "center" })', selector);
			await this.#session.click(element);
		}
	}

	/** Marks all that stands in a field, so that what is typed takes its place. */
	async mark(selector) {
		await this.click(selector);
		await this.#session.run('document.querySelector(args[0]).select()', selector);
	}

	async type(selector, text) {
		await this.#session.type(await this.waitForSelector(selector), text);
	}

	keyboard = {
		press: (key) => this.#session.keys([key], ['keyDown', 'keyUp']),
		down: (key) => this.#session.keys([key], ['keyDown']),
		up: (key) => this.#session.keys([key], ['keyUp']),
		type: (text) => this.#session.keys([...text], ['keyDown', 'keyUp']),
	};

	/** Runs a function in the page. */
	evaluate(ask, ...args) {
		return this.#session.run(`return (${String(ask)})(...args)`, ...args);
	}

	/** Runs a whole file in the page; gives the value of its last expression if `gives`. */
	run(source, gives = false) {
		return this.#session.run(gives ? `const found =\n${source}\nreturn found;` : source);
	}

	complaints() {
		return this.#session.run('return [...new Set(globalThis.__complaints ?? [])]');
	}

	/** A page on which nothing moves draws no frame, and a picture needs one: it is given a reason. */
	async picture() {
		await this.#session.run(
			`for (const each of document.getAnimations()) {
				if (each.effect?.getComputedTiming().endTime === Infinity) each.cancel();
				else each.finish();
			}
			const dot = document.createElement('i');
			dot.style.cssText = 'position:fixed;inset:auto 0 0 auto;inline-size:1px;block-size:1px;opacity:.004;pointer-events:none';
			dot.ariaHidden = 'true';
			document.documentElement.append(dot);
			const until = performance.now() + 600;
			const turn = (now) => {
				dot.style.transform = 'translateX(' + (Math.round(now) % 2) + 'px)';
				if (now < until) requestAnimationFrame(turn);
				else dot.remove();
			};
			requestAnimationFrame(turn);`,
		);
		return this.#session.screenshot();
	}
}
