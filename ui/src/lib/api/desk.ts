// Which desk this window talks to: the real one in the program's window, the one in
// memory in a plain browser of a developer build. The real build has no fake inside.
import type { Desk } from './door';
import type { Trouble } from './types';

export type { Desk, DeskEvents } from './door';

let current: Desk | null = null;

/** Finds the desk; called once before the first screen. */
export async function openDesk(): Promise<Desk> {
	if ('__TAURI_INTERNALS__' in window) {
		current = (await import('./tauri')).tauriDesk;
	} else if (__FAKE_DESK__) {
		current = (await import('$lib/fake/fake')).fakeDesk();
	} else {
		throw trouble('This page works only inside the Quayside window. Start the program instead.');
	}
	return current;
}

/** The desk found by `openDesk`. */
export function desk(): Desk {
	if (!current) throw trouble('The desk is not open yet.');
	return current;
}

/** Tests bring their own. */
export function useDesk(other: Desk): void {
	current = other;
}

function trouble(sentence: string): Trouble {
	return { code: 'internal', sentence, field: null };
}

/** Whatever was thrown, as a sentence with a code. */
export function asTrouble(thrown: unknown): Trouble {
	if (typeof thrown === 'object' && thrown !== null && 'sentence' in thrown && 'code' in thrown) {
		return thrown as Trouble;
	}
	if (typeof thrown === 'string') return trouble(thrown);
	if (thrown instanceof Error) return trouble(`Something in this window went wrong: ${thrown.message}`);
	return trouble('Something in this window went wrong.');
}
