// WebDriver, as much of it as pictures need: plain HTTP and JSON. The window's stories have their own
// (tests/window/desk/webdriver.ts), which starts the program; this one opens addresses.
export const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

const KEYS = {
	Backspace: '\uE003',
	Tab: '\uE004',
	Enter: '\uE007',
	Shift: '\uE008',
	Control: '\uE009',
	Alt: '\uE00A',
	Escape: '\uE00C',
	End: '\uE010',
	Home: '\uE011',
	ArrowLeft: '\uE012',
	ArrowUp: '\uE013',
	ArrowRight: '\uE014',
	ArrowDown: '\uE015',
};

async function call(method, url, body) {
	const answer = await fetch(url, {
		method,
		headers: { 'content-type': 'application/json' },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		signal: AbortSignal.timeout(60_000),
	});
	const { value } = await answer.json();
	if (answer.ok) return value;
	throw new Error(`${value?.error}: ${value?.message || new URL(url).pathname}`);
}

/** Opens a browser under the driver at `server`; resolves to what a page can be asked. */
export async function startSession(server, options) {
	const begun = await call('POST', `${server}/session`, {
		capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
	});
	const at = `${server}/session/${begun.sessionId}`;
	const post = (path, body = {}) => call('POST', `${at}${path}`, body);
	return {
		version: begun.capabilities.browserVersion,
		go: (url) => post('/url', { url }),
		/** Runs statements in the page; gives what they return, also when that is promised. */
		async run(script, ...args) {
			const outcome = await post('/execute/async', {
				script: `const done = arguments[arguments.length - 1];
					(async (...args) => { ${script} })(...[...arguments].slice(0, -1)).then(
						(value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));`,
				args,
			});
			if (outcome.error !== undefined) throw new Error(outcome.error);
			return outcome.value;
		},
		find: (selector) => post('/element', { using: 'css selector', value: selector }),
		click: (element) => post(`/element/${element[ELEMENT]}/click`),
		type: (element, text) => post(`/element/${element[ELEMENT]}/value`, { text }),
		/** One key or word: `down`, `up`, or both. */
		keys: (keys, ways) =>
			post('/actions', {
				actions: [
					{
						type: 'key',
						id: 'keyboard',
						actions: keys.flatMap((key) => ways.map((type) => ({ type, value: KEYS[key] ?? key }))),
					},
				],
			}),
		size: () => call('GET', `${at}/window/rect`),
		resize: (width, height) => post('/window/rect', { x: 0, y: 0, width, height }),
		screenshot: async () => Buffer.from(await call('GET', `${at}/screenshot`), 'base64'),
		end: () => call('DELETE', at),
	};
}
