// A saved view as one line of text, to paste into a chat or a note and back:
//   view "EU express" in:open sort:-value by:store filter: country:DE service:express
// Pure. Only the name is needed; everything else has a usual value.
import type { SavedView } from '$lib/api/types';

const VIEWS = ['open', 'today', 'at_risk', 'late', 'held', 'unpaid', 'to_send', 'packing', 'asked', 'shipped', 'all'];
const SORTS = ['ship_by', 'placed', 'value', 'units', 'number', 'customer', 'store', 'country', 'stage', 'waits'];
export const GROUPS = ['store', 'stage', 'waits', 'country', 'due'];

export function viewToText(view: Omit<SavedView, 'id'>): string {
	const parts = [`view "${view.label.replaceAll('"', '”')}"`, `in:${view.view}`];
	if (view.sort !== '') parts.push(`sort:${view.descending ? '-' : ''}${view.sort}`);
	if (view.group !== '') parts.push(`by:${view.group}`);
	if (view.text !== '') parts.push(`filter: ${view.text}`);
	return parts.join(' ');
}

/** The view in a text, or a sentence about what does not work. */
export function textToView(text: string): Omit<SavedView, 'id'> | string {
	const line = text.replace(/\s+/g, ' ').trim();
	const whole = /^view\s*["“”„]([^"“”„]+)["“”„](.*)$/i.exec(line);
	if (!whole) return 'This is not a view. A view begins with: view "Name"';
	const [, label = '', rest = ''] = whole;
	const at = rest.search(/\sfilter:/i);
	const head = at < 0 ? rest : rest.slice(0, at);
	const filter = at < 0 ? '' : rest.slice(at).replace(/^\sfilter:\s*/i, '');
	const found = { label: label.trim(), view: 'open', text: filter.trim(), sort: '', descending: false, group: '' };
	for (const part of head.split(' ').filter(Boolean)) {
		const [key = '', value = ''] = part.split(':', 2);
		const name = value.replace(/^-/, '');
		if (key === 'in' && VIEWS.includes(value)) found.view = value;
		else if (key === 'sort' && SORTS.includes(name)) {
			found.sort = name;
			found.descending = value.startsWith('-');
		} else if (key === 'by' && GROUPS.includes(value)) found.group = value;
		else return `“${part}” is not understood here. After the name come in:, sort:, by: and filter:.`;
	}
	return found;
}
