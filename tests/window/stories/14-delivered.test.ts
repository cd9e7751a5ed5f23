// Reports go to a program of the merchant's own: the way is set up and tried, a program that is down is told, and once
// it is up again every report of the day is there once.
import { Merchant } from '../desk/merchant.ts';
import { Receiver } from '../desk/receiver.ts';
import { until } from '../desk/until.ts';
import { story } from '../desk/window.ts';

const SECRET = 'signs-what-leaves-here';

story(
	'Reports are delivered to a webhook: tried, refused in words, and there once each',
	async (stage) => {
		const merchant = await Merchant.open(stage.folder(), '--faults', 'none');
		const receiver = await Receiver.open(SECRET);
		try {
			const profile = stage.folder();
			merchant.connectTo(profile);
			const desk = await stage.open({ profile });
			const { person } = desk;
			await desk.isReady();
			await person.sees(/#?10\d\d/, 90_000);

			await desk.goes('reports');
			await person.clicks('Deliver…');
			await desk.shows('deliver-dialog');
			await person.sees('Nothing yet.');
			await person.clicks('Set up Webhook');
			await person.fills('Address', receiver.url, { inside: 'The whole report as signed JSON' });

			// Too short a secret is refused beside its field, and nothing left.
			await person.fills('Signing secret', 'short');
			await person.clicks('Test', { inside: 'The whole report as signed JSON' });
			await person.sees('can be guessed');
			expect(receiver.posted).toEqual([]);

			await person.fills('Signing secret', SECRET);
			await person.clicks('Test', { inside: 'The whole report as signed JSON' });
			await until('the test to arrive', () => receiver.posted.length > 0);
			expect(receiver.posted.map(({ event, status }) => [event, status])).toEqual([['test', 200]]);
			await desk.shows('said-webhook');
			await desk.shot('deliver-tested');
			expect(await desk.accessibilityViolations()).toEqual([]);

			// The program is down: the list says so, in words, and keeps what is to be sent.
			receiver.broken = 503;
			await person.clicks('Send now', { inside: 'The whole report as signed JSON' });
			await person.sees('Not delivered', 60_000);
			await person.sees('503');
			expect(receiver.kept).toEqual([]);
			await desk.shot('deliver-refused');
			expect(await desk.accessibilityViolations()).toEqual([]);
			expect(await desk.misfits()).toEqual([]);

			// Up again. What is sent by hand has the name it had, so that nothing is there twice.
			receiver.broken = undefined;
			await person.clicks('Send now', { inside: 'The whole report as signed JSON' });
			await until('all reports of the day to be taken', () => receiver.kept.length > 0 && everyKeyIsTaken(receiver), {
				within_ms: 60_000,
				otherwise: () => JSON.stringify(receiver.posted),
			});
			await person.sees(/reports? w(as|ere) delivered/, 60_000);
			await person.seesNoMore('Not delivered');
			await desk.shot('deliver-delivered');
			// All of the day, each once, though some were asked for twice.
			expect(receiver.kept.map((one) => one.kind).toSorted()).toEqual([
				'performance',
				'reconciliation',
				'shipping_cost',
				'unfulfilled',
			]);

			// It stays set up, its secret is nowhere on the page, and it ends by one click.
			await person.clicks('Save');
			await person.sees('The ways reports are delivered by are saved.');
			await person.clicks('Deliver…');
			await desk.shows('way-webhook');
			await person.sees('Delivered');
			const page = await desk.session.run<string>(
				`return document.body.innerText + [...document.querySelectorAll('input')].map((field) => field.value).join(' ')`,
			);
			expect(page).toContain(receiver.url);
			expect(page).not.toContain(SECRET);
			await person.clicks('Forget', { inside: 'The whole report as signed JSON' });
			await until('the way to be forgotten', async () => {
				const { kept } = await desk.asks<{ kept: string[] }>('report_ways');
				return !kept.includes('webhook');
			});
		} finally {
			receiver.close();
			merchant.close();
		}
	},
	300_000,
);

/** Whatever was refused before was taken later, under the same key. */
const everyKeyIsTaken = (receiver: Receiver) =>
	receiver.posted
		.filter((one) => one.event === 'report')
		.every((one) => receiver.kept.some((taken) => taken.key === one.key));
