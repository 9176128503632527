"""Preparing data: from a plan to a split and encoded list, and to settings with all lengths written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from morelike.errors import SettingError
from morelike.runs.plan import Plan, split_rule
from morelike.text.corpus import Corpus
from morelike.text.count_weights import line_weights
from morelike.text.labels import attach_labels
from morelike.text.splits import Split, split_cleaned, split_text
from morelike.text.stored_words import SplitWords
from morelike.text.vocabulary import TokenLines, Vocabulary
from morelike.text.words import Form
from morelike.training.resources import cores_for, examples_and_cost, parameters_of, precision_for


class Prepared(NamedTuple):
    """A plan with all lengths written out, and the splits of its list as tokens."""

    plan: Plan
    splits: Split
    vocabulary: Vocabulary
    train: TokenLines
    dev: TokenLines


def prepare(plan: Plan, vocabulary: Vocabulary | None = None) -> Prepared:
    """Return the split and encoded list of a plan and its resolved settings.

    `vocabulary` is by default the list's own.

    Raises:
        SettingError: a store with another vocabulary.
        ListError: counts that cannot weigh anything.
    """
    store = plan.corpus.store
    if store and vocabulary and vocabulary != store.vocabulary:
        raise SettingError(f"the store '{store.path}' has a vocabulary of its own: give its list instead")
    splits = split_corpus(plan.corpus, plan.split)
    vocabulary = vocabulary or vocabulary_of(plan.corpus)
    corpus = plan.corpus
    line_weights(corpus.counts, plan.training.count_weighting, corpus.zero_count)  # an error then describes the list
    lines = {name: encode_split(vocabulary, plan, splits, name) for name in splits.parts}
    train, dev = lines["train"], lines.get("dev", vocabulary.encode_lines([]))
    return Prepared(resolve_plan(plan, train, vocabulary.size), splits, vocabulary, train, dev)


def split_corpus(corpus: Corpus, name: str) -> Split:
    """Return a list, or a running text, in three splits by the rule of this name.

    Raises:
        SettingError: another rule than the one that a store was split by.
    """
    if corpus.store:
        split_rule(corpus, name)
        return corpus.store.split
    if corpus.form == "text":
        return split_text(corpus.words[0], name)
    return split_cleaned(corpus.words, name, corpus.counts, corpus.labels)


def vocabulary_of(corpus: Corpus) -> Vocabulary:
    """Return the vocabulary of a list: all characters of all its parts."""
    return corpus.store.vocabulary if corpus.store else Vocabulary.of(corpus.words)


def encode_words(vocabulary: Vocabulary, form: Form, words: Sequence[str]) -> TokenLines:
    """Return the words of a part as tokens; a running text is one line, in which line ends are characters.

    The words of a store are tokens already, in the vocabulary of the store.
    """
    if isinstance(words, SplitWords):
        return words.lines
    return vocabulary.encode_text(words[0]) if form == "text" else vocabulary.encode_lines(words)


def encode_split(vocabulary: Vocabulary, plan: Plan, splits: Split, name: str) -> TokenLines:
    """Return a split of a plan's list as tokens, with the weights and the labels of its lines."""
    lines = encode_words(vocabulary, plan.corpus.form, splits.parts[name])
    lines = replace(lines, weights=line_weights(splits.counts.get(name), plan.training.count_weighting))
    return attach_labels(lines, splits.labels.get(name), plan.labels)


def resolve_plan(plan: Plan, train: TokenLines, symbols: int) -> Plan:
    """Return the plan with all lengths of training written out."""
    if plan.architecture.learned_by != "gradients":
        return plan
    architecture = plan.architecture.as_trained("it has no examples")
    text = plan.corpus.form == "text"
    training = plan.training.with_row_length(train.lengths, text=text)
    examples, cost = examples_and_cost(architecture, training, train, symbols, text=text)
    training = training.resolved(examples, cost)
    characters = training.batch_size * len(train.tokens) / examples
    parameters, operations = parameters_of(architecture, symbols), training.batch_size * cost
    threads = training.threads
    if threads is None and architecture.window is None:  # XLA itself divides the work on contexts among cores
        threads = cores_for(operations, characters, parameters)
    precision = training.precision or precision_for(operations, parameters)
    return replace(plan, training=training.model_copy(update={"threads": threads or 1, "precision": precision}))
