// What the platforms declare about their forms, for the fake desk: the same shape, fewer words.
import type { Declaration } from '$lib/api/types';

export const DECLARATIONS: Declaration[] = [
	{
		platform: 'shopify',
		title: 'Shopify',
		roles: ['channel'],
		summary: 'Orders come from the store; tracking, cancellations and holds go back.',
		ways: [
			{
				id: 'client_credentials',
				title: 'App of your organisation',
				steps: [
					'Open dev.shopify.com, sign in with the organisation that owns the store, and create an app.',
					'Under Configuration, add the Admin API scopes that Quayside lists in the test below.',
					'Release a version of the app and install it on the store.',
					'Under Settings, copy the client ID and the client secret into the fields here.',
				],
				fields: [
					{
						name: 'shop',
						label: 'Shop domain',
						help: 'The permanent address that ends in myshopify.com, not the storefront’s.',
						placeholder: 'harbour-goods.myshopify.com',
						secret: false,
						optional: false,
						shape: 'host',
					},
					{
						name: 'client_id',
						label: 'Client ID',
						help: 'From the app’s settings.',
						placeholder: '0f3c…',
						secret: false,
						optional: false,
						shape: 'token',
					},
					{
						name: 'client_secret',
						label: 'Client secret',
						help: 'Goes to this computer’s keychain and is never shown again.',
						placeholder: '',
						secret: true,
						optional: false,
						shape: 'token',
					},
				],
			},
			{
				id: 'access_token',
				title: 'Older custom app',
				steps: [
					'In the store’s admin open Settings, Apps and sales channels, Develop apps.',
					'Open the app that was made before 2026 and choose API credentials.',
					'Copy the Admin API access token. It starts with shpat_.',
				],
				fields: [
					{
						name: 'shop',
						label: 'Shop domain',
						help: 'The permanent address that ends in myshopify.com.',
						placeholder: 'harbour-goods.myshopify.com',
						secret: false,
						optional: false,
						shape: 'host',
					},
					{
						name: 'token',
						label: 'Admin API access token',
						help: 'Shown once by the store; rotate it if it was lost.',
						placeholder: 'shpat_…',
						secret: true,
						optional: false,
						shape: 'token',
					},
				],
			},
		],
		streams: [{ name: 'orders', title: 'Orders', record: 'order', interval_s: 30, backfill: false }],
		performs: ['fulfill', 'replace_tracking', 'cancel_fulfillment', 'cancel_channel_order'],
		batch_max: [],
		settings: [
			{
				name: 'notify_customer',
				label: 'Tell the buyer when a parcel leaves',
				help: 'The store sends its own shipping e-mail.',
				kind: { type: 'toggle' },
				default: 'true',
			},
			{
				name: 'since_days',
				label: 'Read orders of the last days',
				help: 'How far back the first reading goes.',
				kind: { type: 'number' },
				default: '60',
			},
		],
	},
	{
		platform: 'shipstation',
		title: 'ShipStation',
		roles: ['hub'],
		summary: 'Orders go there to be packed; parcels and tracking come back.',
		ways: [
			{
				id: 'v1',
				title: 'API key and secret (V1)',
				steps: [
					'In ShipStation open Settings, Account, API Settings.',
					'Choose V1, then Generate API Keys if there are none.',
					'Copy the API Key and the API Secret into the fields here.',
				],
				fields: [
					{
						name: 'api_key',
						label: 'API Key',
						help: '32 letters and digits.',
						placeholder: '',
						secret: true,
						optional: false,
						shape: 'token',
					},
					{
						name: 'api_secret',
						label: 'API Secret',
						help: 'Belongs to the key beside it.',
						placeholder: '',
						secret: true,
						optional: false,
						shape: 'token',
					},
					{
						name: 'expires',
						label: 'Keys end on',
						help: 'ShipStation shows the day beside the keys; Quayside warns before it.',
						placeholder: '2027-06-30',
						secret: false,
						optional: true,
						shape: 'day',
					},
				],
			},
			{
				id: 'v2',
				title: 'API key (V2)',
				steps: ['In ShipStation open Settings, Account, API Settings.', 'Choose V2 and create a key.', 'Copy it here.'],
				fields: [
					{
						name: 'v2_key',
						label: 'V2 API key',
						help: 'Needs a plan with API access.',
						placeholder: '',
						secret: true,
						optional: false,
						shape: 'token',
					},
				],
			},
		],
		streams: [{ name: 'orders', title: 'Orders', record: 'hub_order', interval_s: 30, backfill: false }],
		performs: ['put_hub_order', 'cancel_hub_order', 'hold_hub_order', 'release_hub_order', 'void_label'],
		batch_max: [['put_hub_order', 100]],
		settings: [
			{
				name: 'store_id',
				label: 'Put orders into the store',
				help: 'Only for new orders; empty lets ShipStation choose.',
				kind: {
					type: 'choice',
					options: [
						['', 'ShipStation chooses'],
						['51', 'Harbour Goods (51)'],
						['52', 'Manual orders (52)'],
					],
				},
				default: '',
			},
			{
				name: 'hold_word',
				label: 'Tag orders on hold with',
				help: 'Shown in ShipStation’s list.',
				kind: { type: 'text' },
				default: 'Quayside hold',
			},
		],
	},
];
