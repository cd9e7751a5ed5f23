// Views nobody has made yet and many want: important buyers, one store, one shipping account, one
// warehouse. Stores, hubs and warehouses are offered where there are two to choose from. Choosing one only writes its filter, so
// that it can be saved, named and shared like any other.
import { desk } from '$lib/api/desk';
import { token } from './filter';
import { Live } from './live.svelte';

/** An account and the parts it plays. */
export interface Player {
	name: string;
	roles: readonly string[];
}

export interface Offered {
	label: string;
	icon: string;
	text: string;
}

/** Names of accounts that play a part, each once, as people sort them. */
function named(accounts: readonly Player[], role: string): string[] {
	const names = accounts.filter((each) => each.roles.includes(role)).map((each) => each.name);
	return [...new Set(names)].sort((a, b) => a.localeCompare(b));
}

/** `places` are where open orders are packed. */
export function offeredViews(accounts: readonly Player[], places: readonly string[] = []): Offered[] {
	// One account may be both: its two views need two names.
	const one = (key: string, icon: string, before: string, names: string[]): Offered[] =>
		names.length < 2 ? [] : names.map((name) => ({ label: before + name, icon, text: token(key, name) }));
	return [
		{ label: 'Important buyers (VIP)', icon: 'person', text: 'is:vip' },
		...one('store', 'tag', 'In ', named(accounts, 'channel')),
		...one('hub', 'truck', 'Sent to ', named(accounts, 'hub')),
		...one(
			'warehouse',
			'pin',
			'Packed at ',
			[...places].sort((a, b) => a.localeCompare(b)),
		),
	];
}

/** A platform declares its parts; its accounts play them. */
async function played(): Promise<Played> {
	const [connections, platforms, places] = await Promise.all([
		desk().connections(),
		desk().platforms(),
		// Without them everything else is offered all the same.
		desk()
			.filter_values('warehouse', '')
			.catch(() => []),
	]);
	const players = connections.map(({ name, platform }) => {
		return { name, roles: platforms.find((each) => each.platform === platform)?.roles ?? [] };
	});
	return { players, places: places.map((each) => each.value) };
}

interface Played {
	players: Player[];
	places: string[];
}

class Accounts {
	#live = new Live<Played>('accounts-of-filters', played, ['connections']);

	/** For an `$effect`; gives how to stop. */
	start(): () => void {
		return this.#live.start();
	}
	get views(): Offered[] {
		return offeredViews(this.#live.value?.players ?? [], this.#live.value?.places);
	}
	/** Values the filter completes. */
	get known(): Record<'store' | 'hub', string[]> {
		const accounts = this.#live.value?.players ?? [];
		return { store: named(accounts, 'channel'), hub: named(accounts, 'hub') };
	}
}

export const accounts = new Accounts();
