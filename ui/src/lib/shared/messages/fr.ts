// Every room of the catalogue in one language, as one piece of the program.
export default import.meta.glob<string>('../../../../../assets/messages/fr/*.ftl', {
	query: '?raw',
	import: 'default',
	eager: true,
});
