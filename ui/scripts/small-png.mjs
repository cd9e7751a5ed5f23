// A picture of a screen as a PNG of at most 256 colours, a twentieth of what the window gives: approved
// pictures are kept with the code. Colours move by eight steps of 256 at most, which no comparison sees.
import { crc32, deflateSync } from 'node:zlib';

const STEP = 16;
const COLOURS_MAX = 256;
const near = (value) => Math.min(255, Math.round(value / STEP) * STEP);

/** `data` is RGBA, as read from a PNG. */
export function smallPng({ width, height, data }) {
	const rounded = new Uint32Array(width * height);
	const counts = new Map();
	for (let i = 0; i < rounded.length; i++) {
		const colour = (near(data[4 * i]) << 16) | (near(data[4 * i + 1]) << 8) | near(data[4 * i + 2]);
		rounded[i] = colour;
		counts.set(colour, (counts.get(colour) ?? 0) + 1);
	}
	const palette = [...counts]
		.sort((a, b) => b[1] - a[1] || a[0] - b[0])
		.slice(0, COLOURS_MAX)
		.map(([colour]) => colour);
	const place = new Map(palette.map((colour, index) => [colour, index]));
	for (const colour of counts.keys()) if (!place.has(colour)) place.set(colour, closest(palette, colour));

	// Each line begins with the number of its filter: none.
	const lines = Buffer.alloc((width + 1) * height);
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) lines[y * (width + 1) + 1 + x] = place.get(rounded[y * width + x]);
	const head = Buffer.alloc(13);
	head.writeUInt32BE(width, 0);
	head.writeUInt32BE(height, 4);
	head.set([8, 3, 0, 0, 0], 8);
	return Buffer.concat([
		Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
		chunk('IHDR', head),
		chunk('PLTE', Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
		chunk('IDAT', deflateSync(lines, { level: 9 })),
		chunk('IEND', Buffer.alloc(0)),
	]);
}

function closest(palette, colour) {
	const away = (one) =>
		[16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((colour >> shift) & 255)) ** 2, 0);
	let best = 0;
	for (let i = 1; i < palette.length; i++) if (away(palette[i]) < away(palette[best])) best = i;
	return best;
}

function chunk(kind, body) {
	const named = Buffer.concat([Buffer.from(kind, 'latin1'), body]);
	const size = Buffer.alloc(4);
	size.writeUInt32BE(body.length);
	const sum = Buffer.alloc(4);
	sum.writeUInt32BE(crc32(named) >>> 0);
	return Buffer.concat([size, named, sum]);
}
