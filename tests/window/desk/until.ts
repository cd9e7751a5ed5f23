// Waiting for something to become true, and saying what was there instead.

export interface Patience {
	within_ms?: number;
	every_ms?: number;
	/** What there was instead, for the message. */
	otherwise?: () => unknown;
}

/** Asks until there is an answer other than undefined, null, false or 0. */
export async function until<T>(
	what: string,
	ask: () => T | undefined | null | false | Promise<T | undefined | null | false>,
	{ within_ms = 20_000, every_ms = 100, otherwise }: Patience = {},
): Promise<T> {
	const end = Date.now() + within_ms;
	let last: unknown;
	for (;;) {
		try {
			const answer = await ask();
			if (answer) return answer;
		} catch (error) {
			last = error;
		}
		if (Date.now() > end) break;
		await new Promise((later) => setTimeout(later, every_ms));
	}
	const instead = otherwise ? `; ${String(await otherwise())}` : '';
	throw new Error(`Waited ${within_ms} ms for ${what}${last ? `; last: ${String(last)}` : ''}${instead}`);
}
