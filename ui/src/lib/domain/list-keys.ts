// j, k and the arrows through whatever stops a screen marks. Focus is the position: no
// second idea of "current".
import type { Command } from './commands.svelte';

export function bindListKeys(list: () => HTMLElement | null, stop: string): Command[] {
	const move = (by: number) => {
		const stops = [...(list()?.querySelectorAll<HTMLElement>(stop) ?? [])];
		const here = document.activeElement?.closest(stop) as HTMLElement | null;
		const at = here ? stops.indexOf(here) : -1;
		const to = stops[Math.max(0, Math.min(stops.length - 1, at + by))];
		to?.focus();
		to?.scrollIntoView({ block: 'nearest' });
	};
	return [
		{
			id: 'list-down',
			title: 'Next entry',
			group: 'List',
			keys: ['j', 'ArrowDown'],
			keyOnly: true,
			act: () => move(1),
		},
		{
			id: 'list-up',
			title: 'Previous entry',
			group: 'List',
			keys: ['k', 'ArrowUp'],
			keyOnly: true,
			act: () => move(-1),
		},
	];
}
