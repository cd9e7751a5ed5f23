// The search box offers what open orders have, and views are offered for where they are packed.
import { screen, waitFor } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { FakeDesk } from '$lib/fake/fake';
import { openAt } from './desk';

/** What the box offers now, with what is said of it. */
const offers = () => screen.queryAllByRole('option').map((each) => each.textContent);

async function typing(text: string, prepare?: (desk: FakeDesk) => void) {
	const { desk, user } = await openAt('queue', {}, prepare);
	await user.type(await screen.findByTestId('search'), text);
	return { desk, user };
}

it('offers where open orders are packed, with how many there are, and takes one by keys', async () => {
	const { user } = await typing('warehouse:le');
	await waitFor(() => expect(offers()).toEqual([expect.stringMatching(/^warehouse:Leipzig\d+ orders$/)]));
	await user.keyboard('{ArrowDown}{Enter}');
	expect(await screen.findByTestId('search')).toHaveValue('warehouse:Leipzig ');
	expect(await screen.findByRole('button', { name: 'Remove filter: packed at Leipzig' })).toBeInTheDocument();
});

it('asks once for each beginning, also when somebody goes back over it', async () => {
	const asked: string[] = [];
	const { user } = await typing('tag:g', (desk) => {
		const whole = desk.filter_values;
		desk.filter_values = (key, typed) => {
			if (key === 'tag') asked.push(typed);
			return whole(key, typed);
		};
	});
	await waitFor(() => expect(asked).toEqual(['', 'g']));
	await user.keyboard('{Backspace}');
	await waitFor(() => expect(offers().length).toBeGreaterThan(0));
	expect(asked).toEqual(['', 'g']);
});

it('goes on without the desk', async () => {
	const { user } = await typing('service:exp', (desk) => {
		desk.filter_values = async () => Promise.reject(new Error('busy'));
	});
	await waitFor(() => expect(offers()).toEqual(['service:expressexpress']));
	await user.keyboard('{Enter}');
	expect(await screen.findByTestId('filter-chips')).toHaveTextContent('service exp');
});

it('offers a view for each warehouse', async () => {
	const { user } = await openAt('queue');
	await screen.findByTestId('search');
	await user.click(await screen.findByTestId('offered-views'));
	await user.click(await screen.findByTestId('offered-warehouse:"Quay 3"'));
	expect(await screen.findByRole('button', { name: 'Remove filter: packed at Quay 3' })).toBeInTheDocument();
});
