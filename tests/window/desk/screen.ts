// The screen beneath the page: what only a window manager can do, asking a
// window to close. Speaks just enough X11 for that; no package, no window
// manager on the test's screen.
import { createConnection, type Socket } from 'node:net';
import { until } from './until.ts';

interface Atoms {
	protocols: number;
	deleteWindow: number;
}

/** Clicks the cross of the only window on the screen. */
export async function closesTheWindow(display = process.env['DISPLAY'] ?? ':0'): Promise<void> {
	const x = await Screen.connect(display);
	try {
		const atoms = { protocols: await x.atom('WM_PROTOCOLS'), deleteWindow: await x.atom('WM_DELETE_WINDOW') };
		const window = await until('a window that can be closed', () => x.closable(atoms), { within_ms: 5_000 });
		await x.askToClose(window, atoms);
	} finally {
		x.end();
	}
}

/** How many windows a person can see. */
export async function windowsOnScreen(display = process.env['DISPLAY'] ?? ':0'): Promise<number> {
	const x = await Screen.connect(display);
	try {
		const atoms = { protocols: await x.atom('WM_PROTOCOLS'), deleteWindow: await x.atom('WM_DELETE_WINDOW') };
		return (await x.allClosable(atoms)).length;
	} finally {
		x.end();
	}
}

class Screen {
	private root = 0;
	private received = Buffer.alloc(0);
	private arrived: (() => void) | undefined;

	private constructor(private readonly socket: Socket) {
		socket.on('data', (chunk: Buffer) => {
			this.received = Buffer.concat([this.received, chunk]);
			this.arrived?.();
		});
	}

	static async connect(display: string): Promise<Screen> {
		const number = /:(\d+)/.exec(display)?.[1];
		const socket = createConnection(`/tmp/.X11-unix/X${number}`);
		const screen = new Screen(socket);
		// Little-endian, protocol 11.0, no authorisation: the test's own screen asks for none.
		socket.write(Buffer.from([0x6c, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
		const head = await screen.take(8);
		if (head[0] !== 1) throw new Error(`The screen ${display} refuses connections.`);
		const setup = await screen.take(head.readUInt16LE(6) * 4);
		const vendor = setup.readUInt16LE(16);
		const formats = setup[21] ?? 0;
		screen.root = setup.readUInt32LE(32 + Math.ceil(vendor / 4) * 4 + formats * 8);
		return screen;
	}

	end(): void {
		this.socket.destroy();
	}

	async atom(name: string): Promise<number> {
		const text = Buffer.from(name.padEnd(Math.ceil(name.length / 4) * 4, '\0'), 'latin1');
		const head = Buffer.from([16, 0, 0, 0, 0, 0, 0, 0]);
		head.writeUInt16LE(2 + text.length / 4, 2);
		head.writeUInt16LE(name.length, 4);
		return (await this.ask(Buffer.concat([head, text]))).readUInt32LE(8);
	}

	async closable(atoms: Atoms): Promise<number | undefined> {
		return (await this.allClosable(atoms))[0];
	}

	/** Visible windows right under the root that understand being asked to close. */
	async allClosable({ protocols, deleteWindow }: Atoms): Promise<number[]> {
		const tree = await this.ask(request(15, 0, this.root));
		const count = tree.readUInt16LE(16);
		const found: number[] = [];
		for (let i = 0; i < count; i++) {
			const window = tree.readUInt32LE(32 + i * 4);
			const attributes = await this.ask(request(3, 0, window)).catch(() => undefined);
			if (attributes?.[26] !== 2) continue; // not viewable
			const property = await this.ask(request(20, 0, window, protocols, 4, 0, 32)).catch(() => undefined);
			const length = property?.readUInt32LE(16) ?? 0;
			const values = Array.from({ length }, (_, n) => property?.readUInt32LE(32 + n * 4));
			if (values.includes(deleteWindow)) found.push(window);
		}
		return found;
	}

	async askToClose(window: number, { protocols, deleteWindow }: Atoms): Promise<void> {
		const event = Buffer.alloc(32);
		event[0] = 33; // ClientMessage
		event[1] = 32; // of 32-bit values
		event.writeUInt32LE(window, 4);
		event.writeUInt32LE(protocols, 8);
		event.writeUInt32LE(deleteWindow, 12);
		const head = request(25, 0, window, 0);
		head.writeUInt16LE(11, 2);
		this.socket.write(Buffer.concat([head, event]));
		// A question after it: once that is answered, the message was delivered.
		await this.atom('WM_PROTOCOLS');
	}

	private async ask(message: Buffer): Promise<Buffer> {
		this.socket.write(message);
		for (;;) {
			const head = await this.take(32);
			if (head[0] === 0) throw new Error(`The screen refused a request: error ${head[1]}`);
			if (head[0] !== 1) continue; // an event nobody asked for
			const more = head.readUInt32LE(4) * 4;
			return more === 0 ? head : Buffer.concat([head, await this.take(more)]);
		}
	}

	private async take(bytes: number): Promise<Buffer> {
		while (this.received.length < bytes) {
			await new Promise<void>((arrived, failed) => {
				const patience = setTimeout(() => failed(new Error('The screen does not answer.')), 5_000);
				this.arrived = () => {
					clearTimeout(patience);
					arrived();
				};
			});
		}
		const taken = this.received.subarray(0, bytes);
		this.received = this.received.subarray(bytes);
		return taken;
	}
}

/** A request of whole 32-bit values: opcode, one byte of detail, length, values. */
function request(opcode: number, detail: number, ...values: number[]): Buffer {
	const message = Buffer.alloc(4 + values.length * 4);
	message[0] = opcode;
	message[1] = detail;
	message.writeUInt16LE(1 + values.length, 2);
	values.forEach((value, i) => message.writeUInt32LE(value, 4 + i * 4));
	return message;
}
