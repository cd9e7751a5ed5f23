// A headless Chromium for the scripts beside this file. CHROMIUM names another one.
import puppeteer from 'puppeteer-core';

export function launch() {
	return puppeteer.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: [
			'--no-sandbox',
			'--disable-gpu',
			'--disable-background-networking',
			'--force-color-profile=srgb',
			'--lang=en-GB',
		],
	});
}

/** A page that remembers everything it complained about. */
export async function quietPage(browser) {
	const page = await browser.newPage();
	const complaints = [];
	page.on('console', (message) => {
		if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
	});
	page.on('pageerror', (error) => complaints.push(String(error)));
	await page.evaluateOnNewDocument(() => {
		document.addEventListener('securitypolicyviolation', (event) => {
			console.error(
				`policy forbids ${event.violatedDirective}: ${event.blockedURI} ${event.sample} ${event.sourceFile}:${event.lineNumber}`,
			);
		});
	});
	return { page, complaints };
}
