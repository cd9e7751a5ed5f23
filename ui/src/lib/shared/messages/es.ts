// Every room of the catalogue in one language, as one piece of the program.
export default import.meta.glob<string>('../../../../../assets/messages/es/*.ftl', {
	query: '?raw',
	import: 'default',
	eager: true,
});
