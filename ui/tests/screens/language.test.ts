// The screens in another language: chosen, kept, and English where something is missing.
import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { count, money, moneyWhole } from '$lib/shared/money';
import { ago, deadline, duration, exact, moment } from '$lib/shared/time';
import { languageOf, pieces, speak, speakRemembered, t, unknown, words, type Choice } from '$lib/shared/words.svelte';
import { openAt } from './desk';

afterEach(() => speak('en'));

const ZONE = 'Europe/Berlin';
/** Friday 20 November 2026, 14:12:40 in Berlin. */
const NOW = Date.UTC(2026, 10, 20, 13, 12, 40);
const DAY = 86_400_000;

it.each<[choice: Choice, systems: string[], spoken: string]>([
	['en', ['de-DE'], 'en'],
	['system', ['de-CH', 'en'], 'de'],
	['system', ['nl-NL', 'fr-FR', 'en'], 'fr'],
	['system', ['nl-NL'], 'en'],
	['system', [], 'en'],
	['es', ['de-DE'], 'es'],
])('%s on a system of %j speaks %s', (choice, systems, spoken) => {
	expect(languageOf(choice, systems)).toBe(spoken);
});

it('is chosen in the settings, shown at once and kept', async () => {
	const { user } = await openAt('settings');
	expect(await screen.findByText('Sentences about orders are in English so far.')).toBeInTheDocument();
	await user.selectOptions(await screen.findByTestId('field-language'), 'Deutsch');
	expect(await screen.findByRole('heading', { name: 'Einstellungen' })).toBeInTheDocument();
	expect(screen.getByTestId('place-queue')).toHaveTextContent('Warteschlange');
	expect(document.documentElement).toHaveAttribute('lang', 'de');
	expect(document.documentElement).toHaveAttribute('dir', 'ltr');
	await speak('en');
	await speakRemembered();
	expect(words.choice).toBe('de');
	await user.selectOptions(screen.getByTestId('field-language'), 'English');
	await waitFor(() => expect(screen.getByTestId('place-queue')).toHaveTextContent('Queue'));
});

it('begins in English', async () => {
	localStorage.clear();
	await speakRemembered();
	expect([words.choice, words.language]).toEqual(['en', 'en']);
});

it('says what no catalogue has by its id, and never throws', () => {
	expect(t('nobody-wrote-this')).toBe('nobody-wrote-this');
	expect(t('home-causes', {})).toBeTypeOf('string');
	expect([...unknown]).toEqual(['nobody-wrote-this']);
	unknown.clear();
});

it('gives a sentence in pieces, in the order of the language', async () => {
	const said = () => pieces('foot-left-today', { n: '3', all: '10+' }).map(({ name, text }) => [name, text]);
	expect(said()).toEqual([
		[null, 'Left today '],
		['n', '3'],
		[null, ' of '],
		['all', '10+'],
	]);
	await speak('de');
	expect(said()).toEqual([
		[null, 'Heute verschickt: '],
		['n', '3'],
		[null, ' von '],
		['all', '10+'],
	]);
});

describe.each([
	['de', '18.400', '184,20\u{A0}€', 'vor 2 Tagen', '2 Tage', '1 Tag 3 h zu spät', 'morgen 16:00', '20. November 2026'],
	[
		'fr',
		'18\u{202F}400',
		'184,20\u{A0}€',
		'il y a 2 jours',
		'2 jours',
		'1 jour 3 h de retard',
		'demain 16:00',
		'20 novembre 2026',
	],
	[
		'es',
		'18.400',
		'184,20\u{A0}€',
		'hace 2 días',
		'2 días',
		'1 día 3 h de retraso',
		'mañana 16:00',
		'20 de noviembre de 2026',
	],
] as const)('%s', (language, number, price, before, length, late, tomorrow, date) => {
	beforeEach(() => speak(language));
	it('writes numbers and money its own way', () => {
		expect(count(18_400)).toBe(number);
		expect(money(18_420, 'EUR', 2)).toBe(price);
		expect(money(-300, 'EUR', 2)).toBe('−3,00\u{A0}€');
		expect(moneyWhole(1_840_099, 'EUR')).toBe(`${number}\u{A0}€`);
	});
	it('says times its own way', () => {
		expect(ago(NOW - 2 * DAY - 5, NOW)).toBe(before);
		expect(duration(2 * DAY)).toBe(length);
		expect(deadline(NOW - 27 * 3_600_000, NOW, 180, ZONE).words).toBe(late);
		expect(moment(Date.UTC(2026, 10, 21, 15, 0), NOW, ZONE)).toBe(tomorrow);
		expect(exact(NOW, ZONE)).toContain(date);
	});
});
