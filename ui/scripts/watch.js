// Comes first in every page the scripts look at (serve.mjs puts it there): remembers what the page
// complained about, starts with an empty memory, and can stop the clock (`?clock=ms`) or turn the
// page round (`?dir=rtl`).
(() => {
	const asked = new URLSearchParams(location.search);
	const complaints = (globalThis.__complaints = []);
	for (const level of ['error', 'warn']) {
		const say = console[level].bind(console);
		console[level] = (...words) => {
			complaints.push(words.map(String).join(' '));
			say(...words);
		};
	}
	addEventListener('error', (event) => complaints.push(event.message));
	addEventListener('unhandledrejection', (event) => complaints.push(String(event.reason)));
	document.addEventListener('securitypolicyviolation', (event) => {
		complaints.push(
			`policy forbids ${event.violatedDirective}: ${event.blockedURI} ${event.sample} ${event.sourceFile}:${event.lineNumber}`,
		);
	});
	localStorage.clear();
	sessionStorage.clear();
	// The colours of the last visit, as the window has them before its settings are read.
	const look = { theme: asked.get('theme') ?? 'light', density: asked.get('density') ?? 'comfortable' };
	localStorage.setItem('quayside.look', JSON.stringify(look));
	// What moves is seen where it ends. The policy forbids style elements, not sheets that a script makes.
	const still = new CSSStyleSheet();
	still.replaceSync('*, *::before, *::after { transition: none !important; animation: none !important; }');
	document.adoptedStyleSheets = [still];
	const direction = asked.get('dir');
	if (direction) document.documentElement.dir = direction;
	const now = Number(asked.get('clock'));
	if (now > 0) {
		const Real = Date;
		globalThis.Date = class extends Real {
			constructor(...words) {
				if (words.length === 0) super(now);
				else super(...words);
			}
			static now() {
				return now;
			}
		};
	}
})();
