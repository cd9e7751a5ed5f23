import { expect, it } from 'vitest';
import type { Expiry, SettingDecl } from '$lib/api/types';
import { expiry } from './expiry';
import { settingFields, writerField } from './settings';

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

it('says when credentials end as loud as the desk finds it', () => {
	const now = new Date(2026, 10, 20, 14).getTime();
	const end = (days: number, nearness: Expiry['nearness'], tone: Expiry['tone']): Expiry => ({
		at_ms: now + days * 86_400_000,
		days,
		nearness,
		tone,
	});
	expect(expiry(null, now)).toBeNull();
	expect(expiry(end(0, 'over', 'danger'), now)).toEqual({ tone: 'danger', words: 'credentials ended' });
	expect(expiry(end(0, 'urgent', 'danger'), now)).toEqual({ tone: 'danger', words: 'credentials end within a day' });
	expect(expiry(end(1, 'urgent', 'danger'), now)).toEqual({ tone: 'danger', words: 'credentials end in 1 day' });
	expect(expiry(end(12, 'soon', 'warning'), now)).toEqual({ tone: 'warning', words: 'credentials end in 12 days' });
	expect(expiry(end(90, 'fine', 'neutral'), now)?.tone).toBe('neutral');
});

it('counts no answer while it is asked who writes', () => {
	const shown = (value: boolean | undefined, question: string | null) => {
		const field = writerField(value, question);
		return { value: field.value, help: field.help.slice(0, 5) };
	};
	expect(shown(undefined, null)).toEqual({ value: '', help: 'If th' });
	expect(shown(true, null).value).toBe('true');
	expect(shown(false, null).value).toBe('false');
	expect(shown(false, 'Who writes?')).toEqual({ value: '', help: 'Who w' });
});
