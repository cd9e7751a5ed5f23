// How the window's pages are built. `--mode fake` bundles the in-memory desk for a
// plain browser (screens, accessibility runs); the real build leaves it out.
import { defineConfig } from 'vitest/config';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';

export default defineConfig(({ mode, command }) => ({
	plugins: [svelte()],
	define: {
		__FAKE_DESK__: JSON.stringify(mode === 'fake' || mode === 'test' || command === 'serve'),
	},
	resolve: {
		alias: {
			$lib: fileURLToPath(new URL('./src/lib', import.meta.url)),
			$views: fileURLToPath(new URL('./src/views', import.meta.url)),
		},
		// Component tests mount components, so they need Svelte's browser build.
		...(mode === 'test' ? { conditions: ['browser'] } : {}),
	},
	clearScreen: false,
	// The catalogue of sentences lies outside of this folder: the programs in Rust will read it, too.
	server: { port: 5173, strictPort: true, fs: { allow: ['..'] } },
	build: {
		target: 'es2022',
		// The policy of the window allows no `data:` fonts and no inline script.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		chunkSizeWarningLimit: 700,
		// The component page is for developers; the window has one page.
		...(mode === 'fake' ? { rolldownOptions: { input: ['index.html', 'parts.html'] } } : {}),
	},
	test: {
		// All files of a worker share one window and one reading of the program: a screen's test
		// empties what screens keep before it begins (tests/screens/desk.ts), as it has to between
		// two tests of one file anyway. Every core works, also the one that vitest leaves free.
		isolate: false,
		maxWorkers: '100%',
		// Decisions need no window, and starting one takes a second for every file.
		projects: [
			{
				extends: true,
				test: { name: 'decisions', environment: 'node', include: ['src/**/*.test.ts', 'tests/*.test.ts'] },
			},
			{
				extends: true,
				test: {
					name: 'screens',
					environment: 'jsdom',
					include: ['tests/screens/**/*.test.ts'],
					setupFiles: ['tests/setup.ts'],
				},
			},
		],
		env: { TZ: 'Europe/Berlin' },
		// Whole screens on a busy machine take their time.
		testTimeout: 60_000,
		hookTimeout: 60_000,
	},
}));
