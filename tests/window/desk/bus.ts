// What the notification service was asked to show, read from the session bus
// itself: proof that a notification left the program, whoever draws it.
import { spawn, type ChildProcess } from 'node:child_process';
import { until } from './until.ts';

export interface Notification {
	app: string;
	/** Number of the notification it replaces on the screen; 0 is a new one. */
	replaces: number;
	title: string;
	body: string;
	/** Ids of its buttons; `default` is a click on it. */
	actions: string[];
}

/** Listens on the bus from `start` until `stop`. */
export class NotificationBus {
	readonly heard: Notification[] = [];
	private text = '';
	private constructor(private readonly monitor: ChildProcess) {
		monitor.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
			this.text += chunk;
			this.read();
		});
	}

	static async start(): Promise<NotificationBus> {
		const rule = "interface='org.freedesktop.Notifications',member='Notify',type='method_call'";
		const monitor = spawn('dbus-monitor', ['--session', rule], { stdio: ['ignore', 'pipe', 'inherit'] });
		const bus = new NotificationBus(monitor);
		// It greets with signals about its own name; from then on nothing is missed.
		await until('the bus monitor listens', () => bus.text.length > 0 || undefined);
		return bus;
	}

	stop(): void {
		this.monitor.kill();
	}

	/** The first notification, from now or earlier, whose title or body fits. */
	hears(pattern: RegExp, within_ms = 60_000): Promise<Notification> {
		return until(
			`a notification like ${pattern}`,
			() => this.heard.find((n) => pattern.test(n.title) || pattern.test(n.body)),
			{ within_ms, otherwise: () => `heard: ${JSON.stringify(this.heard)}` },
		);
	}

	/** `dbus-monitor` prints one argument a line; a call ends where the next message begins. */
	private read(): void {
		const messages = this.text.split(/^(?=method call|signal|method return|error)/m);
		this.text = messages.pop() ?? '';
		// The last message is complete once its last argument (the timeout, an int32 after the hints) is there.
		if (/^method call[\s\S]*\n {3}\]\n {3}int32 -?\d+\n$/.test(this.text)) {
			messages.push(this.text);
			this.text = ' ';
		}
		for (const message of messages) {
			const call = parse(message);
			if (call) this.heard.push(call);
		}
	}
}

/** A `Notify` call as `dbus-monitor` prints it: app, replaces, icon, title, body, actions, hints, timeout. */
export function parse(message: string): Notification | undefined {
	if (!message.startsWith('method call') || !message.includes('member=Notify\n')) return undefined;
	const strings = [...message.matchAll(/^ {3}string "((?:.|\n)*?)"\n(?= {3}\S)/gm)].map((m) => m[1] ?? '');
	const replaces = Number(/^ {3}uint32 (\d+)/m.exec(message)?.[1] ?? 0);
	const list = /^ {3}array \[\n((?: {6}string ".*"\n)*) {3}\]/m.exec(message)?.[1] ?? '';
	const actions = [...list.matchAll(/string "(.*)"/g)].map((m) => m[1] ?? '').filter((_, i) => i % 2 === 0);
	const [app = '', , title = '', body = ''] = strings;
	return { app, replaces, title, body, actions };
}
