// The component page: every part in every state, with its own theme switch (`make ui`). Part of
// the developer's build only; the program's window never contains it.
import '@fontsource-variable/inter/index.css';
import '../styles/tokens.css';
import '../styles/base.css';
import { mount } from 'svelte';
import { useDesk } from '$lib/api/desk';
import { app } from '$lib/domain/app.svelte';
import { FakeDesk } from '$lib/fake/fake';
import { speakRemembered } from '$lib/shared/words.svelte';
import Parts from './Parts.svelte';

useDesk(new FakeDesk());
app.start();
void speakRemembered();
const target = document.getElementById('app');
if (target) mount(Parts, { target });
