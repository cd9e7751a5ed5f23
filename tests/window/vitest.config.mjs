// The window's stories run in the interface's own Vitest (`scripts/window-tests`);
// nothing is imported here because this folder has no packages of its own.
export default {
	test: {
		// `make bench` measures with the same hands that test.
		include: [process.env.QUAYSIDE_NUMBERS ? 'numbers/**/*.test.ts' : 'stories/**/*.test.ts'],
		globals: true,
		environment: 'node',
		// One screen, one keyboard: one story at a time.
		fileParallelism: false,
		maxWorkers: 1,
		testTimeout: 120_000,
		hookTimeout: 60_000,
		retry: 0,
		reporters: ['verbose'],
	},
};
