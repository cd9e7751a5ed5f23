// The console in the real window: a cause explained, given to somebody and muted; the queue in
// groups; the wall; and an arrangement that outlives the window.
import { until } from '../desk/until.ts';
import { story, type DeskWindow } from '../desk/window.ts';

interface Group {
	cause: string;
	title: string;
	count: number;
	entries: { assignee: string }[];
}
interface Page {
	groups: Group[];
	counts: Record<string, number>;
}
const exceptions = (desk: DeskWindow, view: string) =>
	desk.asks<Page>('exceptions', { ask: { view, cause: null, text: '' } });
const goes = (desk: DeskWindow, place: string) => desk.session.run(`location.hash = ${JSON.stringify(`#/${place}`)}`);

story(
	'A cause is explained, given to somebody, muted and heard again',
	async (stage) => {
		const desk = await stage.open({ sandbox: true });
		const { person } = desk;
		await desk.isReady();
		const group = await until(
			'something that needs a person',
			async () => (await exceptions(desk, 'needs_me')).groups.find((each) => each.count > 0),
			{ within_ms: 180_000, every_ms: 2_000 },
		);
		await goes(desk, `exceptions?page=${group.cause}`);
		await person.sees('Why it happens');
		await person.sees('How to mend it');
		await desk.shot('cause');

		await person.clicks('Give to…');
		await person.fills('Name', 'Ben');
		await person.clicks('Give it');
		await until('Ben to look after it', async () =>
			(await exceptions(desk, 'needs_me')).groups.some(
				(each) => each.cause === group.cause && each.entries.some((entry) => entry.assignee === 'Ben'),
			),
		);

		await person.clicks('Mute…');
		await person.clicks('Mute', { inside: 'No notification and no number in red' });
		await person.sees('Hear of it again');
		const muted = await exceptions(desk, 'muted');
		expect(muted.groups.map((each) => each.cause)).toContain(group.cause);
		expect((await exceptions(desk, 'needs_me')).groups.map((each) => each.cause)).not.toContain(group.cause);
		await person.clicks('Hear of it again');
		await person.sees('Mute…');
		expect((await exceptions(desk, 'muted')).counts['muted']).toBe(0);
		expect(await desk.accessibilityViolations()).toEqual([]);
	},
	300_000,
);

story(
	'The queue in groups, the wall, high contrast, and an arrangement that stays',
	async (stage) => {
		const desk = await stage.open({ sandbox: true });
		const { person } = desk;
		await desk.isReady();
		await person.sees(/#10\d\d/, 90_000);
		await goes(desk, 'queue?group=waits');
		await person.sees(/Would be sent|Waits|On hold/i);
		await desk.shot('queue-groups');
		const headings = await desk.asks<{ groups: { token: string; count: number }[] }>('queue_groups', {
			ask: { view: 'open', text: '', sort: '', descending: false, after: null, limit: 0 },
			by: 'store',
		});
		expect(headings.groups.length).toBeGreaterThan(0);

		await person.clicks('+ Save view');
		await person.fills('Name', 'By what they wait on');
		await person.clicks('Save view', { inside: 'Save as a view' });
		await until('the view to be kept', async () =>
			(await desk.asks<{ views: { label: string; group: string }[] }>('console')).views.some(
				(view) => view.label === 'By what they wait on' && view.group === 'waits',
			),
		);
		await desk.session.run('location.reload()');
		await person.sees('By what they wait on');

		const settings = await desk.asks<Record<string, unknown>>('settings');
		await desk.asks('put_settings', { settings: { ...settings, theme: 'contrast_dark' } });
		await goes(desk, 'wall');
		await desk.session.run('location.reload()');
		await person.sees('Must leave today');
		await person.sees('Next deadlines');
		await desk.shot('wall');
		expect(await desk.accessibilityViolations()).toEqual([]);
		await goes(desk, 'home');
		await person.sees('What the desk did for you today');
		await desk.shot('home-contrast');
		expect(await desk.accessibilityViolations()).toEqual([]);
	},
	300_000,
);
