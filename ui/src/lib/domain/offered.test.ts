import { expect, it } from 'vitest';
import { offeredViews, type Player } from './offered.svelte';

const account = (name: string, ...roles: string[]): Player => ({ name, roles });
const texts = (...accounts: Player[]) => offeredViews(accounts).map((each) => each.text);

it.each<[string, Player[], string[]]>([
	['nothing connected', [], ['is:vip']],
	['one of each: no choice, no view', [account('Goods', 'channel'), account('Ship', 'hub')], ['is:vip']],
	[
		'two stores',
		[account('Outlet', 'channel'), account('Harbour Goods', 'channel'), account('Ship', 'hub')],
		['is:vip', 'store:"Harbour Goods"', 'store:Outlet'],
	],
	[
		'two hubs, one of which sells as well',
		[account('South', 'hub'), account('North', 'channel', 'hub')],
		['is:vip', 'hub:North', 'hub:South'],
	],
	['two accounts of one name are one choice', [account('Goods', 'channel'), account('Goods', 'channel')], ['is:vip']],
])('offers views: %s', (_, accounts, expected) => expect(texts(...accounts)).toEqual(expected));

it.each<[string, string[], string[]]>([
	['nobody says where', [], []],
	['one place is no choice', ['Leipzig'], []],
	['two places', ['Quay 3', 'Leipzig'], ['Packed at Leipzig warehouse:Leipzig', 'Packed at Quay 3 warehouse:"Quay 3"']],
])('offers views per warehouse: %s', (_, places, expected) => {
	const offered = offeredViews([], places).filter((each) => each.text !== 'is:vip');
	expect(offered.map((each) => `${each.label} ${each.text}`)).toEqual(expected);
});
