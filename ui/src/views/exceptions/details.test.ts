import { describe, expect, it } from 'vitest';
import { FakeDesk } from '$lib/fake/fake';
import { detailsOf } from './details';

describe('the details of an entry', () => {
	it('end with what has to be typed in elsewhere, where there is something', async () => {
		const page = await new FakeDesk().exceptions({ view: 'needs_me', cause: null, text: '' });
		const entry = page.groups[0]?.entries[0];
		if (!entry) throw new Error('the fake desk has exceptions');
		const plain = detailsOf(entry);
		expect(plain).toContain(`What happened: ${entry.sentence}`);
		expect(detailsOf(entry, 'Cancel the order\nReference: hg:1')).toBe(`${plain}\n\nCancel the order\nReference: hg:1`);
	});
});
