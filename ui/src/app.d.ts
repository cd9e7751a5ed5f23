/** True where the in-memory desk is part of the build (tests, dev server, `--mode fake`). */
declare const __FAKE_DESK__: boolean;
