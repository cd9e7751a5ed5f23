import { beforeEach, expect, it } from 'vitest';
import { InTurn } from './in-turn';

/** Answers are given by hand, in the order the questions were asked. */
let waiting: { name: string; answer: () => void; fail: () => void }[];
let begun: string[];
let turns: InTurn;
beforeEach(() => {
	[waiting, begun, turns] = [[], [], new InTurn()];
});
const ask = (name: string) =>
	turns.run(() => {
		begun.push(name);
		return new Promise((answer, fail) => waiting.push({ name, answer, fail: () => fail(new Error(name)) }));
	});
const answered = async () => {
	waiting.shift()?.answer();
	await new Promise((done) => setTimeout(done));
};

it('one at a time; of those that wait the last is done, once for all', async () => {
	void ask('a');
	const [b, c] = [ask('b'), ask('c')];
	expect(begun).toEqual(['a']);
	await answered();
	expect(begun).toEqual(['a', 'c']);
	void ask('d');
	await answered();
	await Promise.all([b, c]);
	expect(begun).toEqual(['a', 'c', 'd']);
	await answered();
	void ask('e');
	expect(begun).toEqual(['a', 'c', 'd', 'e']);
});

it('whoever waits hears of an answer to a question asked after theirs, not of all that follow', async () => {
	let heard = false;
	void ask('a');
	void ask('b').then(() => (heard = true));
	await answered();
	expect(heard).toBe(false);
	void ask('c');
	await answered();
	expect([heard, begun]).toEqual([true, ['a', 'b', 'c']]);
});

it('one that fails lets the next begin', async () => {
	const failed = ask('a').catch((thrown: Error) => thrown.message);
	void ask('b');
	waiting.shift()?.fail();
	expect(await failed).toBe('a');
	await new Promise((done) => setTimeout(done));
	expect(begun).toEqual(['a', 'b']);
});

it('what was forgotten neither holds the next back nor comes again', async () => {
	void ask('a');
	void ask('b');
	turns.forget();
	void ask('c');
	expect(begun).toEqual(['a', 'c']);
	await answered();
	await answered();
	expect(begun).toEqual(['a', 'c']);
});
