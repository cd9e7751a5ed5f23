// Where a running job is shown: beside "Sync now" where a screen has that button, else in the foot.

class Jobs {
	/** How many places on this screen show the job themselves. */
	places = $state(0);

	/** A place begins to show it; returns how to stop. */
	show(): () => void {
		this.places += 1;
		return () => (this.places -= 1);
	}
}

export const jobs = new Jobs();
