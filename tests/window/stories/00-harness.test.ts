// The harness's own ear: a deaf listener would make every story about notifications pass or fail by luck.
import { parse } from '../desk/bus.ts';
import { story } from '../desk/window.ts';
import { spawnSync } from 'node:child_process';

story('The bus listener hears what was really sent', async (stage) => {
	const bus = await stage.notifications();
	const gdbus = 'call --session --dest org.freedesktop.Notifications --object-path /org/freedesktop/Notifications';
	const method = '--method org.freedesktop.Notifications.Notify --';
	const notify = (replaces: number, title: string, body: string) =>
		spawnSync('gdbus', [
			...`${gdbus} ${method}`.split(' '),
			...['Quayside', `${replaces}`, '', JSON.stringify(title), JSON.stringify(body)],
			...['["default", "Open", "later", "Later"]', '{"urgency": <byte 1>}', '-1'],
		]);
	expect(notify(0, 'First "quoted"', 'one line\nand another').status).toBe(0);
	expect(notify(7, '40 orders need you', 'Ørsted & Söhne').status).toBe(0);

	expect(await bus.hears(/40 orders/, 5_000)).toEqual({
		app: 'Quayside',
		replaces: 7,
		title: '40 orders need you',
		body: 'Ørsted & Söhne',
		actions: ['default', 'later'],
	});
	expect(await bus.hears(/First/, 5_000)).toMatchObject({ title: 'First "quoted"', body: 'one line\nand another' });
	expect(bus.heard).toHaveLength(2);
});

test('Other traffic on the bus is not taken for a notification', () => {
	expect(parse('signal time=1 sender=:1.1 path=/x; interface=a; member=Notify\n')).toBeUndefined();
	expect(parse('method call time=1 path=/x; interface=a; member=CloseNotification\n   uint32 7\n')).toBeUndefined();
});
