// The window's stories run in the interface's own Vitest (`scripts/window-tests`);
// nothing is imported here because this folder has no packages of its own.
export default {
	test: {
		include: ['stories/**/*.test.ts'],
		globals: true,
		environment: 'node',
		// One screen, one keyboard: one story at a time, in the order of their names.
		fileParallelism: false,
		maxWorkers: 1,
		sequence: { shuffle: false },
		testTimeout: 120_000,
		hookTimeout: 60_000,
		retry: 0,
		reporters: ['verbose'],
	},
};
