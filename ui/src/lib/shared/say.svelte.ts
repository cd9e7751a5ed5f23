// What a screen reader is told without moving focus. Polite; the last sentence wins.

class Say {
	words = $state('');
	#clear: ReturnType<typeof setTimeout> | undefined;

	/** Says it once; the same sentence twice is said twice. */
	now(sentence: string): void {
		this.words = '';
		clearTimeout(this.#clear);
		this.#clear = setTimeout(() => (this.words = sentence), 40);
	}
}

export const say = new Say();
