// Serves a built folder on loopback with the very content policy of the window
// (tauri.conf.json), so that whatever the policy forbids shows up here first.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../dist-fake', import.meta.url));
const conf = JSON.parse(readFileSync(new URL('../../tauri.conf.json', import.meta.url), 'utf8'));
const policy = Object.entries(conf.app.security.csp)
	.map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(' ') : value}`)
	.join('; ');
const TYPES = {
	'.html': 'text/html',
	'.js': 'text/javascript',
	'.css': 'text/css',
	'.woff2': 'font/woff2',
	'.svg': 'image/svg+xml',
};

/** A page whose first script remembers what it complains about. */
const WATCH = '/watch.js';
const watched = (html) => html.replace('<head>', `<head><script src="${WATCH}"></script>`);

/** Starts; resolves to its address and how to stop. */
export function serve() {
	const server = createServer((ask, answer) => {
		const path = normalize(decodeURIComponent(new URL(ask.url, 'http://x').pathname));
		try {
			const file =
				path === WATCH
					? fileURLToPath(new URL(`.${WATCH}`, import.meta.url))
					: join(root, path === '/' ? 'index.html' : path);
			const body = extname(file) === '.html' ? watched(readFileSync(file, 'utf8')) : readFileSync(file);
			answer.writeHead(200, {
				'content-type': TYPES[extname(file)] ?? 'text/plain',
				'content-security-policy': policy,
			});
			answer.end(body);
		} catch {
			answer.writeHead(404).end();
		}
	});
	return new Promise((done) => {
		server.listen(0, '127.0.0.1', () => {
			done({ base: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() });
		});
	});
}
