// A model of words: reading its file, drawing words, scoring words.

const END = 0;
const MOST_NUMBERS = 1 << 23; // of all states that are kept
const MOST_MISSES = 20000; // words without one that is wanted, after which a search ends
const GREEDY_BELOW = 1e-6;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~";

/** Return bytes from text of base 85: five digits are four bytes. */
function fromBase85(text) {
  const values = new Map(Array.from(DIGITS, (digit, value) => [digit, value])), padded = text + "~~~~";
  const view = new DataView(new ArrayBuffer(text.length + 4));
  for (let i = 0, at = 0; i < text.length; i += 5, at += 4) {
    let number = 0;
    for (let digit = i; digit < i + 5; digit++) number = number * 85 + values.get(padded[digit]);
    view.setUint32(at, number);
  }
  return new Uint8Array(view.buffer, 0, Math.floor((text.length * 4) / 5));
}

/** Return what a page holds, from deflated bytes as text: the description of a model, and the reader of its numbers. */
async function unpack(text) {
  const packed = fromBase85(text);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = new Reader(new Uint8Array(await new Response(stream).arrayBuffer()));
  const [length] = reader.read(Uint32Array, 1);
  return { description: JSON.parse(new TextDecoder().decode(reader.read(Uint8Array, length))), reader };
}

/** Return the number that 16 bits stand for (IEEE 754 binary16). */
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return exponent === 31 ? (fraction ? NaN : sign * Infinity) : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Reads arrays from bytes, one after another. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** Return the next `count` numbers of a type, such as Float32Array. */
  read(Type, count) {
    const length = count * Type.BYTES_PER_ELEMENT, part = this.bytes.slice(this.at, this.at + length);
    if (part.length < length) throw new Error("the weights of this page are cut off");
    this.at += length;
    return new Type(part.buffer);
  }

  halves(count) {
    return Float32Array.from(this.read(Uint16Array, count), fromHalf);
  }

  /** Return an array of weights: float32; float16; or whole numbers, where each row has a scale. */
  weights(shape, kind) {
    const size = sizeOf(shape);
    if (kind === "float32") return this.read(Float32Array, size);
    if (kind === "float16") return this.halves(size);
    const width = shape.at(-1), scales = this.halves(size / width);
    return Float32Array.from(this.read(Int8Array, size), (number, i) => number * scales[Math.floor(i / width)]);
  }

  /** Return numbers between 0 and 1 from codes: 0 is 0, and code n is exp(-(n - 1) step). */
  logarithmic(count, wide, step) {
    return Float64Array.from(this.read(wide ? Uint16Array : Uint8Array, count), (n) => (n ? Math.exp((1 - n) * step) : 0));
  }

  /** Return a table of n-grams for `ngramTable`. */
  table({ levels, places, start, wide, step }, symbols) {
    const Symbol = symbols > 255 ? Uint16Array : Uint8Array;
    let contexts = 1;
    const read = levels.map(({ size, estimates, begins }) => {
      const counts = this.read(Symbol, contexts), token = this.read(Symbol, size), first = new Int32Array(contexts + 1);
      for (let c = 0; c < contexts; c++) first[c + 1] = first[c] + counts[c];
      const tables = estimates.map(([place, lower]) => {
        const b = this.logarithmic(contexts, wide, step), a = this.logarithmic(size, wide, step);
        for (let c = 0; c < contexts; c++) { // a and b of a context sum to 1
          let sum = b[c];
          for (let i = first[c]; i < first[c + 1]; i++) sum += a[i];
          b[c] = sum ? b[c] / sum : 1;
          for (let i = first[c]; i < first[c + 1]; i++) a[i] /= sum;
        }
        return [a, b, place, lower];
      });
      contexts = size;
      return { first, token, estimates: tables, begins };
    });
    return ngramTable({ levels: read, places, start }, symbols);
  }
}

/** A place in the tree of all beginnings: what the model remembers there, and what it expects. */
class Beginning {
  constructor(state, logits) {
    this.state = state;
    this.logits = logits;
    this.next = new Map();
    this.settings = null; // for which `cumulative` was computed
    this.cumulative = null;
  }
}

class WordModel {
  constructor(description, reader) {
    const symbols = description.characters.length + 1;
    const constants = new Map(description.constants.map(([number, kind]) =>
      [number, reader.weights(description.program.shapes[number], kind)]));
    const tables = description.tables.map((table) => reader.table(table, symbols));
    this.machine = compileProgram(description.program, constants, tables);
    this.characters = description.characters;
    this.ids = new Map(description.characters.map((character, i) => [character, i + 1]));
    this.known = description.known === null ? null : reader.read(Uint32Array, description.known);
    description.program.start.forEach((numbers, i) => this.machine.state[i].set(numbers));
    const size = symbols + this.machine.state.reduce((sum, array) => sum + array.length, 0);
    this.mostKept = Math.max(Math.floor(MOST_NUMBERS / size), 64);
    this.kept = 0;
    this.root = this.continued(null, END);
  }

  /** Return the place after one more character. */
  continued(beginning, token) {
    const { state, logits, run } = this.machine;
    if (beginning !== null) beginning.state.forEach((array, i) => state[i].set(array));
    run(token);
    return new Beginning(state.map((array) => array.slice()), logits.slice());
  }

  /** Return the place after a character; places are kept, because words share their beginnings. */
  after(beginning, token) {
    let found = beginning.next.get(token);
    if (found === undefined) {
      found = this.continued(beginning, token);
      if (++this.kept > this.mostKept) {
        this.root.next.clear();
        this.kept = 0;
      }
      beginning.next.set(token, found);
    }
    return found;
  }

  /** Return the ids of a text; a character that the model does not know raises an error with that character. */
  encode(text) {
    return Array.from(text, (character) => {
      const id = this.ids.get(character);
      if (id === undefined) throw Object.assign(new Error("unknown character"), { character });
      return id;
    });
  }

  decode(tokens) {
    return tokens.map((token) => this.characters[token - 1]).join("");
  }

  place(text) {
    return this.encode(text).reduce((beginning, token) => this.after(beginning, token), this.root);
  }

  /** Return the probability of each next character after a text, the end first. */
  probabilities(text) {
    const logits = this.place(text).logits, highest = Math.max(...logits);
    const powers = Array.from(logits, (logit) => Math.exp(logit - highest));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }

  /** Return the surprisal (nats) of each character of a word, and last of its end. */
  surprisals(word) {
    let beginning = this.root;
    return [...this.encode(word), END].map((token) => {
      const logits = beginning.logits, highest = Math.max(...logits);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
      if (token !== END) beginning = this.after(beginning, token);
      return Math.log(sum) + highest - logits[token];
    });
  }

  /** Draw a character, filtered by temperature and top-p. */
  draw(beginning, settings, random) {
    if (beginning.settings !== settings) {
      beginning.cumulative = cumulative(beginning.logits, settings);
      beginning.settings = settings;
    }
    const sums = beginning.cumulative, drawn = random() * sums[sums.length - 1];
    let token = 0;
    while (sums[token] <= drawn) token++;
    return token;
  }

  /** Return one word after the ids of a prefix, or null if it grew longer than wanted. */
  drawWord(prefix, start, settings, random) {
    const tokens = prefix.slice();
    let beginning = start;
    for (;;) {
      const token = this.draw(beginning, settings, random);
      if (token === END) return this.decode(tokens);
      tokens.push(token);
      if (tokens.length > settings.maximum) return null;
      beginning = this.after(beginning, token);
    }
  }

  /**
   * Yield different words that satisfy the settings, and undefined after each word that does not.
   * Settings: count, temperature, topP, prefix, suffix, minimum, maximum, onlyNew.
   */
  *words(settings, random = Math.random) {
    const prefix = this.encode(settings.prefix), start = this.place(settings.prefix), found = new Set();
    this.encode(settings.suffix);
    for (let misses = 0; found.size < settings.count && misses < MOST_MISSES; misses++) {
      const word = this.drawWord(prefix, start, settings, random);
      const wanted = word && word.endsWith(settings.suffix) && Array.from(word).length >= settings.minimum &&
        !found.has(word) && !(settings.onlyNew && this.isKnown(word));
      if (wanted) {
        found.add(word);
        misses = 0;
      }
      yield wanted ? word : undefined;
    }
  }

  /** Return whether the list has a word, null if the page does not hold the list. */
  isKnown(word) {
    if (this.known === null) return null;
    const wanted = hash32(word);
    let low = 0, high = this.known.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.known[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return this.known[low] === wanted;
  }
}

/** Return the running sums of what each character weighs after temperature and top-p. */
function cumulative(logits, { temperature, topP }) {
  const highest = Math.max(...logits), greedy = temperature < GREEDY_BELOW;
  const powers = Float64Array.from(logits, (logit) => greedy ? Number(logit === highest) : Math.exp((logit - highest) / temperature));
  if (greedy) powers.fill(0, powers.indexOf(1) + 1);
  if (topP < 1) {
    const total = powers.reduce((a, b) => a + b), order = [...powers.keys()].sort((i, j) => powers[j] - powers[i] || i - j);
    let before = 0;
    order.forEach((token, rank) => {
      const power = powers[token];
      if (rank > 0 && before >= topP * total) powers[token] = 0;
      before += power;
    });
  }
  let sum = 0;
  return powers.map((power) => (sum += power));
}

/** Return the first 32 bits of BLAKE2b with 8 bytes (RFC 7693), by which morelike knows the words of its list. */
function hash32(word) {
  const IV = [0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
    0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n];
  const ORDER = ["0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d",
    "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0",
    "0123456789abcdef", "ea489fd61c02b753"].map((row) => Array.from(row, (digit) => parseInt(digit, 16)));
  const turn = (x, bits) => BigInt.asUintN(64, (x >> bits) | (x << (64n - bits)));
  const bytes = new TextEncoder().encode(word), h = IV.slice();
  h[0] ^= 0x01010000n ^ 8n;
  for (let block = 0; block === 0 || block < bytes.length; block += 128) {
    const part = new DataView(new ArrayBuffer(128)), end = Math.min(block + 128, bytes.length);
    bytes.subarray(block, end).forEach((byte, i) => part.setUint8(i, byte));
    const m = Array.from({ length: 16 }, (_, i) => part.getBigUint64(i * 8, true)), v = [...h, ...IV];
    v[12] ^= BigInt(end);
    if (end === bytes.length) v[14] = BigInt.asUintN(64, ~v[14]);
    for (const order of ORDER) {
      for (let i = 0; i < 8; i++) {
        const a = i % 4, turned = i < 4 ? 0 : 1, at = (row) => row * 4 + ((a + row * turned) % 4);
        const [b, c, d] = [at(1), at(2), at(3)];
        for (const [x, right, left] of [[m[order[2 * i]], 32n, 24n], [m[order[2 * i + 1]], 16n, 63n]]) {
          v[a] = BigInt.asUintN(64, v[a] + v[b] + x);
          v[d] = turn(v[d] ^ v[a], right);
          v[c] = BigInt.asUintN(64, v[c] + v[d]);
          v[b] = turn(v[b] ^ v[c], left);
        }
      }
    }
    h.forEach((x, i) => (h[i] = x ^ v[i] ^ v[i + 8]));
  }
  return Number(h[0] & 0xffffffffn);
}
