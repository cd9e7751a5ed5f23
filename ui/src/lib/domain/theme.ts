// Light, dark, high contrast, dense, zoomed: settings become attributes of the page. The last choice is
// remembered here too, so that the first paint has the right colours before settings are read.
import { desk } from '$lib/api/desk';
import type { Settings } from '$lib/api/types';

const REMEMBERED = 'quayside.look';

const asked = (query: string) => window.matchMedia(query).matches;

/** The theme to paint: a choice, or what the system asks for (dark, more contrast). */
export function themeOf(choice: string): string {
	const chosen = choice.replace('_', '-');
	if (['light', 'dark', 'contrast-light', 'contrast-dark'].includes(chosen)) return chosen;
	const shade = asked('(prefers-color-scheme: dark)') ? 'dark' : 'light';
	return asked('(prefers-contrast: more)') ? `contrast-${shade}` : shade;
}

/** The other shade of what is painted now, for the command that switches. */
export function otherShade(painted: string | undefined): string {
	const shade = painted?.endsWith('dark') ? 'light' : 'dark';
	return painted?.startsWith('contrast') ? `contrast_${shade}` : shade;
}

export function paint(look: Pick<Settings, 'theme' | 'density'>): void {
	const root = document.documentElement;
	root.dataset['theme'] = themeOf(look.theme);
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
