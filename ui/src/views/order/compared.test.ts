import { expect, it } from 'vitest';
import type { BothSidesLine, OrderDetail, Stage } from '$lib/api/types';
import { compared, isUnread } from './compared';

const line = (at_hub: number | null, no_shipping = false) => ({ at_hub, no_shipping, ordered: 1 }) as BothSidesLine;
const order = (stage: Stage, lines: BothSidesLine[], hub = 'ShipStation') =>
	({ platform: 'Shopify', hub, lines, row: { stage } }) as unknown as OrderDetail;

it.each<[string, OrderDetail, boolean, string, boolean]>([
	['read', order('packing', [line(1)]), true, 'Nothing differs between Shopify and ShipStation.', false],
	['read in part', order('packing', [line(1), line(null)]), true, 'Nothing differs', false],
	['there, unread', order('packing', [line(null)]), false, 'What ShipStation has was not read yet', true],
	['left, unread', order('telling', [line(null)]), false, 'was not read yet', true],
	['on its way', order('sending', [line(null)]), false, 'It is on its way to ShipStation', false],
	['not sent', order('to_send', [line(null)]), false, 'It is not in ShipStation yet', false],
	['held before', order('held', [line(null)]), false, 'It is not in ShipStation yet', false],
	['without a hub', order('unpaid', [line(null)], ''), false, 'It is not in the hub yet', false],
	['left elsewhere', order('shipped', [line(null)], ''), false, 'The hub shows no copy of it', false],
	['cancelled', order('cancelled', [line(null)]), false, 'It is not in ShipStation, so', false],
	['no carrier', order('to_send', [line(null, true)]), false, 'Nothing of it needs a carrier', false],
	['no lines', order('to_send', []), false, 'It is not in ShipStation yet', false],
])('says what was compared: %s', (_, detail, same, sentence, unread) => {
	const said = compared(detail);
	expect(said.same).toBe(same);
	expect(said.sentence).toContain(sentence);
	expect(isUnread(detail)).toBe(unread);
});
