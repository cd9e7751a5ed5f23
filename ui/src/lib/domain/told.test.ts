import { expect, it } from 'vitest';
import type { ActOutcome } from '$lib/api/types';
import { isToldWhole, told } from './told';

const outcome = (done: number, sentence: string, ...refused: [string, string][]): ActOutcome => ({
	sentence,
	done,
	took: [],
	refused: refused.map(([label, sentence]) => ({ label, sentence })),
	undo: null,
});
const BELOW = 'Nothing was done; the reason stands below.';
const NEVER = 'Nothing of it was refused.';

it.each<[string, ActOutcome, string, boolean]>([
	['done', outcome(2, 'Held 2 orders.'), 'Held 2 orders.', false],
	['partly', outcome(1, 'Held 1 order; 1 could not be.', ['#2', 'Left.']), 'Held 1 order; 1 could not be.', false],
	['nothing to do', outcome(0, 'There was nothing to do.'), 'There was nothing to do.', false],
	['one refused', outcome(0, BELOW, ['#1012', NEVER]), `#1012: ${NEVER}`, true],
	['named already', outcome(0, BELOW, ['#1', '#1 is gone.']), '#1 is gone.', true],
	['one reason', outcome(0, BELOW, ['#1', NEVER], ['#2', NEVER]), `Nothing was done, 2 times: ${NEVER}`, false],
	['many reasons', outcome(0, BELOW, ['#1', NEVER], ['#2', 'Left.']), 'Nothing was done, for 2 reasons.', false],
])('says the reason itself: %s', (_, of, sentence, whole) => {
	expect(told(of)).toBe(sentence);
	expect(isToldWhole(of)).toBe(whole);
});
