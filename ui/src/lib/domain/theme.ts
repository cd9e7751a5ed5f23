// Light, dark, dense, zoomed: settings become attributes of the page. The last choice is
// remembered here too, so that the first paint has the right colours before settings are read.
import { desk } from '$lib/api/desk';
import type { Settings } from '$lib/api/types';

const REMEMBERED = 'quayside.look';

function dark(theme: string): boolean {
	return theme === 'dark' || (theme !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
}

export function paint(look: Pick<Settings, 'theme' | 'density'>): void {
	const root = document.documentElement;
	root.dataset['theme'] = dark(look.theme) ? 'dark' : 'light';
	root.dataset['density'] = look.density;
}

export function paintRemembered(): void {
	try {
		const look = JSON.parse(localStorage.getItem(REMEMBERED) ?? '{}') as Partial<Settings>;
		paint({ theme: look.theme ?? 'system', density: look.density ?? 'comfortable' });
	} catch {
		paint({ theme: 'system', density: 'comfortable' });
	}
}

export function applyLook(settings: Settings): void {
	paint(settings);
	localStorage.setItem(REMEMBERED, JSON.stringify({ theme: settings.theme, density: settings.density }));
	void desk()
		.set_zoom(settings.zoom / 100)
		.catch(() => {
			// A shell that cannot zoom still has a page that can.
			document.documentElement.style.zoom = String(settings.zoom / 100);
		});
}
