// A screen over the fake desk, the way the program mounts it.
import { cleanup, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import App from '../../src/App.svelte';
import { useDesk } from '$lib/api/desk';
import { acts } from '$lib/domain/acts.svelte';
import { arranged } from '$lib/domain/arranged.svelte';
import { forgetLive } from '$lib/domain/live.svelte';
import { FakeDesk, type FakeOptions } from '$lib/fake/fake';
import { toasts } from '$lib/shared/toasts.svelte';

/** `prepare` changes the desk before the first question is asked of it. */
export async function openAt(place: string, options: FakeOptions = {}, prepare?: (desk: FakeDesk) => void) {
	cleanup();
	forgetLive();
	localStorage.clear();
	acts.close();
	arranged.forget();
	toasts.forget();
	const desk = new FakeDesk(options);
	prepare?.(desk);
	useDesk(desk);
	location.hash = `#/${place}`;
	const user = userEvent.setup();
	render(App);
	return { desk, user };
}

export const row = (number: string) => screen.findByTestId(`row-${number}`);
