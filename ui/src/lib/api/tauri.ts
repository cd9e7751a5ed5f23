// The real desk: every function is one command of the shell. With `door.ts` and `desk.ts`
// the only place that knows there is a shell at all.
import { invoke } from '@tauri-apps/api/core';
import { listen as subscribe } from '@tauri-apps/api/event';
import { getCurrentWebview } from '@tauri-apps/api/webview';
import { open, save } from '@tauri-apps/plugin-dialog';
import type { Desk, DeskEvents } from './door';

export const tauriDesk: Desk = {
	now: () => Date.now(),
	desk_state: () => invoke('desk_state'),
	open_fresh: () => invoke('open_fresh'),
	try_again: () => invoke('try_again'),
	counts: () => invoke('counts'),
	home: () => invoke('home'),
	queue: (ask) => invoke('queue', { ask }),
	order: (id) => invoke('order', { id }),
	raw_answer: (connection, kind, remoteId) => invoke('raw_answer', { connection, kind, remoteId }),
	unfulfilled: () => invoke('unfulfilled'),
	exceptions: (ask) => invoke('exceptions', { ask }),
	shipments: (text, before, limit) => invoke('shipments', { text, before, limit }),
	act: (act) => invoke('act', { act }),
	undo: (token) => invoke('undo', { token }),
	activity: () => invoke('activity'),
	effects: (ask) => invoke('effects', { ask }),
	history: (ask) => invoke('history', { ask }),
	sync_now: (scope) => invoke('sync_now', { scope }),
	cancel_job: (job) => invoke('cancel_job', { job }),
	platforms: () => invoke('platforms'),
	connections: () => invoke('connections'),
	test_connection: (draft) => invoke('test_connection', { draft }),
	test_saved: (id) => invoke('test_saved', { id }),
	connect: (draft) => invoke('connect', { draft }),
	rotate: (id, fields) => invoke('rotate', { id, fields }),
	rename_connection: (id, name) => invoke('rename_connection', { id, name }),
	pause_connection: (id, paused) => invoke('pause_connection', { id, paused }),
	remove_connection: (id) => invoke('remove_connection', { id }),
	put_connection_settings: (id, settings) => invoke('put_connection_settings', { id, settings }),
	put_stream_interval: (id, stream, intervalS) => invoke('put_stream_interval', { id, stream, intervalS }),
	automations: () => invoke('automations'),
	put_automation: (id, mode, settings) => invoke('put_automation', { id, mode, settings }),
	go_live: (id, mode, fromMs) => invoke('go_live', { id, mode, fromMs }),
	plan: (automation) => invoke('plan', { automation }),
	settings: () => invoke('settings'),
	put_settings: (settings) => invoke('put_settings', { settings }),
	backup: (path, passPhrase) => invoke('backup', { path, passPhrase }),
	restore: (path, passPhrase) => invoke('restore', { path, passPhrase }),
	doctor: () => invoke('doctor'),
	start_sandbox: () => invoke('start_sandbox'),
	leave_sandbox: () => invoke('leave_sandbox'),
	open_link: (url) => invoke('open_link', { url }),
	pick_file: async (kind, suggested) => {
		const filters = [{ name: 'Quayside backup', extensions: ['quayside-backup'] }];
		if (kind === 'save') return await save({ defaultPath: suggested, filters });
		return await open({ multiple: false, directory: false, filters });
	},
	set_zoom: (factor) => getCurrentWebview().setZoom(factor),
	listen: (events: DeskEvents) => {
		// Subscribing is asynchronous; leaving before it is done must still leave.
		const leaving = Object.entries(events).map(([name, heard]) =>
			subscribe(name, (event) => (heard as (payload: unknown) => void)(event.payload)),
		);
		return () => leaving.forEach((left) => void left.then((leave) => leave()));
	},
};
