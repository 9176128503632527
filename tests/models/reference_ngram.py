"""The smoothings of n-gram models as their papers write them: dictionaries, loops, one function a formula."""

from collections import Counter

END = 0


def count(lines, order):
    """Return for each length k how often each k-gram ends in a character of a line; `order - 1` ends stand before it.

    >>> sorted(count([[1]], 2)[2].items())
    [((0, 1), 1), ((1, 0), 1)]
    """
    counts = {k: Counter() for k in range(1, order + 1)}
    for line in lines:
        padded = (*[END] * (order - 1), *line, END)
        for end in range(order, len(padded) + 1):
            for k in counts:
                counts[k][padded[end - k : end]] += 1
    return counts


def after(counts, context):
    """Return the counts of the symbols that follow a context."""
    return Counter({ngram[-1]: c for ngram, c in counts.items() if ngram[:-1] == context})


def add(counts, order, alpha, symbols):
    """Return p(symbol, history) of Lidstone's rule."""

    def p(symbol, history):
        following = after(counts[order], last(history, order - 1))
        return (following[symbol] + alpha) / (following.total() + alpha * symbols)

    return p


def witten_bell(counts, order, symbols):
    """Return p(symbol, history) of Witten-Bell (method C of Bell, Cleary and Witten 1990), interpolated."""
    if order == 0:
        return lambda symbol, history: 1 / symbols
    shorter = witten_bell(counts, order - 1, symbols)

    def p(symbol, history):
        following = after(counts[order], last(history, order - 1))
        if not following:
            return shorter(symbol, history)
        types = len(following)
        return (following[symbol] + types * shorter(symbol, history)) / (following.total() + types)

    return p


def kneser_ney(counts, order, symbols):
    """Return p(symbol, history) of modified Kneser-Ney (Chen and Goodman 1999), interpolated."""
    levels = {k: continuations(counts[k + 1]) for k in range(1, order)} | {order: counts[order]}
    discounts = {k: discount(level) for k, level in levels.items()}

    def p(symbol, history, k=order):
        if k == 0:
            return 1 / symbols
        following = after(levels[k], last(history, k - 1))
        lower = p(symbol, history, k - 1)
        if not following:
            return lower
        reserved = sum(discounts[k](c) for c in following.values())
        kept = following[symbol] - discounts[k](following[symbol])
        return (kept + reserved * lower) / following.total()

    return p


def continuations(counts):
    """Return how many different symbols stand before each (k - 1)-gram.

    >>> continuations(Counter({(1, 2): 5, (3, 2): 1, (2, 2): 0}))
    Counter({(2,): 2})
    """
    return Counter(ngram[1:] for ngram, c in counts.items() if c > 0)


def discount(counts):
    """Return what is taken from a count: estimated from the counts of counts, or fixed if those are too few."""
    n = Counter(counts.values())
    estimated = None
    if n[1] and n[2] and n[3]:
        y = n[1] / (n[1] + 2 * n[2])
        estimated = [0, 1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]]
        if not all(0 < d <= c for c, d in enumerate(estimated) if c):
            estimated = None
    table = estimated or [0, 0.5, 1.0, 1.5]
    return lambda c: table[min(c, 3)]


def last(history, length):
    """Return the last symbols of a history.

    >>> last((1, 2, 3), 2), last((1, 2, 3), 0)
    ((2, 3), ())
    """
    return tuple(history[len(history) - length :])


def probabilities(p, line, order):
    """Return p of each character of a line and of its end."""
    padded = (*[END] * (order - 1), *line, END)
    return [p(padded[i], padded[:i]) for i in range(order - 1, len(padded))]
