// Host names as DNS encodes them (RFC 3492), so far as to know how long they get.

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;

/** How many bytes a label has behind its `xn--`. */
export function encodedLength(label) {
  const points = Array.from(label, (char) => char.codePointAt(0));
  const basic = points.filter((point) => point < 128).length;
  let length = basic + (basic ? 1 : 0);
  let [n, delta, bias, done] = [128, 0, 72, basic];
  while (done < points.length) {
    const next = Math.min(...points.filter((point) => point >= n));
    delta += (next - n) * (done + 1);
    n = next;
    for (const point of points) {
      if (point < n) delta += 1;
      if (point !== n) continue;
      length += digits(delta, bias);
      bias = adapted(delta, done + 1, done === basic);
      delta = 0;
      done += 1;
    }
    delta += 1;
    n += 1;
  }
  return length;
}

function digits(delta, bias) {
  let count = 1;
  for (let k = BASE, rest = delta; ; k += BASE, count += 1) {
    const t = Math.min(Math.max(k - bias, T_MIN), T_MAX);
    if (rest < t) return count;
    rest = Math.floor((rest - t) / (BASE - t));
  }
}

function adapted(delta, points, isFirst) {
  let rest = isFirst ? Math.floor(delta / DAMP) : Math.floor(delta / 2);
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
