// A sentence of the desk in a row of the queue. Pure.

/** What may follow the number and says nothing that the row does not say. */
const LEADS = [' cannot be sent: ', ' waits: ', ': '];
/** What can begin a sentence that is about the order of the row. */
const VERBS = /^ (has|was|is|differs|should|must) /;

/** The number stands in the row already: the sentence begins with the cause, before it is cut. */
export function causeFirst(sentence: string, number: string): string {
	if (!sentence.startsWith(number)) return sentence;
	const rest = sentence.slice(number.length);
	const lead = LEADS.find((each) => rest.startsWith(each)) ?? (VERBS.test(rest) ? ' ' : null);
	if (lead === null) return sentence;
	const cause = rest.slice(lead.length);
	return cause.charAt(0).toUpperCase() + cause.slice(1);
}
