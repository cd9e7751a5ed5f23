// Which key was pressed, in words (`mod+k`, `shift+j`, `?`), and whether a key belongs to
// whoever types in a field or stands in a dialog rather than to the window.
import { t } from './words.svelte';

export function keyName(event: KeyboardEvent): string {
	const mod = event.ctrlKey || event.metaKey;
	const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
	const named = key === ' ' ? 'Space' : key;
	// Shift changes the character itself for signs; it is named only for letters and long names.
	const shift = event.shiftKey && (/^[a-z]$/.test(named) || named.length > 1);
	return `${mod ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${shift ? 'shift+' : ''}${named}`;
}

export function isTyping(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false;
	if (target.isContentEditable) return true;
	if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
	return (
		target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type)
	);
}

/** A dialog or a menu is open: letters belong to it. */
export function inOverlay(): boolean {
	return document.querySelector('[role="dialog"][data-state="open"],[role="menu"][data-state="open"]') !== null;
}

const SIGNS: Record<string, string> = {
	ArrowDown: '↓',
	ArrowUp: '↑',
	Escape: 'Esc',
	PageDown: 'Page ↓',
	PageUp: 'Page ↑',
};

/** "Ctrl K" or "⌘ K", for hints beside actions. */
export function keyWords(key: string): string {
	const mac = navigator.platform.startsWith('Mac');
	return key
		.split(' ')
		.map((chord) =>
			chord
				.split('+')
				.map((part) => {
					if (part === 'mod') return mac ? '⌘' : 'Ctrl';
					if (part === 'shift') return 'Shift';
					return SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part);
				})
				.join(' '),
		)
		.reduce((first, second) => t('key-then', { first, second }));
}
