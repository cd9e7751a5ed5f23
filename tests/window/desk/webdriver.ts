// WebDriver, as much of it as our stories need: plain HTTP and JSON, no package.

/** What the driver said when it did not do what was asked. */
export class DriverError extends Error {
	constructor(
		readonly code: string,
		message: string,
	) {
		super(message);
		this.name = 'DriverError';
	}
}

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** A thing on the page, as the driver names it. */
export interface Element {
	[ELEMENT]: string;
}

/** Keys that have no letter. */
export const KEYS: Record<string, string> = {
	Backspace: '\uE003',
	Tab: '\uE004',
	Enter: '\uE007',
	Shift: '\uE008',
	Control: '\uE009',
	Alt: '\uE00A',
	Escape: '\uE00C',
	Space: ' ',
	PageUp: '\uE00E',
	PageDown: '\uE00F',
	End: '\uE010',
	Home: '\uE011',
	ArrowLeft: '\uE012',
	ArrowUp: '\uE013',
	ArrowRight: '\uE014',
	ArrowDown: '\uE015',
	Delete: '\uE017',
};

/** One window under the driver's hand. */
export class Session {
	private constructor(
		private readonly server: string,
		private readonly id: string,
	) {}

	/** Starts the program and takes hold of its window. */
	static async start(server: string, application: string, args: string[]): Promise<Session> {
		const capabilities = { alwaysMatch: { 'tauri:options': { application, args } } };
		const begun = await call<{ sessionId: string }>('POST', `${server}/session`, { capabilities });
		return new Session(server, begun.sessionId);
	}

	/** Runs a function's text in the page and gives what it returns. */
	run<T>(script: string, ...args: unknown[]): Promise<T> {
		return this.ask('POST', '/execute/sync', { script, args });
	}

	/** The same for a function that gives a promise. */
	async wait<T>(script: string, ...args: unknown[]): Promise<T> {
		const wrapped = `const done = arguments[arguments.length - 1];
			(async (...args) => { ${script} })(...[...arguments].slice(0, -1)).then(
				(value) => done({ value: value ?? null }), (error) => done({ error: error?.sentence ?? String(error) }));`;
		const outcome = await this.ask<{ value?: T; error?: string }>('POST', '/execute/async', { script: wrapped, args });
		if (outcome.error !== undefined) throw new DriverError('javascript error', outcome.error);
		return outcome.value as T;
	}

	title(): Promise<string> {
		return this.ask('GET', '/title');
	}

	click(element: Element): Promise<void> {
		return this.ask('POST', `/element/${element[ELEMENT]}/click`, {});
	}

	clear(element: Element): Promise<void> {
		return this.ask('POST', `/element/${element[ELEMENT]}/clear`, {});
	}

	type(element: Element, text: string): Promise<void> {
		return this.ask('POST', `/element/${element[ELEMENT]}/value`, { text });
	}

	/** Presses keys one after the other; `Control+k` holds the first while the second is pressed. */
	async press(...combinations: string[]): Promise<void> {
		const actions = combinations.flatMap((combination) => {
			const keys = combination.length > 1 ? combination.split('+') : [combination];
			const values = keys.map((key) => KEYS[key] ?? key);
			return [
				...values.map((value) => ({ type: 'keyDown', value })),
				...values.toReversed().map((value) => ({ type: 'keyUp', value })),
			];
		});
		await this.ask('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
	}

	/** Makes the window this large, in pixels of the screen. */
	resize(width: number, height: number): Promise<void> {
		return this.ask('POST', '/window/rect', { width, height });
	}

	/** The page as a PNG. A picture needs a frame, and a page on which nothing moves draws none: it is given a reason. */
	async picture(): Promise<Buffer> {
		await this.run(
			`const dot = document.createElement('i');
			dot.style.cssText = 'position:fixed;inset:auto 0 0 auto;inline-size:1px;block-size:1px;opacity:.01;pointer-events:none';
			dot.ariaHidden = 'true';
			document.documentElement.append(dot);
			const until = performance.now() + 4000;
			const turn = (now) => {
				dot.style.transform = 'translateX(' + (Math.round(now) % 2) + 'px)';
				if (now < until) requestAnimationFrame(turn);
				else dot.remove();
			};
			requestAnimationFrame(turn);`,
		);
		return Buffer.from(await this.ask<string>('GET', '/screenshot'), 'base64');
	}

	private ask<T>(method: string, path: string, body?: unknown): Promise<T> {
		return call<T>(method, `${this.server}/session/${this.id}${path}`, body);
	}
}

async function call<T>(method: string, url: string, body?: unknown): Promise<T> {
	const answer = await fetch(url, {
		method,
		headers: { 'content-type': 'application/json' },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		// A machine with other work to do is slow, not wrong; how long a story may take is the story's own.
		signal: AbortSignal.timeout(60_000),
	});
	const text = await answer.text();
	let value: unknown;
	try {
		value = (JSON.parse(text) as { value: unknown }).value;
	} catch {
		throw new DriverError('unreadable', `${method} ${url}: ${answer.status} ${text.slice(0, 200)}`);
	}
	if (!answer.ok) {
		const refusal = value as { error?: string; message?: string } | null;
		throw new DriverError(
			refusal?.error ?? String(answer.status),
			`${method} ${new URL(url).pathname}: ${refusal?.error}: ${refusal?.message}`,
		);
	}
	return value as T;
}
