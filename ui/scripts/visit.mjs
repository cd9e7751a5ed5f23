// One look at one screen: its address, its size, what is pressed first. Gives the page, at rest.

/** Where a screen is, in a theme, with what else its address says (`&dir=rtl`). */
function addressOf(screen, { theme = screen.theme ?? 'light', more = '' } = {}) {
	return `/${screen.page ?? ''}?theme=${theme}${screen.search ?? ''}${more}#/${screen.place}`;
}

export async function visit(browser, base, screen, how = {}) {
	const page = browser.newPage();
	await page.setViewport(how.width ?? screen.width ?? 1440, how.height ?? screen.height ?? 900);
	await page.goto(base + addressOf(screen, how));
	if (screen.act) {
		await screen.act(page);
		await page.rest();
	}
	return page;
}

/** The screens whose names begin as one of `names`; all, if there are none. */
export function chosen(screens, names) {
	return names.length === 0 ? screens : screens.filter((each) => names.some((name) => each.name.startsWith(name)));
}

/** Each state once: themes and names change nothing that stands where. */
export function once(screens) {
	const seen = new Set();
	return screens.filter((each) => {
		const key = JSON.stringify([each.page ?? '', each.place, each.search, String(each.act)]);
		if (!each.act && seen.has(key)) return false;
		seen.add(key);
		return true;
	});
}
