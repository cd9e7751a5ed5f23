// What stands around every screen: the palette and what it leads to, what is taken back later, the
// running job, and what a screen reader is told.
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Counts } from '$lib/api/types';
import { acts } from '$lib/domain/acts.svelte';
import { reveal, SETTINGS } from '$lib/domain/reach';
import { BACK_MS, toasts } from '$lib/shared/toasts.svelte';
import source from '$lib/shared/Toasts.svelte?raw';
import { openAt, row } from './desk';

describe('the palette', () => {
	it('is opened by a button, too', async () => {
		const { user } = await openAt('home');
		await user.click(await screen.findByTestId('open-palette'));
		const box = await screen.findByTestId('palette-text');
		await waitFor(() => expect(box).toHaveFocus());
	});

	it.each<[string, RegExp, string]>([
		['quiet', /^Setting: Quiet hours/, '#/settings'],
		['zoom', /^Setting: Zoom/, '#/settings'],
		['backup', /^Setting: Backup/, '#/settings'],
		['dark', /^Setting: Colours/, '#/settings'],
		['nordic', /Queue: Nordic/, '#/queue?view=own-nordic'],
		['on hold', /Queue: On hold/, '#/queue?view=held'],
		['know the sku', /^Cause: .*SKU \(5\)/, '#/exceptions?page=unknown_sku'],
		['account harbour', /^Account: Harbour Goods/, '#/connections?id=harbour'],
	])('finds “%s” and leads there', async (text, name, place) => {
		const { user } = await openAt('home', {}, (desk) => {
			const nordic = { id: 'own-nordic', label: 'Nordic', view: 'open', text: 'country:NO', sort: '' };
			desk.arranged = { ...desk.arranged, views: [{ ...nordic, descending: false, group: '' }] };
		});
		await screen.findByTestId('home');
		await user.keyboard('{Control>}k{/Control}');
		await user.type(await screen.findByTestId('palette-text'), text);
		await user.click(await screen.findByRole('option', { name }));
		await waitFor(() => expect(location.hash.startsWith(place)).toBe(true));
	});

	it('every setting it knows is there, and gets the focus', async () => {
		await openAt('settings');
		await screen.findByTestId('field-zoom');
		for (const [label, , testid] of SETTINGS) {
			const found = screen.getByTestId(testid);
			reveal(testid);
			expect((found.closest('fieldset') ?? found).contains(document.activeElement), label).toBe(true);
		}
	});

	it.each([
		['release', /^Release/],
		['approve', /^Approve/],
		['cancel', /^Cancel/],
		['send', /^Send to/],
		['give to', /^Give to/],
	])('knows how to %s an order', async (text, name) => {
		const { user } = await openAt('queue?order=8');
		await screen.findByTestId('waits-box');
		await user.keyboard('{Control>}k{/Control}');
		await user.type(await screen.findByTestId('palette-text'), text);
		expect((await screen.findAllByRole('option', { name })).length).toBeGreaterThan(0);
	});

	it('acts on the entry that had the focus before it was opened', async () => {
		const { desk, user } = await openAt('exceptions');
		await user.click(await screen.findByTestId('group-unknown_sku'));
		(await screen.findByTestId('entry-#10482')).focus();
		await user.keyboard('{Control>}k{/Control}');
		await user.type(await screen.findByTestId('palette-text'), 'mark settled{Enter}');
		await waitFor(() =>
			expect(desk.acted[0]).toMatchObject({ verb: 'resolve', targets: { of: 'exceptions', which: [4] } }),
		);
	});
});

describe('an order in the drawer over a screen without keys', () => {
	it.each([
		['r', 'retry'],
		['e', 'resolve'],
	])('%s does what it does in the queue', async (key, verb) => {
		const { desk, user } = await openAt('shipments?order=1');
		await screen.findByTestId('waits-box');
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveFocus());
		await user.keyboard(key);
		await waitFor(() => expect(desk.acted[0]).toMatchObject({ verb, targets: { of: 'orders', which: [1] } }));
	});

	it.each([
		['h', 'hold-dialog'],
		['s', 'snooze-dialog'],
	])('%s asks as it does in the queue', async (key, dialog) => {
		const { user } = await openAt('shipments?order=1');
		await screen.findByTestId('waits-box');
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveFocus());
		await user.keyboard(key);
		await screen.findByTestId(dialog);
	});

	it('says why it cannot be held', async () => {
		const { desk, user } = await openAt('shipments?order=12');
		await screen.findByTestId('waits-box');
		await waitFor(() => expect(screen.getByTestId('drawer')).toHaveFocus());
		await user.keyboard('h');
		expect(await screen.findByTestId('toast')).toHaveTextContent('is on hold already.');
		expect(desk.acted).toEqual([]);
	});
});

describe('what was done', () => {
	const settle = async () => {
		const opened = await openAt('exceptions');
		await screen.findByTestId('exception-unknown_sku');
		await acts.perform('resolve', { of: 'exceptions', which: [4] });
		await screen.findByTestId('toast-undo');
		return opened;
	};
	const isOpen = (desk: Awaited<ReturnType<typeof openAt>>['desk']) =>
		desk.exceptionList.find((each) => each.id === 4)?.resolved_at_ms === null;
	/** As if ten seconds had passed. */
	const leave = () => {
		for (const toast of toasts.list) toasts.close(toast.id);
	};

	it.each([
		['z, which shows it first', async (user: Awaited<ReturnType<typeof settle>>['user']) => user.keyboard('z')],
		[
			'the foot',
			async (user: Awaited<ReturnType<typeof settle>>['user']) => user.click(screen.getByTestId('show-lately')),
		],
		['its key', async (user: Awaited<ReturnType<typeof settle>>['user']) => user.keyboard('{Shift>}z{/Shift}')],
	])('is taken back after its toast has gone: by %s', async (_, open) => {
		const { desk, user } = await settle();
		leave();
		await open(user);
		const dialog = within(await screen.findByTestId('lately'));
		expect(dialog.getByText('Settled: 1')).toBeVisible();
		expect(isOpen(desk)).toBe(false);
		await waitFor(() => expect(dialog.getByTestId('take-back-0')).toHaveFocus());
		await user.keyboard('{Enter}');
		await waitFor(() => expect(isOpen(desk)).toBe(true));
		expect(screen.queryByTestId('show-lately')).toBeNull();
	});

	it('works once, wherever it is taken back', async () => {
		const { desk, user } = await settle();
		await user.click(screen.getByTestId('toast-undo'));
		await waitFor(() => expect(isOpen(desk)).toBe(true));
		await waitFor(() => expect(screen.queryByTestId('show-lately')).toBeNull());
		leave();
		await user.keyboard('z');
		expect(await screen.findByText('Nothing to take back right now.')).toBeVisible();
	});

	it('is offered for as long as the desk can, and the last fifty of it', () => {
		vi.useFakeTimers();
		try {
			toasts.forget();
			for (let n = 0; n < 60; n++) toasts.show({ tone: 'success', sentence: `Done ${n}`, undo: () => {} });
			expect(toasts.lately.map((each) => each.sentence).slice(0, 2)).toEqual(['Done 59', 'Done 58']);
			expect(toasts.lately).toHaveLength(50);
			vi.advanceTimersByTime(BACK_MS - 1);
			expect([toasts.list.length, toasts.lately.length]).toEqual([0, 50]);
			vi.advanceTimersByTime(1);
			expect(toasts.lately).toEqual([]);
		} finally {
			vi.useRealTimers();
		}
	});

	it.each([
		['until Friday', 3 * 86_400_000],
		['until somebody says so', null],
	])('a cause muted %s and heard again is muted like that again', async (_, in_ms) => {
		const { desk, user } = await openAt('exceptions?page=unknown_sku');
		const until = in_ms === null ? null : desk.now() + in_ms;
		await desk.mute_cause('unknown_sku', true, until);
		await user.click(await screen.findByTestId('unmute'));
		await waitFor(() => expect(desk.muted.has('unknown_sku')).toBe(false));
		await user.click(await screen.findByTestId('toast-undo'));
		await waitFor(() => expect(desk.muted.get('unknown_sku')?.until_ms).toBe(until));
	});
});

describe('a long act', () => {
	it.each(['exceptions', 'exceptions?page=unknown_sku', 'stock', 'automations', 'settings', 'queue', 'home'])(
		'says how far it is and can be stopped in %s, once',
		async (place) => {
			const { desk, user } = await openAt(place);
			await screen.findByTestId('count-exceptions');
			// Other places than the queue load when they are first visited.
			await waitFor(() => expect(document.querySelector('main')?.children.length).toBeGreaterThan(0));
			const stopped: string[] = [];
			desk.cancel_job = async (job) => {
				stopped.push(job);
				desk.tell({ job, sentence: 'Stopped.', done: 40, of: 5000, ended: 'cancelled' });
			};
			// Of its own name: one that ended is forgotten some seconds later.
			const mine = `act-${place}`;
			desk.tell({ job: mine, sentence: 'Trying 5,000 again', done: 40, of: 5000, ended: null });
			const job = await screen.findByTestId('job');
			expect(job).toHaveTextContent('Trying 5,000 again');
			expect(within(job).getByRole('progressbar')).toHaveAttribute('max', '5000');
			await user.click(within(job).getByRole('button', { name: 'Stop' }));
			await waitFor(() => expect(screen.queryByTestId('job')).toBeNull());
			expect(stopped).toEqual([mine]);
		},
	);
});

describe('what is told', () => {
	beforeEach(() => toasts.forget());

	it('is announced, whatever part of the screen tells it; an alert speaks for itself', async () => {
		await openAt('home');
		await screen.findByTestId('home');
		toasts.show({ tone: 'success', sentence: 'Details copied' });
		await waitFor(() => expect(screen.getByTestId('announcer')).toHaveTextContent('Details copied'));
		toasts.show({ tone: 'danger', sentence: 'They could not be copied.' });
		expect(await screen.findByRole('alert')).toHaveTextContent('They could not be copied.');
		expect(screen.getByTestId('announcer')).toHaveTextContent('Details copied');
	});

	it('the number of matches and of ticked rows are live', async () => {
		const { user } = await openAt('queue?q=country:NO');
		const chips = await screen.findByTestId('filter-chips');
		expect(within(chips).getByRole('status')).toHaveTextContent(/match/);
		await user.click(screen.getByTestId('tick-all'));
		expect(within(await screen.findByTestId('bulk-bar')).getByRole('status')).toHaveTextContent(/selected/);
	});

	it('what is said twice stands there once', () => {
		toasts.show({ tone: 'neutral', sentence: 'Go to an entry first.' });
		toasts.show({ tone: 'neutral', sentence: 'Go to an entry first.' });
		expect(toasts.list).toHaveLength(1);
	});

	it('makes room for a dialog that is open', async () => {
		const makesRoom = /:global\(body:has\((.+?)\)\) \.toasts/.exec(source)?.[1] ?? '';
		const { user } = await openAt('queue');
		await row('#10482');
		expect(makesRoom).not.toBe('');
		expect(document.body.querySelector(makesRoom)).toBeNull();
		await user.keyboard('?');
		expect(document.body.querySelector(makesRoom)).toBe(await screen.findByTestId('keys'));
		await fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' });
	});
});

describe('the wall', () => {
	const shown = async (change: (counts: Counts) => Partial<Counts>) => {
		await openAt('wall', {}, (desk) => {
			const asked = desk.counts;
			desk.counts = async () => {
				const counts = await asked();
				return { ...counts, ...change(counts) };
			};
		});
		await screen.findByTestId('wall-must');
		return screen.getByTestId('wall');
	};

	it.each([
		['sign in', 'Amazon DE: sign in'],
		['blocked', 'Amazon DE: blocked'],
		['keychain', 'Amazon DE: keychain'],
		[null, 'Amazon DE: needs a person'],
	])('says of an account what is wrong with it: %s', async (word, said) => {
		const wall = await shown(({ accounts }) => ({
			accounts: accounts.map((each) => ({
				...each,
				tone: each.name === 'Amazon DE' ? ('danger' as const) : ('success' as const),
				word: each.name === 'Amazon DE' ? word : null,
			})),
		}));
		expect(wall).toHaveTextContent(said);
	});

	it.each([
		[0, 0, 'nothing due', '–'],
		[4, 1, 'of 4', '25 %'],
	])('with %i due and %i left it says so', async (today, left_today, of, share) => {
		await shown(() => ({ today, left_today, at_least: [] }));
		expect(screen.getByTestId('wall-must')).toHaveTextContent(of);
		expect(screen.getByTestId('wall-left')).toHaveTextContent(share);
	});
});
