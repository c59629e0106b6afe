// How many, in words.

export const plural = (count, one, many) => (count === 1 ? one : many);
export const counted = (count, one, many) => `${count.toLocaleString('en')} ${plural(count, one, many)}`;
export const atMost99 = (count) => (count >= 100 ? '99+' : String(count));
