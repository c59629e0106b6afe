// Blurhash (blurha.sh): the colours of a picture as a short text, drawn while the picture loads.
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';

/** Bytes of width x height pixels, RGBA; null where the text is no blurhash. */
export function pixelsOf(hash, width, height) {
  const parts = hash && partsOf(hash);
  if (!parts) return null;
  const { columns, colours } = parts;
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const sum = [0, 0, 0];
      colours.forEach((colour, place) => {
        const wave = Math.cos((Math.PI * x * (place % columns)) / width) * Math.cos((Math.PI * y * Math.floor(place / columns)) / height);
        for (let channel = 0; channel < 3; channel += 1) sum[channel] += colour[channel] * wave;
      });
      pixels.set([...sum.map(toByte), 255], 4 * (y * width + x));
    }
  }
  return pixels;
}

function partsOf(hash) {
  const sizes = number(hash.slice(0, 1));
  const columns = (sizes % 9) + 1;
  const count = columns * (Math.floor(sizes / 9) + 1);
  if (!Number.isInteger(sizes) || hash.length !== 4 + 2 * count) return null;
  const most = (number(hash[1]) + 1) / 166;
  const average = number(hash.slice(2, 6));
  const colours = [[average >> 16, (average >> 8) & 255, average & 255].map(toLight)];
  for (let place = 1; place < count; place += 1) {
    const value = number(hash.slice(4 + 2 * place, 6 + 2 * place));
    colours.push([Math.floor(value / 361), Math.floor(value / 19) % 19, value % 19].map((one) => most * squared((one - 9) / 9)));
  }
  return { columns, colours };
}

function number(text) {
  let value = 0;
  for (const digit of text) {
    const place = DIGITS.indexOf(digit);
    if (place < 0) return NaN;
    value = 83 * value + place;
  }
  return value;
}

function squared(value) {
  return Math.sign(value) * value * value;
}

function toLight(byte) {
  const part = byte / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function toByte(light) {
  const part = Math.min(Math.max(light, 0), 1);
  return Math.round(255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055));
}
