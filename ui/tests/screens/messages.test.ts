import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { openAt } from './desk';

it('shows what would be said on a real order while it is typed, and keeps it only when told', async () => {
	const { desk, user } = await openAt('automations?tab=messages');
	const lost = within(await screen.findByTestId('message-lost'));
	const subject = lost.getByTestId('message-subject-field');
	expect(subject).toHaveValue('A parcel is lost ({{ number }})');
	await user.clear(subject);
	await user.type(subject, 'Lost: {{{{ number }}');
	await user.click(lost.getByTestId('message-preview'));
	const dialog = within(await screen.findByTestId('message-dialog'));
	expect(await dialog.findByTestId('message-subject')).toHaveTextContent('Lost: #1042');
	expect(dialog.getByTestId('message-body')).toHaveTextContent('Hello Anna Larsen,');
	await user.click(dialog.getByTestId('cancel'));
	const kept = async () => (await desk.buyer_messages()).messages.find((one) => one.happening === 'lost')?.text.subject;
	expect(await kept()).toBe('A parcel is lost ({{ number }})');
	await user.click(screen.getByTestId('messages-save'));
	await waitFor(async () => expect(await kept()).toBe('Lost: {{ number }}'));
	expect(await screen.findByTestId('toast')).toHaveTextContent('The messages are kept.');
	await user.click(lost.getByTestId('message-usual'));
	expect(subject).toHaveValue('A parcel is lost ({{ number }})');
});

it('says what is wrong with a text and keeps what was typed', async () => {
	const { user } = await openAt('automations?tab=messages');
	const late = within(await screen.findByTestId('message-late'));
	await user.type(late.getByTestId('message-body-field'), '{{{{ custmer }}');
	await user.click(screen.getByTestId('messages-save'));
	expect(await screen.findByRole('alert')).toHaveTextContent('Did you mean "customer"?');
	expect((late.getByTestId('message-body-field') as HTMLTextAreaElement).value).toContain('{{ custmer }}');
	await user.click(screen.getByTestId('messages-undo'));
	await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
	expect((late.getByTestId('message-body-field') as HTMLTextAreaElement).value).not.toContain('custmer');
});

it('says by whom messages leave, who is not written to, and how far it goes by itself', async () => {
	await openAt('automations?tab=messages');
	expect(await screen.findByTestId('messages-by')).toHaveTextContent('there is no mail account');
	expect(screen.getByTestId('messages')).toHaveTextContent('Marketplace: buyers are not written to.');
	expect(screen.getByTestId('owner')).toHaveTextContent('Buyers are told: Ask. Each message waits for your click');
});

it('the card of the automation leads to its messages', async () => {
	const { user } = await openAt('automations');
	await user.click(await screen.findByTestId('edit-tell_buyer'));
	await user.click(await screen.findByText('What a message may name'));
	await user.click(screen.getByRole('button', { name: /tracking_link/ }));
	const first = within(screen.getByTestId('message-late')).getByTestId('message-body-field') as HTMLTextAreaElement;
	expect(first.value.endsWith('{{ tracking_link }}')).toBe(true);
});

it('a name goes where the caret was, and the caret behind it', async () => {
	const { user } = await openAt('automations?tab=messages');
	const body = within(await screen.findByTestId('message-late')).getByTestId(
		'message-body-field',
	) as HTMLTextAreaElement;
	await user.clear(body);
	await user.type(body, 'Order  is late.');
	body.setSelectionRange(6, 6);
	await user.click(screen.getByText('What a message may name'));
	await user.click(screen.getByRole('button', { name: /\{\{ number \}\}/ }));
	await waitFor(() => expect(body).toHaveValue('Order {{ number }} is late.'));
	expect(body).toHaveFocus();
	expect(body.selectionStart).toBe('Order {{ number }}'.length);
});
