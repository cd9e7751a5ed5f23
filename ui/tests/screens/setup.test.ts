import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { openAt } from './desk';

it('shows three doors when nothing is connected', async () => {
	const { desk, user } = await openAt('', { firstRun: true });
	await screen.findByTestId('first-run');
	await user.click(screen.getByTestId('door-sandbox'));
	await screen.findByTestId('sandbox-bar');
	expect(desk.state).toMatchObject({ sandbox: true });
});

it('connects an account: steps, tolerant paste, test, name, connect', async () => {
	const { desk, user } = await openAt('', { firstRun: true });
	await user.click(await screen.findByTestId('door-connect'));
	await user.click(await screen.findByTestId('platform-shopify'));
	const form = within(await screen.findByTestId('form-shopify'));
	expect(form.getByTestId('test-connection')).toHaveAttribute('aria-disabled', 'true');
	await user.type(form.getByTestId('field-shop'), 'https://Harbour-Goods.myshopify.com/admin ');
	await user.type(form.getByTestId('field-client_id'), ' ab c ');
	await user.type(form.getByTestId('field-client_secret'), 'wrong');
	expect(form.getByTestId('field-shop')).toHaveValue('harbour-goods.myshopify.com');
	expect(form.getByTestId('field-client_id')).toHaveValue('abc');
	expect(form.getByTestId('field-client_secret')).toHaveAttribute('type', 'password');
	await user.click(form.getByTestId('test-connection'));
	expect(await form.findByTestId('checks')).toHaveTextContent('This does not work yet.');
	expect(form.getByTestId('checks')).toHaveTextContent('Without it nothing works.');
	expect(form.getByTestId('field-client_secret')).toHaveAttribute('aria-invalid', 'true');
	expect(form.queryByTestId('connect')).toBeNull();

	await user.clear(form.getByTestId('field-client_secret'));
	await user.type(form.getByTestId('field-client_secret'), 'right');
	await user.click(form.getByTestId('test-connection'));
	await waitFor(() => expect(form.getByTestId('checks')).toHaveTextContent('It works, with limits.'));
	expect(form.getByTestId('checks')).toHaveTextContent('Without it: no Orders older than 60 days.');
	expect(form.getByTestId('field-name')).toHaveValue('Harbour Goods');
	await user.click(form.getByTestId('connect'));
	await screen.findByTestId('connection-harbour-goods');
	const made = (await desk.connections())[0];
	expect(made?.fields).toEqual({ shop: 'harbour-goods.myshopify.com', client_id: 'abc' });
});

it('shows a refusal that belongs to no field, and one of the stand-in’s address at its field', async () => {
	const { user } = await openAt('connections?sheet=add&platform=shopify');
	const form = within(await screen.findByTestId('form-shopify'));
	await user.type(form.getByTestId('field-shop'), 'a.myshopify.com');
	await user.type(form.getByTestId('field-client_id'), 'a');
	await user.type(form.getByTestId('field-client_secret'), 'elsewhere');
	await user.click(form.getByTestId('test-connection'));
	expect(await form.findByText(/open another account \(Elsewhere\)/)).toBeVisible();

	await user.type(form.getByTestId('field-base_url'), 'https://shop.example');
	await user.click(form.getByTestId('test-connection'));
	await waitFor(() => expect(form.getByTestId('field-base_url')).toHaveAttribute('aria-invalid', 'true'));
	expect(form.getByText(/is not on this computer/)).toBeVisible();
	expect(form.queryByText(/open another account/)).toBeNull();
});

it('renews one key of several, and adds a second way to sign in', async () => {
	const { desk, user } = await openAt('connections?id=shipstation&sheet=rotate');
	const dialog = within(await screen.findByTestId('rotate-dialog'));
	const confirm = dialog.getByTestId('confirm');
	expect(confirm).toHaveAttribute('aria-disabled', 'true');
	expect(dialog.getByTestId('field-key')).toHaveAttribute('placeholder', 'Stays as it is');

	await user.type(dialog.getByTestId('field-secret'), 'elsewhere');
	expect(confirm).not.toHaveAttribute('aria-disabled', 'true');
	await user.click(confirm);
	expect(await dialog.findByText(/open another account \(Elsewhere\)/)).toBeVisible();
	expect(desk.rotated.at(-1)).toEqual({ id: 'shipstation', way: 'v1', fields: { secret: 'elsewhere' } });

	await user.clear(dialog.getByTestId('field-secret'));
	await user.click(dialog.getByRole('tab', { name: 'V1 and V2 keys' }));
	// What the other way wants and nobody knows yet.
	expect(confirm).toHaveAttribute('aria-disabled', 'true');
	await user.type(dialog.getByTestId('field-v2_key'), 'Bearer abc');
	await user.click(confirm);
	await waitFor(() => expect(screen.queryByTestId('rotate-dialog')).toBeNull());
	// Tidied where it stands; the desk reads it once more.
	expect(desk.rotated.at(-1)).toEqual({ id: 'shipstation', way: 'both', fields: { v2_key: 'abc' } });
});

it('what was changed after the test must be tested again', async () => {
	const { user } = await openAt('connections?sheet=add&platform=shopify');
	const form = within(await screen.findByTestId('form-shopify'));
	await user.type(form.getByTestId('field-shop'), 'a.myshopify.com');
	await user.type(form.getByTestId('field-client_id'), 'a');
	await user.type(form.getByTestId('field-client_secret'), 'b');
	await user.click(form.getByTestId('test-connection'));
	await form.findByTestId('connect');
	await user.type(form.getByTestId('field-client_id'), 'x');
	await waitFor(() => expect(form.queryByTestId('connect')).toBeNull());
});

it('tells what removing an account means before it does', async () => {
	const { desk, user } = await openAt('connections?id=shipstation&sheet=remove');
	const dialog = await screen.findByTestId('remove-dialog');
	expect(dialog).toHaveTextContent('12 changes for it have not been sent and will not be.');
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(async () => expect((await desk.connections()).map((each) => each.id)).not.toContain('shipstation'));
});

it('asks for the day of a secret that is replaced, and says which day was taken', async () => {
	const { desk, user } = await openAt('connections?id=shipstation&sheet=rotate', {}, (made) => {
		const { platforms } = made;
		made.platforms = async () => {
			const all = structuredClone(await platforms());
			for (const field of all.flatMap((platform) => platform.ways.flatMap((way) => way.fields)))
				if (field.shape === 'day') field.shape = 'made_on';
			return all;
		};
	});
	const dialog = within(await screen.findByTestId('rotate-dialog'));
	expect(dialog.queryByText(/Without it today is taken/)).toBeNull();
	await user.type(dialog.getByTestId('field-secret'), 'elsewhere');
	expect(await dialog.findByText(/which day is that of the new one\? Without it today is taken\./)).toBeVisible();
	await user.click(dialog.getByTestId('confirm'));
	await waitFor(() => expect(desk.rotated).toHaveLength(1));
	expect(desk.rotated[0]?.fields).toEqual({ secret: 'elsewhere' });
});

it('a hub that shows no links asks in the plan, and says that orders wait', async () => {
	const { desk, user } = await openAt('automations', {}, (made) => {
		const plan = made.plan;
		made.plan = async (...asked: Parameters<typeof plan>) => ({
			...(await plan(...asked)),
			who_writes: [
				{
					store: 'harbour-goods',
					store_name: 'Harbour Goods',
					hub_name: 'Harbour Desk',
					hub_title: 'Orderez',
					links: [],
					sentence: 'Does Harbour Desk already import the orders of Harbour Goods by itself?',
				},
			],
		});
	});
	const card = within(await screen.findByTestId('automation-cancellations'));
	await user.click(card.getByTestId('mode-cancellations-auto'));
	const asked = within(await screen.findByTestId('who-writes'));
	expect(asked.getByText(/Until then its orders wait\./)).toBeVisible();
	await user.click(asked.getByRole('button', { name: 'Orderez writes' }));
	await waitFor(async () =>
		expect((await desk.connections()).find((each) => each.id === 'harbour-goods')?.settings).toMatchObject({
			hub_imports: true,
		}),
	);
});

it('an automation starts to send only after its plan and its go-live line', async () => {
	const { desk, user } = await openAt('automations');
	const card = within(await screen.findByTestId('automation-cancellations'));
	await user.click(card.getByTestId('mode-cancellations-auto'));
	const dialog = await screen.findByTestId('plan-dialog');
	await within(dialog).findByTestId('plan');
	expect(desk.automationList[2]?.mode).toBe('watch');
	await user.click(within(dialog).getByTestId('line-all'));
	expect(dialog).toHaveTextContent('Orders placed before now may already be in somebody’s hands.');
	// The plan is of the line that is chosen, page by page.
	expect(await within(dialog).findByTestId('plan-rest')).toHaveTextContent('The first 14 of 42.');
	await user.click(within(dialog).getByTestId('plan-more'));
	await waitFor(() => expect(within(dialog).getByTestId('plan-rest')).toHaveTextContent('The first 28 of 42.'));
	await user.click(within(dialog).getByTestId('line-now'));
	expect(within(dialog).getByTestId('confirm')).toHaveAttribute('aria-disabled', 'true');
	expect(await within(dialog).findByText(/Of the orders there are now, nothing would be sent/)).toBeVisible();
	await user.click(within(dialog).getByTestId('confirm'));
	await waitFor(() => expect(desk.automationList[2]).toMatchObject({ mode: 'auto', go_live_ms: desk.now() }));
});

it('stops an automation without ceremony', async () => {
	const { desk, user } = await openAt('automations');
	const card = within(await screen.findByTestId('automation-orders_to_hub'));
	await user.click(card.getByTestId('mode-orders_to_hub-watch'));
	await waitFor(() => expect(desk.automationList[0]?.mode).toBe('watch'));
	expect(screen.queryByTestId('plan-dialog')).toBeNull();
});

it('keeps settings as they are changed, and refuses nonsense with a sentence', async () => {
	const { desk, user } = await openAt('settings');
	await screen.findByTestId('field-theme-dark');
	await user.click(screen.getByTestId('field-theme-dark'));
	await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
	expect(desk.saved.theme).toBe('dark');
	const minutes = screen.getByTestId('field-at_risk_min');
	await user.clear(minutes);
	await user.type(minutes, '0{Tab}');
	expect(screen.getByText('A number from 5 to 10080.')).toBeInTheDocument();
	expect(desk.saved.at_risk_min).toBe(180);
	await user.clear(minutes);
	await user.type(minutes, '90{Tab}');
	await waitFor(() => expect(desk.saved.at_risk_min).toBe(90));
});

it('keeps quiet hours and how long things are kept, within what the desk takes', async () => {
	const { desk, user } = await openAt('settings');
	const from = await screen.findByTestId('field-quiet_from');
	await user.clear(from);
	await user.type(from, '21:30');
	await user.tab();
	await waitFor(() => expect(desk.saved.quiet_from_min).toBe(21 * 60 + 30));
	const raw = screen.getByTestId('field-keep_raw_days');
	for (const days of ['1', '6']) {
		await user.clear(raw);
		await user.type(raw, `${days}{Tab}`);
		expect(screen.getByText('A number from 7 to 3650.')).toBeInTheDocument();
	}
	expect(desk.saved.keep_raw_days).toBe(180);
	await user.clear(raw);
	await user.type(raw, '30{Tab}');
	await waitFor(() => expect(desk.saved.keep_raw_days).toBe(30));
});

it('one summary a day is told at a time of day', async () => {
	const { desk, user } = await openAt('settings');
	expect(screen.queryByTestId('field-digest_at')).toBeNull();
	await user.click(await screen.findByTestId('field-digest'));
	const at = await screen.findByTestId('field-digest_at');
	expect(at).toHaveValue('08:00');
	await user.clear(at);
	await user.type(at, '17:30');
	await user.tab();
	await waitFor(() => expect([desk.saved.digest, desk.saved.digest_at_min]).toEqual([true, 17 * 60 + 30]));
});

it('settings of an account: only what was chosen is sent, and a refusal is no success', async () => {
	const { desk, user } = await openAt('connections?id=harbour-goods');
	const cutOff = await screen.findByTestId('field-cut_off');
	const sent: Record<string, unknown>[] = [];
	const put = desk.put_connection_settings;
	desk.put_connection_settings = (_id, settings) => {
		sent.push(settings);
		return Promise.reject({ code: 'input', field: 'cut_off', sentence: '"noon" is not a time of day like 14:00.' });
	};
	await user.type(cutOff, 'noon');
	await user.click(screen.getByTestId('save-settings'));
	expect(await screen.findByText(/not a time of day like 14:00/)).toBeVisible();
	expect(screen.queryByText(/are saved/)).toBeNull();
	expect([cutOff, sent]).toEqual([expect.objectContaining({ value: 'noon' }), [{ cut_off: 'noon' }]]);
	desk.put_connection_settings = put;
	await user.clear(cutOff);
	await user.type(cutOff, '11:00');
	await user.click(screen.getByTestId('save-settings'));
	expect(await screen.findByText('Settings of Harbour Goods are saved.')).toBeVisible();
});

it('how often an account is read is changed per stream', async () => {
	const { desk, user } = await openAt('connections?id=harbour-goods');
	const fields = await screen.findAllByTestId(/^interval-/);
	const asked: unknown[] = [];
	const put = desk.put_stream_interval;
	desk.put_stream_interval = (id, stream, seconds) => {
		asked.push([id, stream, seconds]);
		return put(id, stream, seconds);
	};
	await user.selectOptions(fields[0] as HTMLElement, '600');
	await waitFor(() => expect(asked).toHaveLength(1));
	expect(asked[0]).toEqual(['harbour-goods', expect.any(String), 600]);
});

it('a broken desk says why and offers the ways out there are', async () => {
	await openAt('', { broken: true });
	const page = await screen.findByTestId('broken');
	expect(page).toHaveTextContent('The file with your orders is damaged');
	expect(within(page).getByTestId('way-restore')).toBeInTheDocument();
	expect(within(page).getByTestId('way-start_fresh')).toBeInTheDocument();
});
