// Labels on paper: opened to be printed, or written into a folder. Shared by one label and by many.
import { asTrouble, desk } from '$lib/api/desk';
import type { LabelForm, LabelPick, LabelsSaved, Trouble } from '$lib/api/types';

export const FORMS: { value: LabelForm; label: string; title: string }[] = [
	{ value: 'pdf', label: 'PDF', title: 'For any printer' },
	{ value: 'zpl', label: 'ZPL', title: 'For label printers' },
	{ value: 'png', label: 'PNG', title: 'A picture' },
];

export class Paper {
	/** What is under way. */
	doing = $state<'print' | 'save' | null>(null);
	trouble = $state.raw<Trouble | null>(null);
	saved = $state.raw<LabelsSaved | null>(null);
	/** They were opened rather than kept. */
	opened = $state(false);
	form = $state<LabelForm>('pdf');

	/** Opens them in the system's viewer. */
	print(picks: LabelPick[]): Promise<void> {
		return this.#run('print', () => desk().open_labels(picks));
	}

	/** Asks for a folder and writes them there. */
	async save(picks: LabelPick[]): Promise<void> {
		await this.#run('save', async () => {
			const folder = await desk().pick_file('folder', '');
			return folder === null ? null : desk().save_labels(picks, this.form, folder);
		});
	}

	async #run(doing: 'print' | 'save', work: () => Promise<LabelsSaved | null>): Promise<void> {
		if (this.doing !== null) return;
		this.doing = doing;
		this.trouble = null;
		try {
			const saved = await work();
			if (saved !== null) {
				this.saved = saved;
				this.opened = doing === 'print';
			}
		} catch (thrown) {
			this.trouble = asTrouble(thrown);
		}
		this.doing = null;
	}
}
