import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const noShell = { group: ['@tauri-apps/*'], message: 'Only src/lib/api talks to the shell.' };
const noDomain = {
	group: ['$lib/domain/*', '$lib/api/*', '$views/*'],
	message: 'Shared parts know nothing of orders.',
};
const noViews = { group: ['$views/*'], message: 'Domain parts do not know the screens.' };

export default ts.config(
	{ ignores: ['dist', 'dist-fake', 'shots', 'node_modules', 'src/lib/api/bindings.ts'] },
	js.configs.recommended,
	...ts.configs.recommended,
	...svelte.configs.recommended,
	prettier,
	...svelte.configs.prettier,
	{ languageOptions: { globals: { ...globals.browser, __FAKE_DESK__: 'readonly' } } },
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
	},
	{
		rules: {
			eqeqeq: ['error', 'always', { null: 'ignore' }],
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
			'no-restricted-imports': ['error', { patterns: [noShell] }],
			// Plain Sets and Maps are used where nothing renders from them.
			'svelte/prefer-svelte-reactivity': 'off',
			'svelte/no-at-html-tags': 'error',
			// Some spaces must be written out: {' · '}.
			'svelte/no-useless-mustaches': 'off',
		},
	},
	{ files: ['src/lib/api/**'], rules: { 'no-restricted-imports': 'off' } },
	{ files: ['src/lib/shared/**'], rules: { 'no-restricted-imports': ['error', { patterns: [noShell, noDomain] }] } },
	{ files: ['src/lib/domain/**'], rules: { 'no-restricted-imports': ['error', { patterns: [noShell, noViews] }] } },
	{ files: ['scripts/**', '*.config.*'], languageOptions: { globals: globals.node } },
	// The typechecker knows names better than the linter does.
	{ files: ['**/*.ts', '**/*.svelte'], rules: { 'no-undef': 'off' } },
);
