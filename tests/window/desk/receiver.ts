// A program of the merchant's own that takes reports: the other end of a webhook, on this computer. It believes nothing
// that is not signed, and takes a key once.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';

export interface Posted {
	key: string;
	event: string;
	/** Kind of the report; empty for a test. */
	kind: string;
	day: string;
	/** What it was answered with. */
	status: number;
}

export class Receiver {
	/** Every request, in order. */
	readonly posted: Posted[] = [];
	/** What it answers with, if it is not to take anything. */
	broken: number | undefined;

	private constructor(
		private readonly server: Server,
		readonly url: string,
	) {}

	static open(secret: string): Promise<Receiver> {
		return new Promise((opened, failed) => {
			const server = createServer((request, answer) => {
				const parts: Buffer[] = [];
				request.on('data', (part: Buffer) => parts.push(part));
				request.on('end', () => {
					const body = Buffer.concat(parts);
					answer.writeHead(receiver.takes(request.headers, body, secret)).end();
				});
			}).once('error', failed);
			let receiver: Receiver;
			server.listen(0, '127.0.0.1', () => {
				const address = server.address();
				const port = typeof address === 'object' && address ? address.port : 0;
				receiver = new Receiver(server, `http://127.0.0.1:${port}/reports`);
				opened(receiver);
			});
		});
	}

	/** Reports it took, each once. */
	get kept(): Posted[] {
		const taken = this.posted.filter((one) => one.status === 200 && one.event === 'report');
		return taken.filter((one, at) => taken.findIndex((other) => other.key === one.key) === at);
	}

	close(): void {
		this.server.close();
		this.server.closeAllConnections();
	}

	private takes(headers: IncomingHttpHeaders, body: Buffer, secret: string): number {
		const at = String(headers['x-quayside-timestamp'] ?? '');
		const due = Buffer.from(`sha256=${createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex')}`);
		const signed = Buffer.from(String(headers['x-quayside-signature'] ?? ''));
		const genuine = due.length === signed.length && timingSafeEqual(due, signed);
		const fresh = Math.abs(Date.now() / 1000 - Number(at)) < 300;
		const status = !genuine || !fresh ? 401 : (this.broken ?? 200);
		const said = JSON.parse(body.toString()) as { event: string; day?: string; report?: { kind: string } };
		const key = String(headers['idempotency-key'] ?? '');
		this.posted.push({ key, event: said.event, kind: said.report?.kind ?? '', day: said.day ?? '', status });
		return status;
	}
}
