// Every room of the catalogue in one language, as one piece of the program.
export default import.meta.glob<string>('../../../../../assets/messages/de/*.ftl', {
	query: '?raw',
	import: 'default',
	eager: true,
});
