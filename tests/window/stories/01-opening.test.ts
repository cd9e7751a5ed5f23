// The window comes up at once, says where it is, and ends cleanly.
import { story } from '../desk/window.ts';

story('The window opens and shows the places of the desk', async (stage) => {
	const desk = await stage.open({ sandbox: true });
	const { person } = desk;

	expect(await desk.session.title()).toContain('Quayside');
	for (const place of ['Home', 'Queue', 'Exceptions', 'Connections', 'Settings']) await person.sees(place);
	expect(await desk.firstPaint_ms()).toBeLessThan(5_000);

	await desk.shot('opening');
	await desk.close();
});
