// Counted n-grams: p(w | c) = a(c w) + b(c) p(w | c'), from the longest context down, as `ngrams/interpolation.py` does.

const ABSENT = -1;

/** Return the index of the n-gram `context token` at a level, `ABSENT` if it is not there. */
function findNode(level, context, token) {
  if (context === ABSENT) return ABSENT;
  let low = level.first[context], high = level.first[context + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (level.token[middle] < token) low = middle + 1;
    else high = middle;
  }
  return low < level.first[context + 1] && level.token[low] === token ? low : ABSENT;
}

/**
 * Return the look-up of a table. `levels[k - 1]` describes the n-grams of length k: `first` and `token` say which there
 * are, `estimates` hold [a, b, place, place of the estimate below or -1], and `begins` [place, weight] the members of the
 * mixture whose longest n-gram has this length. A place holds the factor of an estimate at the present level.
 */
function ngramTable({ levels, places, start }, symbols) {
  let factors = new Float64Array(places), below = new Float64Array(places);
  const p = new Float64Array(symbols);

  function distribution(nodes, logits) {
    let uniform = 0;
    p.fill(0);
    factors.fill(0);
    for (let k = levels.length; k > 0; k--) {
      const level = levels[k - 1], context = nodes[k - 1];
      for (const [place, weight] of level.begins) factors[place] += weight;
      below.fill(0);
      const first = context === ABSENT ? 0 : level.first[context], end = context === ABSENT ? 0 : level.first[context + 1];
      for (const [a, b, place, lower] of level.estimates) {
        const factor = factors[place], rest = factor * (context === ABSENT ? 1 : b[context]);
        for (let i = first; i < end; i++) p[level.token[i]] += factor * a[i];
        if (lower < 0) uniform += rest;
        else below[lower] += rest;
      }
      [factors, below] = [below, factors];
    }
    for (let w = 0; w < symbols; w++) logits[w] = Math.log(p[w] + uniform / symbols);
  }

  return (token, nodes, next, logits) => {
    next[0] = 0;
    for (let k = 1; k < next.length; k++) next[k] = findNode(levels[k - 1], nodes[k - 1], token);
    if (token === 0) next.set(start);
    distribution(next, logits);
  };
}
