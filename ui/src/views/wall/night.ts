// When a screen on the wall dims: in the quiet hours people set for notifications. Pure.
import type { Settings } from '$lib/api/types';

export function isNight(now: number, settings: Pick<Settings, 'quiet_from_min' | 'quiet_to_min'>): boolean {
	const { quiet_from_min: from, quiet_to_min: to } = settings;
	if (from === to) return false;
	const date = new Date(now);
	const minute = date.getHours() * 60 + date.getMinutes();
	return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
