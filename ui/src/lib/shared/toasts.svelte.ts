// What just happened, for ten seconds, with a way back where there is one.

export interface Toast {
	id: number;
	tone: 'neutral' | 'success' | 'warning' | 'danger';
	sentence: string;
	undo?: () => void;
	more?: { label: string; act: () => void };
}

const STAYS_MS = 10_000;

class Toasts {
	list = $state.raw<readonly Toast[]>([]);
	#last = 0;
	#timers = new Map<number, ReturnType<typeof setTimeout>>();

	show(toast: Omit<Toast, 'id'>): number {
		const id = ++this.#last;
		// Three at most: older ones have been said.
		this.list = [...this.list.slice(-2), { ...toast, id }];
		this.resume(id);
		return id;
	}
	close(id: number): void {
		clearTimeout(this.#timers.get(id));
		this.#timers.delete(id);
		this.list = this.list.filter((toast) => toast.id !== id);
	}
	/** The pointer or the focus is on it: it stays. */
	pause(id: number): void {
		clearTimeout(this.#timers.get(id));
	}
	resume(id: number): void {
		clearTimeout(this.#timers.get(id));
		this.#timers.set(
			id,
			setTimeout(() => this.close(id), STAYS_MS),
		);
	}
	/** Takes the last thing back; false when there is nothing to take back. */
	undoLast(): boolean {
		const toast = this.list.findLast((each) => each.undo);
		if (!toast) return false;
		this.close(toast.id);
		toast.undo?.();
		return true;
	}
}

export const toasts = new Toasts();
