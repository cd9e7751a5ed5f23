import { expect, it } from 'vitest';
import { causeFirst } from './words';

it.each([
	['#1103 cannot be sent: the address has no street. Complete it.', 'The address has no street. Complete it.'],
	['#1103 waits: SKU A-1 is unknown. Map it once.', 'SKU A-1 is unknown. Map it once.'],
	['#1103: the line "Lamp" has no SKU.', 'The line "Lamp" has no SKU.'],
	['#1103 has no address Quayside may see.', 'Has no address Quayside may see.'],
	['#1103 was cancelled at ShipStation.', 'Was cancelled at ShipStation.'],
	// Without the number these would say something else, or nothing.
	['#1103 at Shopify and #88 are one sale.', '#1103 at Shopify and #88 are one sale.'],
	['#11034 has no address.', '#11034 has no address.'],
	['In ShipStation since {since}', 'In ShipStation since {since}'],
	['SKU A-1 is unknown to ShipStation', 'SKU A-1 is unknown to ShipStation'],
	['#1103', '#1103'],
	['', ''],
])('%s', (sentence, shown) => {
	expect(causeFirst(sentence, '#1103')).toBe(shown);
});
