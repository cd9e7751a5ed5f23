// Parts of a page that people jump between by name have names of their own: two of one name are
// told apart by nobody who hears them. Also those that only stand there with another place.
import axe from 'axe-core';
import { screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { Declaration } from '$lib/api/types';
import { openAt } from './desk';

const RULES = ['landmark-unique', 'landmark-no-duplicate-main', 'landmark-no-duplicate-banner'];

/** Place, and what stands there once it is drawn. */
const PLACES: [place: string, drawn: string | RegExp][] = [
	['home', 'home'],
	['queue', 'search'],
	['queue?order=1', 'drawer'],
	['exceptions', 'exceptions'],
	['shipments', 'shipments'],
	['returns', 'returns'],
	['connections', 'connections'],
	['connections?sheet=add', 'platform-slack'],
	['connections?sheet=add&platform=shopify', 'add'],
	['automations', /^automation-/],
	['automations?tab=messages', /^message-/],
	['settings', 'settings'],
];

it.each(PLACES)('no two parts of %s have one name', async (place, drawn) => {
	await openAt(place, {}, (desk) => {
		const whole = desk.platforms;
		// Every group of accounts is there: the fake desk sells and ships only.
		desk.platforms = async () => {
			const all = await whole();
			const slack = { ...(all[0] as Declaration), platform: 'slack', title: 'Slack', roles: ['messages' as const] };
			return [...all, slack];
		};
	});
	expect((await screen.findAllByTestId(drawn)).length).toBeGreaterThan(0);
	const found = await axe.run(document, { runOnly: RULES, resultTypes: ['violations'] });
	expect(found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`))).toEqual(
		[],
	);
});
