import '@fontsource-variable/inter/index.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import { asTrouble, openDesk } from '$lib/api/desk';
import { paintRemembered } from '$lib/domain/theme';
import { speakRemembered } from '$lib/shared/words.svelte';
import App from './App.svelte';

paintRemembered();
const target = document.getElementById('app');
if (target) {
	Promise.all([openDesk(), speakRemembered()]).then(
		() => mount(App, { target }),
		(thrown: unknown) => (target.textContent = asTrouble(thrown).sentence),
	);
}
