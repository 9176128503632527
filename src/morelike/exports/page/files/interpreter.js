"use strict";
// Runs the recorded step of a model for one line: (token, state) -> (logits, next state). `exports/tracing` in morelike
// says what each operation means. Each value is one Float32Array that is made once, whole numbers and truth values too;
// a value that is a part of another one, or another shape of it, shares its memory.

const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);

/** Return how far apart the entries of each axis are. */
function stridesOf(shape) {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** Return where the entries of an array of this shape stand in the memory of another one. */
function positions(shape, strides, offset = 0) {
  const found = new Int32Array(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < found.length; i++) {
    let position = offset;
    for (let axis = 0; axis < shape.length; axis++) position += index[axis] * strides[axis];
    found[i] = position;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return found;
}

/** Return where the entries of an array stand when it is broadcast to a larger shape. */
function broadcastPositions(from, to) {
  const aligned = [...Array(to.length - from.length).fill(1), ...from];
  return positions(to, stridesOf(aligned).map((stride, axis) => (aligned[axis] === 1 ? 0 : stride)));
}

const ELEMENTWISE = {
  negative: (y, a) => { for (let i = 0; i < y.length; i++) y[i] = -a[i]; },
  abs: (y, a) => { for (let i = 0; i < y.length; i++) y[i] = Math.abs(a[i]); },
  tanh: (y, a) => { for (let i = 0; i < y.length; i++) y[i] = Math.tanh(a[i]); },
  exp: (y, a) => { for (let i = 0; i < y.length; i++) y[i] = Math.exp(a[i]); },
  log: (y, a) => { for (let i = 0; i < y.length; i++) y[i] = Math.log(a[i]); },
  sqrt: (y, a) => { for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(a[i]); },
  not: (y, a) => { for (let i = 0; i < y.length; i++) y[i] = a[i] ? 0 : 1; },
  add: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] + b[i]; },
  subtract: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] - b[i]; },
  multiply: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] * b[i]; },
  divide: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] / b[i]; },
  power: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] ** b[i]; },
  maximum: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = Math.max(a[i], b[i]); },
  minimum: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = Math.min(a[i], b[i]); },
  equal: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] === b[i] ? 1 : 0; },
  less: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] < b[i] ? 1 : 0; },
  less_equal: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] <= b[i] ? 1 : 0; },
  and: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] && b[i] ? 1 : 0; },
  or: (y, a, b) => { for (let i = 0; i < y.length; i++) y[i] = a[i] || b[i] ? 1 : 0; },
  where: (y, a, b, c) => { for (let i = 0; i < y.length; i++) y[i] = a[i] ? b[i] : c[i]; },
};

const CASTS = {
  float32: (y, a) => y.set(a),
  int32: (y, a) => { for (let i = 0; i < y.length; i++) y[i] = Math.trunc(a[i]); },
  bool: (y, a) => { for (let i = 0; i < y.length; i++) y[i] = a[i] ? 1 : 0; },
};

/** Where the entries of the result stand in the operand, for operations that compute nothing. */
const LAYOUTS = {
  reshape: (from, to) => positions(to, stridesOf(to)),
  broadcast: (from, to) => broadcastPositions(from, to),
  transpose: (from, to, { axes }) => positions(to, axes.map((axis) => stridesOf(from)[axis])),
  slice: (from, to, { first }) => {
    const strides = stridesOf(from);
    return positions(to, strides, first.reduce((sum, begin, axis) => sum + begin * strides[axis], 0));
  },
};

/** Multiply the last two axes; eight rows of the second operand at once, so that the result is read less often. */
function product(y, a, b, middle, columns, rows) {
  for (const [from, block, to] of rows) {
    y.fill(0, to, to + columns);
    let k = 0;
    for (; k + 7 < middle; k += 8) {
      const i = from + k, p0 = block + k * columns, p1 = p0 + columns, p2 = p1 + columns, p3 = p2 + columns;
      const p4 = p3 + columns, p5 = p4 + columns, p6 = p5 + columns, p7 = p6 + columns;
      const x0 = a[i], x1 = a[i + 1], x2 = a[i + 2], x3 = a[i + 3], x4 = a[i + 4], x5 = a[i + 5], x6 = a[i + 6], x7 = a[i + 7];
      for (let n = 0; n < columns; n++) {
        y[to + n] += x0 * b[p0 + n] + x1 * b[p1 + n] + x2 * b[p2 + n] + x3 * b[p3 + n] +
          x4 * b[p4 + n] + x5 * b[p5 + n] + x6 * b[p6 + n] + x7 * b[p7 + n];
      }
    }
    for (; k < middle; k++) {
      const p = block + k * columns, x = a[from + k];
      for (let n = 0; n < columns; n++) y[to + n] += x * b[p + n];
    }
  }
}

/** Return where each row of the first operand, its matrix and its row of the result begin. */
function productRows(a, b, y) {
  const [height, columns] = y.slice(-2), lead = y.slice(0, -2), middle = a.at(-1);
  const left = broadcastPositions(a.slice(0, -2), lead), right = broadcastPositions(b.slice(0, -2), lead);
  const rows = [];
  for (let i = 0; i < left.length; i++) {
    for (let row = 0; row < height; row++) {
      rows.push([(left[i] * height + row) * middle, right[i] * middle * columns, (i * height + row) * columns]);
    }
  }
  return rows;
}

/** Split an axis off: the sizes of all axes before it, of itself, and of all behind it. */
const around = (shape, axis) => [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))];

function reduce(y, a, shape, axis, first, join) {
  const [outer, size, inner] = around(shape, axis);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let result = first;
      for (let n = 0; n < size; n++) result = join(result, a[(o * size + n) * inner + i]);
      y[o * inner + i] = result;
    }
  }
}

function take(y, a, index, shape, axis) {
  const [outer, size, inner] = around(shape, axis);
  for (let o = 0; o < outer; o++) {
    for (let n = 0; n < index.length; n++) {
      const from = (o * size + index[n]) * inner, to = (o * index.length + n) * inner;
      for (let i = 0; i < inner; i++) y[to + i] = a[from + i];
    }
  }
}

function concatenate(y, parts, shapes, axis) {
  const [outer, , inner] = around(shapes[0], axis), row = y.length / outer;
  let at = 0;
  parts.forEach((part, n) => {
    const width = shapes[n][axis] * inner;
    for (let o = 0; o < outer; o++) for (let i = 0; i < width; i++) y[o * row + at + i] = part[o * width + i];
    at += width;
  });
}

/** Return a function that computes an operation which is neither elementwise nor a layout. */
function kernel(name, y, operands, shapes, { axis }, shape, kind) {
  const [a, b] = operands, [from, other] = shapes;
  if (name === "matmul") {
    const rows = productRows(from, other, shape), middle = from.at(-1), columns = shape.at(-1);
    return () => product(y, a, b, middle, columns, rows);
  }
  if (name === "cast") return () => CASTS[kind](y, a);
  if (name === "sum") return () => reduce(y, a, from, axis, 0, (p, q) => p + q);
  if (name === "max") return () => reduce(y, a, from, axis, -Infinity, Math.max);
  if (name === "take") return () => take(y, a, b, from, axis);
  if (name === "concatenate") return () => concatenate(y, operands, shapes, axis);
  throw new Error(`no operation is called ${name}`);
}

/**
 * Return the machine of a program: `state` and `logits` are arrays that `run(token)` changes.
 * `constants` maps numbers of values to arrays; `tables` are functions that look up n-grams.
 */
function compileProgram(program, constants, tables) {
  const shapes = program.shapes, values = [], steps = [];
  const makeValue = (number) => (values[number] = new Float32Array(sizeOf(shapes[number])));
  for (const [number, array] of constants) values[number] = array;
  const token = makeValue(program.token), state = program.state.map(makeValue);

  /** Return an operand in the shape of the result: constants are copied once, other values at each step. */
  function expanded(number, shape) {
    const from = values[number];
    if (from.length === sizeOf(shape)) return from;
    const map = broadcastPositions(shapes[number], shape), copy = new Float32Array(map.length);
    const fill = () => { for (let i = 0; i < map.length; i++) copy[i] = from[map[i]]; };
    if (constants.has(number)) fill();
    else steps.push(fill);
    return copy;
  }

  function addLayout(name, input, output, attributes) {
    const map = LAYOUTS[name](shapes[input], shapes[output], attributes), from = values[input], first = map[0];
    if (map.every((position, i) => position === first + i)) {
      values[output] = from.subarray(first, first + map.length);
      return;
    }
    const y = makeValue(output);
    steps.push(() => { for (let i = 0; i < map.length; i++) y[i] = from[map[i]]; });
  }

  for (const [name, inputs, outputs, attributes] of program.operations) {
    const [output] = outputs, shape = shapes[output], operands = inputs.map((number) => values[number]);
    if (name in LAYOUTS) addLayout(name, inputs[0], output, attributes);
    else if (name in ELEMENTWISE) {
      const [a, b, c] = inputs.map((number) => expanded(number, shape)), y = makeValue(output), f = ELEMENTWISE[name];
      steps.push(() => f(y, a, b, c));
    } else if (name === "ngram") {
      const look = tables[attributes.table], nodes = makeValue(output), logits = makeValue(outputs[1]);
      steps.push(() => look(operands[0][0], operands[1], nodes, logits));
    } else {
      const from = inputs.map((number) => shapes[number]);
      steps.push(kernel(name, makeValue(output), operands, from, attributes, shape, program.kinds[output]));
    }
  }

  const next = program.next.map((number) => values[number]), spare = next.map((array) => new Float32Array(array.length));
  function run(character) {
    token[0] = character;
    for (const step of steps) step();
    next.forEach((array, i) => spare[i].set(array)); // a next state may be a part of another state
    spare.forEach((array, i) => state[i].set(array));
  }
  return { state, logits: values[program.logits], run };
}
