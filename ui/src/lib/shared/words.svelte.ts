// The sentences of the screens, from the catalogue (assets/messages), in the language of whoever reads
// them. English is the source: what another language lacks is said in English, and nothing throws.
import { FluentBundle, FluentResource } from '@fluent/bundle';
import english from './messages/en';

export const LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];
/** What a person chose: a language, or that of the system. */
export type Choice = Language | 'system';
export type Args = Record<string, string | number>;

/** How numbers and dates are written; English with the order of day and month the desk always had. */
export const LOCALES: Record<Language, string> = { en: 'en-GB', de: 'de', fr: 'fr', es: 'es' };
const OTHERS: Record<Exclude<Language, 'en'>, () => Promise<{ default: Record<string, string> }>> = {
	de: () => import('./messages/de'),
	fr: () => import('./messages/fr'),
	es: () => import('./messages/es'),
};
/** Writings that run from right to left, for the languages to come. */
const FROM_THE_RIGHT = new Set(['ar', 'fa', 'he', 'ur']);
const REMEMBERED = 'quayside.language';

function bundled(language: Language, rooms: Record<string, string>): FluentBundle {
	// The signs that keep names of another direction apart are not needed between letters of one direction.
	const bundle = new FluentBundle(LOCALES[language], { useIsolating: FROM_THE_RIGHT.has(language) });
	for (const room of Object.values(rooms)) bundle.addResource(new FluentResource(room));
	return bundle;
}

const source = bundled('en', english);
const known = new Map<Language, FluentBundle>([['en', source]]);

class Words {
	/** What is spoken now. */
	language = $state<Language>('en');
	/** What was chosen: a system may speak what the desk does not. */
	choice = $state<Choice>('en');
}
export const words = new Words();
/** Ids that were asked for and are in no catalogue. A test fails on the first; people see the id. */
export const unknown = new Set<string>();

/** Puts a message of one language together; English where it is missing, its id where English lacks it too. */
export function tIn(language: Language, id: string, args?: Args): string {
	for (const bundle of [known.get(language), source]) {
		const pattern = bundle?.getMessage(id)?.value;
		// With a list for what went wrong nothing throws: a variable that is missing stands as its name.
		if (bundle && pattern) return bundle.formatPattern(pattern, args, []);
	}
	unknown.add(id);
	return id;
}

/** A message in the language of now. Asked while something is drawn, it is asked again when the language changes. */
export function t(id: string, args?: Args): string {
	return tIn(words.language, id, args);
}

/** A noun inside a sentence. German writes nouns with a capital wherever they stand. */
export function within(noun: string): string {
	return words.language === 'de' ? noun : noun.toLowerCase();
}

/** A piece of a sentence, and the variable it stands for: parts of it are shown in bold or as links. */
export interface Piece {
	name: string | null;
	text: string;
}

/** A message in pieces: each language has its own place for what is shown differently. */
export function pieces(id: string, args: Args): Piece[] {
	// Signs for private use: they are in no sentence and in no data.
	const marked = Object.fromEntries(
		Object.entries(args).map(([name, value]) => [
			name,
			typeof value === 'number' ? value : `\u{E000}${name}\u{E001}${value}\u{E000}`,
		]),
	);
	return t(id, marked)
		.split('\u{E000}')
		.filter((part) => part !== '')
		.map((part) => {
			const at = part.indexOf('\u{E001}');
			return at < 0 ? { name: null, text: part } : { name: part.slice(0, at), text: part.slice(at + 1) };
		});
}

/** The language to speak: a choice, or the first of the system's that the desk knows. */
export function languageOf(choice: Choice, systems: readonly string[]): Language {
	if (choice !== 'system') return choice;
	const codes = systems.map((each) => each.toLowerCase().split('-')[0]);
	return LANGUAGES.find((each) => each === codes.find((code) => LANGUAGES.some((known) => known === code))) ?? 'en';
}

/** Speaks another language from now on; the one before where its sentences cannot be loaded. */
export async function speak(choice: Choice): Promise<void> {
	words.choice = choice;
	const language = languageOf(choice, navigator.languages);
	try {
		if (language !== 'en' && !known.has(language)) {
			known.set(language, bundled(language, (await OTHERS[language]()).default));
		}
		// Somebody may have chosen again meanwhile.
		if (languageOf(words.choice, navigator.languages) === language) words.language = language;
	} catch {
		// English is always here.
	}
	document.documentElement.lang = words.language;
	document.documentElement.dir = FROM_THE_RIGHT.has(words.language) ? 'rtl' : 'ltr';
}

const isChoice = (text: string | null): text is Choice =>
	text === 'system' || LANGUAGES.some((language) => language === text);

/** What was chosen on this computer last. English until somebody chooses: sentences about orders are English so far. */
export function speakRemembered(): Promise<void> {
	let remembered: string | null = null;
	try {
		remembered = localStorage.getItem(REMEMBERED);
	} catch {
		// A web view that keeps nothing has nothing to remember.
	}
	return speak(isChoice(remembered) ? remembered : 'en');
}

export function choose(choice: Choice): Promise<void> {
	try {
		localStorage.setItem(REMEMBERED, choice);
	} catch {
		// Then it is for this time only.
	}
	return speak(choice);
}
