// Somebody outside: a server on this computer that counts whoever comes, whatever they want.
import { createServer, type Server } from 'node:http';

export class Spy {
	/** What was asked for, `GET /img`. */
	readonly hits: string[] = [];
	private constructor(private readonly server: Server) {}

	/** Opens it, and makes sure that it sees whoever comes. */
	static async open(): Promise<Spy> {
		const server = createServer();
		const spy = new Spy(server);
		server.on('request', (asked, answer) => {
			spy.hits.push(`${asked.method} ${asked.url}`);
			answer.setHeader('access-control-allow-origin', '*').end('here');
		});
		server.on('upgrade', (asked, socket) => {
			spy.hits.push(`${asked.method} ${asked.url}`);
			socket.destroy();
		});
		await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
		await fetch(`${spy.url}/seen`);
		if (spy.hits.pop() !== 'GET /seen') throw new Error('The spy sees nothing.');
		return spy;
	}

	get url(): string {
		const address = this.server.address();
		return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
	}

	close(): void {
		this.server.closeAllConnections();
		this.server.close();
	}
}
