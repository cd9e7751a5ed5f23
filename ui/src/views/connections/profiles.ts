// Accounts whose API is described by a profile. A platform says so by a field of that shape in one of its ways to
// sign in; nothing here knows which platforms those are.
import type { CredentialField, Declaration, Way } from '$lib/api/types';

/** The way of a platform in which a person brings a profile, and its field. */
export function ownProfile(ways: readonly Way[]): { way: Way; field: CredentialField } | null {
	for (const way of ways) {
		const field = way.fields.find((each) => each.shape === 'profile');
		if (field) return { way, field };
	}
	return null;
}

/** Whether accounts of a platform are worked by a profile. */
export function byProfile(platform: Declaration | null): boolean {
	return platform !== null && ownProfile(platform.ways) !== null;
}
