import { expect, it } from 'vitest';
import type { SettingDecl } from '$lib/api/types';
import { expiry } from './expiry';
import { settingFields } from './settings';

const decl = (kind: SettingDecl['kind'], fallback: string): SettingDecl => ({
	name: 'x',
	label: 'X',
	help: '',
	kind,
	default: fallback,
});

it('reads declared defaults and stored values as what they stand for', () => {
	const value = (kind: SettingDecl['kind'], fallback: string, stored?: never | string | number | boolean) =>
		settingFields([decl(kind, fallback)], stored === undefined ? {} : { x: stored })[0]?.value;
	expect(value({ type: 'toggle' }, 'true')).toBe(true);
	expect(value({ type: 'toggle' }, 'true', false)).toBe(false);
	expect(value({ type: 'toggle' }, 'false', 'true')).toBe(true);
	expect(value({ type: 'number' }, '60')).toBe(60);
	expect(value({ type: 'number' }, '60', 7)).toBe(7);
	expect(value({ type: 'number' }, '')).toBe(0);
	expect(value({ type: 'choice', options: [['a', 'A']] }, 'a')).toBe('a');
	expect(settingFields([decl({ type: 'choice', options: [['a', 'A']] }, 'a')], {})[0]).toMatchObject({
		kind: 'choice',
		options: [['a', 'A']],
	});
});

it('warns of credentials that end, louder when nearer', () => {
	const now = new Date(2026, 10, 20, 14).getTime();
	const in_ = (days: number) => now + days * 86_400_000;
	expect(expiry(null, now)).toBeNull();
	expect(expiry(in_(-1), now)).toEqual({ tone: 'danger', words: 'credentials ended' });
	expect(expiry(now + 3_600_000, now)).toEqual({ tone: 'danger', words: 'credentials end today' });
	expect(expiry(in_(1), now)).toEqual({ tone: 'warning', words: 'credentials end in 1 day' });
	expect(expiry(in_(12), now)).toEqual({ tone: 'warning', words: 'credentials end in 12 days' });
	expect(expiry(in_(30), now)?.tone).toBe('neutral');
});
