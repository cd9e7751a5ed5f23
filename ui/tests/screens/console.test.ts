// What a person arranges and what the console explains: views as text, columns, groups, news,
// results, causes, people, the first screen, the wall, the first steps.
import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { arranged } from '$lib/domain/arranged.svelte';
import { FRIDAY } from '$lib/fake/world';
import { openAt, row } from './desk';

const clipboard = () => navigator.clipboard.readText();

describe('views', () => {
	it('go out as text and come in as text', async () => {
		const { desk, user } = await openAt('queue?sort=value&desc=1&group=store');
		await row('#10482');
		await user.type(screen.getByTestId('search'), 'country:de');
		// Typing is gathered before it is asked: wait for all of it.
		await waitFor(() => expect(location.hash).toContain('country%3Ade'));
		await user.click(screen.getByTestId('save-view'));
		await user.type(await screen.findByTestId('field-view-name'), 'Germany{Enter}');
		await screen.findByTestId('tab-own-germany');
		await user.click(await screen.findByTestId('view-menu'));
		await user.click(await screen.findByTestId('copy-view'));
		await waitFor(async () =>
			expect(await clipboard()).toBe('view "Germany" in:open sort:-value by:store filter: country:de'),
		);

		// A menu that closes lets the page go a moment later; nobody clicks sooner.
		await waitFor(() => expect(document.body.style.pointerEvents).not.toBe('none'));
		await user.click(screen.getByTestId('save-view'));
		await user.click(await screen.findByTestId('view-from-text'));
		await user.type(screen.getByTestId('field-view-text'), 'hello');
		const dialog = within(screen.getByTestId('save-view-dialog'));
		expect(dialog.getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
		expect(screen.getByTestId('save-view-dialog')).toHaveTextContent('This is not a view.');
		await user.clear(screen.getByTestId('field-view-text'));
		await user.type(screen.getByTestId('field-view-text'), 'view "Late ones" in:late sort:customer');
		await user.click(dialog.getByTestId('confirm'));
		const tab = await screen.findByTestId('tab-own-late-ones');
		expect(tab).toHaveAttribute('aria-selected', 'true');
		expect(desk.arranged.views.map((view) => [view.label, view.view, view.sort])).toEqual([
			['Germany', 'open', 'value'],
			['Late ones', 'late', 'customer'],
		]);
	});

	it('belong to the profile: another desk shows its own', async () => {
		const first = await openAt('queue');
		await row('#10482');
		await first.user.click(screen.getByTestId('save-view'));
		await first.user.type(await screen.findByTestId('field-view-name'), 'Mine{Enter}');
		await screen.findByTestId('tab-own-mine');
		await openAt('queue');
		await row('#10482');
		expect(screen.queryByTestId('tab-own-mine')).toBeNull();
	});
});

describe('columns', () => {
	it('are chosen, moved, sized and pinned, and kept', async () => {
		const { desk, user } = await openAt('queue');
		await row('#10482');
		await user.click(screen.getByTestId('columns'));
		await screen.findByTestId('columns-dialog');
		await user.click(screen.getByTestId('column-tags'));
		await user.click(screen.getByTestId('column-to'));
		await user.click(screen.getByTestId('pin-tags'));
		await user.click(screen.getByTestId('right-number'));
		const width = screen.getByTestId('width-customer');
		await user.clear(width);
		await user.type(width, '9999{Tab}');
		await waitFor(() => {
			const kept = Object.fromEntries(desk.arranged.columns.map((each) => [each.id, each]));
			expect(kept['tags']).toMatchObject({ shown: true, pinned: true });
			expect(kept['to']).toMatchObject({ shown: false });
			expect(kept['customer']).toMatchObject({ width_px: 900 });
		});
		expect(desk.arranged.columns[1]?.id).toBe('number');
		await user.click(screen.getByTestId('columns-reset'));
		await waitFor(() => expect(arranged.value.columns).toEqual([]));
	});
});

describe('groups', () => {
	it('stand as headings with numbers, fold with Enter, and rows walk past them', async () => {
		const { user } = await openAt('queue?group=due');
		const late = await screen.findByTestId('heading-late');
		expect(late).toHaveTextContent(/Late\s*8/);
		expect(late).toHaveAttribute('data-open', 'true');
		await user.keyboard('j');
		await waitFor(() => expect(late).toHaveFocus());
		await user.keyboard('{Enter}');
		await waitFor(() => expect(screen.getByTestId('heading-late')).toHaveAttribute('data-open', 'false'));
		await user.keyboard('j');
		await waitFor(() => expect(screen.getByTestId('heading-at_risk')).toHaveFocus());
		await user.keyboard('jx');
		expect(await screen.findByTestId('bulk-bar')).toHaveTextContent('1 selected');
	});

	it('are chosen from the menu and named in the address', async () => {
		const { user } = await openAt('queue');
		await row('#10482');
		await user.click(screen.getByTestId('group-by'));
		await user.click(await screen.findByTestId('group-store'));
		await screen.findByTestId('heading-harbour-goods');
		expect(location.hash).toContain('group=store');
	});
});

describe('a list somebody works in', () => {
	it('announces what came instead of shoving it in', async () => {
		const { desk, user } = await openAt('queue?sort=customer');
		await waitFor(() => expect(screen.getAllByRole('row').length).toBeGreaterThan(5));
		await user.keyboard('j');
		const shown = () => [...document.querySelectorAll<HTMLElement>('[data-id]')].map((each) => each.dataset['id']);
		await waitFor(() => expect(document.activeElement).toHaveAttribute('data-id'));
		const before = shown();
		const base = desk.orders[0];
		if (!base) throw new Error('no orders');
		desk.orders.push({ ...base, id: 99_001, number: '#99001', customer: 'Aaron Aardvark' });
		desk.emit({ topics: ['orders'], orders: [] });
		const news = await screen.findByTestId('news');
		expect(news).toHaveTextContent('1 new order');
		expect(shown()).toEqual(before);
		await waitFor(() =>
			expect(screen.getByTestId('announcer')).toHaveTextContent('1 new in this list, waiting to be shown'),
		);
		await user.keyboard('.');
		await row('#99001');
		expect(screen.queryByTestId('news')).toBeNull();
	});

	it('still says at once what is true of the rows it shows', async () => {
		const { desk, user } = await openAt('queue');
		await row('#10482');
		await user.keyboard('j');
		const target = desk.orders.find((each) => each.number === '#10477');
		if (!target) throw new Error('no such order');
		target.city = 'Marseille';
		desk.orders = desk.orders.filter((each) => each.number !== '#2207');
		desk.emit({ topics: ['orders'], orders: [] });
		await waitFor(async () => expect(await row('#10477')).toHaveTextContent('Marseille'));
		expect(screen.getByTestId('news')).toHaveTextContent('1 order left this list');
		expect(await row('#2207')).toHaveClass('left');
	});
});

describe('acts on many', () => {
	it('name each result and can be taken back from there', async () => {
		const { desk, user } = await openAt('queue');
		await row('#10482');
		await user.click(screen.getByTestId('tick-all'));
		await user.click(await screen.findByTestId('select-matching'));
		await user.click(within(screen.getByTestId('bulk-bar')).getByTestId('act-hold'));
		await user.click(await screen.findByTestId('confirm'));
		await user.click(await screen.findByTestId('toast-more'));
		const dialog = within(await screen.findByTestId('refused-dialog'));
		expect(screen.getByTestId('refused-dialog')).toHaveTextContent('#10468 It has left already.');
		expect(screen.getByTestId('refused-dialog')).toHaveTextContent('#10482, 305-7719');
		expect(desk.orders.filter((each) => each.stage === 'held').length).toBeGreaterThan(400);
		await user.click(dialog.getByTestId('results-undo'));
		await waitFor(() => expect(desk.orders.filter((each) => each.stage === 'held').length).toBeLessThan(20));
	});
});

describe('a cause', () => {
	it('has a page that says what, why and how, with one button for all', async () => {
		const { desk, user } = await openAt('exceptions');
		await user.click(await screen.findByTestId('group-unknown_sku'));
		await user.click(await screen.findByTestId('cause-unknown_sku'));
		const page = await screen.findByTestId('cause-page');
		await waitFor(() => expect(page).toHaveTextContent('Why it happens'));
		expect(page).toHaveTextContent('The SKU was renamed in the store.');
		expect(page).toHaveTextContent('41 mended themselves');
		await screen.findByTestId('entry-#10482');
		await user.click(screen.getByTestId('act-all'));
		await screen.findByTestId('edit-dialog');
		await user.keyboard('{Escape}');
		await user.click(screen.getByTestId('snooze-all'));
		await screen.findByTestId('snooze-dialog');
		await user.keyboard('{Escape}');
		await waitFor(() => expect(screen.queryByTestId('snooze-dialog')).toBeNull());
		await user.click(screen.getByTestId('cause-back'));
		await screen.findByTestId('exception-unknown_sku');
		expect(desk.acted).toEqual([]);
	});

	it('is muted and heard again, and nothing vanishes without a trace', async () => {
		const { desk, user } = await openAt('exceptions?page=unknown_sku');
		await user.click(await screen.findByTestId('mute'));
		await user.click(await screen.findByTestId('confirm'));
		await waitFor(() => expect(desk.muted.has('unknown_sku')).toBe(true));
		await waitFor(() => expect(screen.getByTestId('count-exceptions')).toHaveTextContent('12'));
		await screen.findByTestId('unmute');
		await user.click(screen.getByTestId('cause-back'));
		await waitFor(() => expect(screen.getByTestId('tab-muted')).toHaveTextContent('5'));
		await screen.findByTestId('exception-unknown_sku');
		await user.click(screen.getByTestId('tab-needs_me'));
		await waitFor(() =>
			expect(screen.getByTestId('exceptions')).toHaveTextContent('5 more entries wait under a muted cause.'),
		);
		expect(screen.queryByTestId('exception-unknown_sku')).toBeNull();
		await user.click(await screen.findByTestId('toast-undo'));
		await screen.findByTestId('exception-unknown_sku');
		expect(desk.muted.size).toBe(0);
	});

	it('is given to somebody, by key, and found by their name', async () => {
		const { desk, user } = await openAt('exceptions');
		(await screen.findByTestId('group-address_missing')).focus();
		await user.keyboard('a');
		await user.type(await screen.findByTestId('field-to'), 'Mia{Enter}');
		await waitFor(() => expect(desk.acted[0]).toMatchObject({ verb: 'assign', fields: { to: 'Mia' } }));
		await user.type(screen.getByRole('textbox', { name: 'Search exceptions' }), 'mia');
		await waitFor(() => expect(screen.queryByTestId('exception-unknown_sku')).toBeNull());
		await waitFor(() => expect(screen.getByTestId('exception-address_missing')).toHaveTextContent('3 orders'));
	});
});

describe('the first screen', () => {
	it('shows trends for 7 and 30 days, each bar leading to its day', async () => {
		const { user } = await openAt('home');
		const bars = () => within(screen.getByRole('tabpanel')).getAllByRole('link');
		await waitFor(() => expect(bars()).toHaveLength(30));
		expect(screen.getByTestId('trend-words')).toHaveTextContent(/orders left in 30 days/);
		await user.click(screen.getByTestId('trend-days-7'));
		await waitFor(() => expect(bars()).toHaveLength(7));
		const today = bars().at(-1);
		expect(today).toHaveAccessibleName(/^Fri 20 Nov: \d+ left in time, \d+ left late$/);
		await user.click(screen.getByTestId('tab-exceptions'));
		expect(screen.getByTestId('trend-words')).toHaveTextContent(/exceptions began/);
		await user.click(screen.getByTestId('tab-shipped'));
		await user.click(bars().at(-1) as HTMLElement);
		expect(await screen.findByTestId('day-chip')).toHaveTextContent('left on Fri 20 Nov');
	});

	it('says what needs a person by cause, and what was done without one', async () => {
		const { user } = await openAt('home');
		expect(await screen.findByTestId('home-cause-unknown_sku')).toHaveTextContent('5');
		expect(screen.getByTestId('home')).toHaveTextContent('31exceptions mended without you'.replace('31', '31 '));
		await user.click(screen.getByTestId('home-cause-unknown_sku'));
		await screen.findByTestId('cause-page');
	});
});

describe('the wall', () => {
	it('shows three numbers and the next deadlines, and no name at all', async () => {
		const { desk, user } = await openAt('home');
		await user.click(await screen.findByTestId('wall-mode'));
		const wall = await screen.findByTestId('wall');
		await waitFor(() => expect(screen.getByTestId('wall-must')).toHaveTextContent('137'));
		expect(screen.getByTestId('wall-left')).toHaveTextContent('247');
		await waitFor(() => expect(wall).toHaveTextContent('#10482'));
		for (const order of desk.orders.slice(0, 40)) {
			expect(wall).not.toHaveTextContent(order.customer);
			expect(wall).not.toHaveTextContent(order.city);
		}
		await user.keyboard('{Escape}');
		await screen.findByTestId('home');
	});
});

describe('the first steps', () => {
	it('know by themselves what is done, and go away when orders move', async () => {
		const { desk, user } = await openAt('home', { fresh: true });
		const steps = await screen.findByTestId('steps');
		expect(screen.getByTestId('steps-done')).toHaveTextContent('3 of 7 done');
		expect(screen.getByTestId('step-store')).toHaveAttribute('data-done', 'true');
		expect(screen.getByTestId('step-plan')).toHaveAttribute('data-done', 'false');
		await user.click(within(steps).getByTestId('do-plan'));
		await screen.findByTestId('plan-dialog');
		await waitFor(() => expect(desk.arranged.plan_seen_at_ms).not.toBeNull());
		await openAt('home');
		await screen.findByTestId('home-cause-unknown_sku');
		expect(screen.queryByTestId('steps')).toBeNull();
	});

	it('can be put away', async () => {
		const { desk, user } = await openAt('home', { fresh: true });
		await user.click(await screen.findByTestId('steps-hide'));
		await waitFor(() => expect(screen.queryByTestId('steps')).toBeNull());
		expect(desk.arranged.steps_hidden).toBe(true);
	});
});

describe('notifications', () => {
	it('are listed with their reason, and lead where a click on them led', async () => {
		const { user } = await openAt('activity?tab=notified');
		const held = await screen.findByTestId('notification-3');
		expect(held).toHaveTextContent('Held back');
		expect(held).toHaveTextContent('Quiet hours until 07:00');
		await user.click(within(screen.getByTestId('notification-6')).getByRole('button', { name: 'Open' }));
		await waitFor(() => expect(screen.getByTestId('group-unknown_sku')).toHaveAttribute('aria-expanded', 'true'));
	});
});

describe('an order', () => {
	it('shows its address on a map without the name, and searches a raw answer', async () => {
		const { desk, user } = await openAt('queue?order=1');
		await screen.findByTestId('drawer');
		await user.click(await screen.findByTestId('tab-sides'));
		await user.click(await screen.findByTestId('open-map'));
		await waitFor(() => expect(desk.linksOpened[0]).toMatch(/^https:\/\/www\.openstreetmap\.org\/search\?query=/));
		expect(decodeURIComponent(desk.linksOpened[0] ?? '')).not.toContain('Ingrid');
		await user.click(screen.getByTestId('tab-raw'));
		await user.click(await screen.findByTestId('raw-order'));
		await user.type(await screen.findByTestId('raw-search'), 'lamp');
		expect(await screen.findByTestId('raw-matches')).toHaveTextContent('1 match');
		expect(within(screen.getByTestId('raw')).getByText('LAMP').tagName).toBe('MARK');
	});
});

describe('the look', () => {
	it('has high contrast, by choice and by key of the palette', async () => {
		const { desk, user } = await openAt('settings');
		await user.click(await screen.findByTestId('field-theme-contrast_dark'));
		await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('contrast-dark'));
		expect(desk.saved.theme).toBe('contrast_dark');
	});
});

describe('a database that cannot be written', () => {
	it('is told above every screen until it can be, with something to do', async () => {
		const { desk, user } = await openAt('queue');
		await row('#10482');
		expect(screen.queryByTestId('trouble-bar')).toBeNull();
		const sentence = 'The disk is full: could not save a change. Nothing was changed; free some space and it goes on.';
		desk.storageTrouble = sentence;
		desk.emit({ topics: ['trouble'], orders: [] });
		expect(await screen.findByRole('alert')).toHaveTextContent(`Everything waits. ${sentence}`);
		const bar = within(screen.getByTestId('trouble-bar'));
		await user.click(bar.getByRole('button', { name: /Copy/ }));
		expect(await clipboard()).toBe(sentence);
		await user.click(bar.getByRole('button', { name: 'Check-up…' }));
		await screen.findByTestId('doctor');
		expect(screen.getByTestId('trouble-bar')).toBeInTheDocument();
		desk.storageTrouble = null;
		desk.emit({ topics: ['trouble'], orders: [] });
		await waitFor(() => expect(screen.queryByTestId('trouble-bar')).toBeNull());
	});
});

describe('when something is wrong with the program itself', () => {
	it('mends from the check-up what can be mended', async () => {
		const { user } = await openAt('settings');
		await user.click(await screen.findByTestId('run-doctor'));
		const close = await screen.findByTestId('mend-close_folder');
		expect(screen.getByTestId('mend-forget_copies')).toHaveTextContent('Delete them');
		await user.click(close);
		await waitFor(() => expect(screen.queryByTestId('mend-close_folder')).toBeNull());
		expect(screen.getByTestId('mend-forget_copies')).toBeInTheDocument();
	});

	it('shows the support bundle to the end before it is written', async () => {
		const { desk, user } = await openAt('settings');
		await user.click(await screen.findByTestId('open-bundle'));
		const dialog = within(await screen.findByTestId('bundle-dialog'));
		expect(await dialog.findByRole('region', { name: 'The bundle' })).toHaveTextContent('== Check-up');
		desk.pick_file = async () => 'nowhere.txt';
		await user.click(dialog.getByTestId('save-bundle'));
		expect(await dialog.findByText(/nowhere.txt could not be written/)).toBeInTheDocument();
		desk.pick_file = async (_, suggested) => `/home/mara/${suggested}`;
		await user.click(dialog.getByTestId('save-bundle'));
		await waitFor(() => expect(screen.queryByTestId('bundle-dialog')).toBeNull());
		expect(desk.bundles).toEqual(['/home/mara/quayside-support-2026-11-20.txt']);
	});

	it('tells once that a part of it fell over, with what is known', async () => {
		const { desk, user } = await openAt('queue', {
			fell: { times: 2, at_ms: FRIDAY - 3_600_000, place: 'src/lane.rs:17:3', report: 'Thread: engine' },
		});
		expect(await screen.findByTestId('fallen-bar')).toHaveTextContent('fell over 2 times');
		await user.click(screen.getByTestId('fallen-show'));
		await screen.findByTestId('bundle-dialog');
		await user.keyboard('{Escape}');
		await waitFor(() => expect(screen.queryByTestId('fallen-bar')).toBeNull());
		expect(desk.fell).toBeNull();
	});
});
