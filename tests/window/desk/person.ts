// A person at the desk: sees words, clicks what has a name, types into what has
// a label. Finds things the way a screen reader names them, so a story that
// passes is also one that can be told without a mouse.
import { until } from './until.ts';
import { type Element, type Session } from './webdriver.ts';

/** In the page: everything visible of some kind, with the name it goes by. */
const FIND = `
	const [name, kinds, within] = arguments;
	const said = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
	const visible = (el) => {
		const box = el.getBoundingClientRect();
		return box.width > 0 && box.height > 0 && getComputedStyle(el).visibility !== 'hidden' && !el.closest('[inert],[aria-hidden="true"]');
	};
	const nameOf = (el) => {
		const by = el.getAttribute('aria-labelledby');
		if (by) return said(by.split(' ').map((id) => document.getElementById(id)?.innerText).join(' '));
		if (el.getAttribute('aria-label')) return said(el.getAttribute('aria-label'));
		if (el.labels?.length) return said([...el.labels].map((label) => label.innerText).join(' '));
		return said(el.innerText) || said(el.title) || said(el.placeholder);
	};
	const fits = [(n) => n === name, (n) => n.toLowerCase() === name.toLowerCase(), (n) => n.startsWith(name), (n) => n.includes(name)];
	const findIn = (root) => {
		const all = [...root.querySelectorAll(kinds)].filter(visible).map((el) => [el, nameOf(el)]);
		for (const fit of fits) {
			const found = all.filter(([, n]) => fit(n));
			if (found.length) return found.find(([el]) => !el.disabled)?.[0] ?? found[0][0];
		}
		return null;
	};
	if (!within) return findIn(document);
	// The smallest region that has both the words and the thing.
	const regions = [...document.querySelectorAll('[role=dialog],dialog,[role=alertdialog],section,aside,nav,main,[role=row],tr,li,article,fieldset')]
		.filter((el) => visible(el) && (nameOf(el).includes(within) || said(el.innerText).includes(within)))
		.sort((a, b) => a.innerText.length - b.innerText.length);
	for (const region of regions) {
		const found = findIn(region);
		if (found) return found;
	}
	return null;
`;

/** In the page: a thing is where it was a moment ago, and nothing that carries it still slides. A click goes to a place, not to
 * a thing: what moves under it is missed, and its neighbour hit. */
const STANDS_STILL = `
	const [el] = args;
	const at = () => { const box = el.getBoundingClientRect(); return [box.x, box.y, box.width, box.height].join(); };
	const moves = () => document.getAnimations().some((each) => {
		const target = each.effect?.target;
		return each.playState === 'running' && each.effect.getComputedTiming().endTime !== Infinity && target?.contains(el);
	});
	const before = at();
	await new Promise((later) => setTimeout(later, 50));
	return el.isConnected && !moves() && at() === before;
`;

/** In the page: brings a thing to where it can be clicked, as a person scrolls to a button that the edge of the window cuts. The
 * driver does so only for what is wholly out of sight. */
const WITHIN_REACH = `
	const [el] = arguments;
	const { x, y, width, height } = el.getBoundingClientRect();
	const hit = document.elementFromPoint(x + width / 2, y + height / 2);
	const label = hit?.closest('label');
	const reached = el.contains(hit) || label?.contains(el) || label?.control === el;
	if (!reached) el.scrollIntoView({ block: 'center', behavior: 'instant' });
`;

/** In the page: a tab that was clicked is the chosen one now. Anything else may be gone, or do its work later. */
const TAKEN = `return arguments[0].role !== 'tab' || arguments[0].ariaSelected === 'true'`;

const CLICKABLE =
	'button,a[href],summary,label,input[type=checkbox],input[type=radio],[role=button],[role=link],[role=tab],[role=menuitem],[role=menuitemradio],[role=menuitemcheckbox],[role=option],[role=switch],[role=checkbox],[role=radio],[role=row]';
const FILLABLE = 'input,textarea,select,[contenteditable=true],[role=combobox],[role=searchbox]';

export class Person {
	constructor(private readonly session: Session) {}

	/** Waits until the words stand somewhere on the page. */
	async sees(words: string | RegExp, within_ms = 20_000): Promise<void> {
		await until(
			`the page to say ${words}`,
			async () => {
				const page = await this.readsThePage();
				return typeof words === 'string' ? page.includes(words) : words.test(page);
			},
			{ within_ms, otherwise: async () => `it says:\n${await this.readsThePage()}` },
		);
	}

	/** Waits until the words stand nowhere on the page any more. */
	async seesNoMore(words: string | RegExp, within_ms = 20_000): Promise<void> {
		await until(
			`the page not to say ${words}`,
			async () => {
				const page = await this.readsThePage();
				return !(typeof words === 'string' ? page.includes(words) : words.test(page));
			},
			{ within_ms },
		);
	}

	/** Everything a person can read now. */
	readsThePage(): Promise<string> {
		return this.session.run<string>(`return document.body.innerText.replace(/[ \\t]+/g, ' ')`);
	}

	/** Clicks what goes by this name; `inside` a region, row or dialog that contains these words. */
	async clicks(name: string, { inside }: { inside?: string } = {}): Promise<void> {
		const place = inside ? ` inside "${inside}"` : '';
		let refused: unknown;
		await until(
			`"${name}"${place} to be there and clickable`,
			async () => {
				const element = await this.session.run<Element | null>(FIND, name, CLICKABLE, inside ?? null);
				if (!element) return false;
				await this.session.run(WITHIN_REACH, element);
				if (!(await this.session.wait<boolean>(STANDS_STILL, element))) return false;
				try {
					await this.session.click(element);
					return await this.session.run<boolean>(TAKEN, element).catch(() => true);
				} catch (error) {
					refused = error;
					return false;
				}
			},
			{ otherwise: async () => `${refused ? `${String(refused)}; ` : ''}the page says:\n${await this.readsThePage()}` },
		);
	}

	/** Whether something of this name can be clicked now. */
	async could_click(name: string, { inside }: { inside?: string } = {}): Promise<boolean> {
		return this.session.run<boolean>(
			`const el = (() => { ${FIND} })(...arguments); return !!el && !el.disabled && el.getAttribute('aria-disabled') !== 'true'`.replace(
				'(() => {',
				'(function () {',
			),
			name,
			CLICKABLE,
			inside ?? null,
		);
	}

	/** Types into what has this label, replacing what was there. */
	async fills(label: string, text: string, { inside }: { inside?: string } = {}): Promise<void> {
		const field = await until(
			`a field called "${label}"`,
			() => this.session.run<Element | null>(FIND, label, FILLABLE, inside ?? null),
			{ otherwise: async () => `the page says:\n${await this.readsThePage()}` },
		);
		await this.session.clear(field);
		await this.session.type(field, text);
	}

	/** Presses keys: `j`, `Escape`, `Control+k`. */
	presses(...keys: string[]): Promise<void> {
		return this.session.press(...keys);
	}

	/** Where the keyboard is: the name of the focused thing. */
	focus(): Promise<string> {
		return this.session.run<string>(
			`const el = document.activeElement; return (el?.getAttribute('aria-label') ?? el?.innerText ?? el?.tagName ?? '').trim()`,
		);
	}
}
