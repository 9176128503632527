"""Words, counts and labels mean the same in every public function: they are read by position, or refused."""

import inspect
from collections import Counter
from functools import partial

import numpy as np
import pytest

import morelike
from morelike.errors import ListError, MorelikeError

pd = pytest.importorskip("pandas")

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena"]
QUERIES = ["hanne", "nnaa", "eena"]
COUNTS = [*range(12, 0, -1)]
LABELS = ["x", "y"] * 6
INDEX = [7, 2, 11, 0, 5, 1, 9, 3, 10, 4, 8, 6]
"""The index of a column after sorting: a look-up by it would shuffle the values."""

trained = partial(morelike.train, kind="ngram", order=2)


@pytest.fixture(scope="module")
def model():
    return trained(WORDS)


@pytest.fixture(scope="module")
def labelled():
    return trained(WORDS, labels=LABELS)


@pytest.fixture(scope="module")
def classifier():
    return morelike.classify(WORDS, ["101", "11", "1001"], order=2)


def figures(model):
    """Return what a model learned, as a list."""
    return model.log_probability(QUERIES).tolist()


USES = {
    "train.words": (WORDS, lambda words, c: figures(c.plain(morelike.train)(words, "ngram", order=2))),
    "train.counts": (
        COUNTS,
        lambda counts, c: figures(c.plain(morelike.train)(WORDS, "ngram", counts=counts, order=2)),
    ),
    "train.labels": (
        LABELS,
        lambda labels, c: c.plain(morelike.train)(WORDS, "ngram", labels=labels).label_probabilities(WORDS).tolist(),
    ),
    "split.words": (WORDS, lambda words, c: c.plain(morelike.split)(words)),
    "split.counts": (COUNTS, lambda counts, c: c.plain(morelike.split)(WORDS, counts=counts)),
    "split.labels": (LABELS, lambda labels, c: c.plain(morelike.split)(WORDS, labels=labels)),
    "dry_run.words": (WORDS, lambda words, c: c.plain(morelike.dry_run)(words, "ngram", order=2).parameters),
    "range_test.words": (
        WORDS,
        lambda words, c: c.plain(morelike.range_test)(words, "bigram", steps=20, optimizer="sgd").losses.tolist(),
    ),
    "evaluate_test.words": (WORDS, lambda words, c: c.plain(morelike.evaluate_test)(c.hidden, words).loss.lines),
    "leader_board.words": (
        WORDS,
        lambda words, c: c.plain(morelike.leader_board)(words, ["ngram"], budget="5steps")[0].result.losses,
    ),
    "leader_board.kinds": (
        ["ngram"],
        lambda kinds, c: c.plain(morelike.leader_board)(WORDS, kinds, budget="5steps")[0].result.losses,
    ),
    "classify.good": (
        WORDS,
        lambda good, c: c.plain(morelike.classify)(good, ["101", "11"], order=2).log_ratio(QUERIES).tolist(),
    ),
    "classify.bad": (
        WORDS,
        lambda bad, c: c.plain(morelike.classify)(["101", "11"], bad, order=2).log_ratio(QUERIES).tolist(),
    ),
    "mix.words": (
        WORDS,
        lambda words, c: figures(c.plain(morelike.mix)([c.model, trained(WORDS, order=3)], words)),
    ),
    "mix.labels": (
        LABELS,
        lambda labels, c: (
            c.plain(morelike.mix)([c.labelled, c.labelled], WORDS, labels=labels).label_probabilities(QUERIES).tolist()
        ),
    ),
    "diagnose.words": (
        WORDS,
        lambda words, c: c.plain(morelike.diagnose)(c.network, words).readings,
    ),
    "audit.words": (WORDS, lambda words, c: c.plain(morelike.audit)(c.model, words, count=50)),
    "calibrate.words": (WORDS, lambda words, c: c.plain(morelike.calibrate)(c.model, words).surprisals.tolist()),
    "compare.words": (QUERIES, lambda words, c: c.plain(morelike.compare)(c.model, c.other, words)),
    "compare.counts": (
        [3, 1, 2],
        lambda counts, c: c.plain(morelike.compare)(c.model, c.other, QUERIES, counts=counts),
    ),
    "compare.labels": (
        LABELS[:3],
        lambda labels, c: c.plain(morelike.compare)(c.labelled, c.other, QUERIES, labels=labels),
    ),
    "guess_number.words": (QUERIES, lambda words, c: c.plain(morelike.guess_number)(c.model, words, samples=100)),
    "likeness.words": (QUERIES, lambda words, c: c.plain(morelike.likeness)(words, WORDS)),
    "likeness.lists": (WORDS, lambda words, c: c.plain(morelike.likeness)(QUERIES, {"old": words})),
    "similar.words": (WORDS, lambda words, c: c.plain(morelike.similar)(c.model, "hana", words, by="edits")),
    "measure.words": (QUERIES, lambda words, c: [*c.plain(morelike.measure)(c.model, words, WORDS).rows()]),
    "measure.among": (WORDS, lambda among, c: [*c.plain(morelike.measure)(c.model, QUERIES, among).rows()]),
    "pseudowords.among": (
        WORDS,
        lambda among, c: c.plain(morelike.pseudowords)(c.model, "anna", among, count=2, candidates=20).found.words,
    ),
    "match.lists": (
        QUERIES,
        lambda words, c: (
            [
                each.words
                for each in c.plain(morelike.match)(
                    c.model, {"new": words, "old": WORDS}, WORDS, count=2, on=["length"]
                ).sets
            ]
        ),
    ),
    "match.among": (
        WORDS,
        lambda among, c: c.plain(morelike.match)(
            c.model, {"a": QUERIES, "b": WORDS}, among, count=2
        ).distances.tolist(),
    ),
    "match.on": (
        ["length", "bits"],
        lambda on, c: c.plain(morelike.match)(c.model, {"a": QUERIES, "b": WORDS}, WORDS, count=2, on=on).on,
    ),
    "LanguageModel.sample.not_in": (
        WORDS,
        lambda words, c: c.method(c.model, "sample")(9, not_in=words, novel=False, prefix="a"),
    ),
    "LanguageModel.sample.far_from": (
        WORDS,
        lambda words, c: c.method(c.model, "sample")(9, far_from=words, novel=False, edits=2),
    ),
    "LanguageModel.log_probability.words": (
        QUERIES,
        lambda words, c: c.method(c.model, "log_probability")(words).tolist(),
    ),
    "LanguageModel.label_probabilities.words": (
        QUERIES,
        lambda words, c: c.method(c.labelled, "label_probabilities")(words).tolist(),
    ),
    "LanguageModel.losses.words": (QUERIES, lambda words, c: [*map(list, c.method(c.model, "losses")(words))]),
    "LanguageModel.unit_losses.words": (
        QUERIES,
        lambda words, c: [*map(list, c.method(c.model, "unit_losses")(words))],
    ),
    "LanguageModel.unit_losses.labels": (
        LABELS[:3],
        lambda labels, c: [*map(list, c.method(c.labelled, "unit_losses")(QUERIES, labels=labels))],
    ),
    "LanguageModel.evaluate.words": (QUERIES, lambda words, c: c.method(c.model, "evaluate")(words)),
    "LanguageModel.evaluate.counts": (
        [3, 1, 2],
        lambda counts, c: c.method(c.model, "evaluate")(QUERIES, counts=counts),
    ),
    "LanguageModel.evaluate.labels": (
        LABELS[:3],
        lambda labels, c: c.method(c.labelled, "evaluate")(QUERIES, labels=labels),
    ),
    "Classifier.log_ratio.words": (QUERIES, lambda words, c: c.method(c.classifier, "log_ratio")(words).tolist()),
    "Classifier.score.words": (QUERIES, lambda words, c: c.method(c.classifier, "score")(words).tolist()),
    "Classifier.probability.words": (QUERIES, lambda words, c: c.method(c.classifier, "probability")(words).tolist()),
    "Classifier.predict.words": (QUERIES, lambda words, c: c.method(c.classifier, "predict")(words).tolist()),
    "Estimator.fit.words": (
        WORDS,
        lambda words, c: c.method(morelike.Estimator(order=2), "fit")(words).score_samples(QUERIES).tolist(),
    ),
    "Estimator.fit.counts": (
        COUNTS,
        lambda counts, c: (
            c.method(morelike.Estimator(order=2), "fit")(WORDS, counts=counts).score_samples(QUERIES).tolist()
        ),
    ),
    "Estimator.score.words": (QUERIES, lambda words, c: c.method(c.estimator, "score")(words)),
    "build.words": (
        WORDS,
        lambda words, c: c.plain(morelike.build)("mlp", words, hidden=2, embedding=2).forward(QUERIES).loss,
    ),
    "build_dataset.words": (WORDS, lambda words, c: c.plain(morelike.build_dataset)(words).X.tolist()),
    "watch.words": (
        QUERIES,
        lambda words, c: [*c.plain(morelike.watch)(c.network, words=words).words],
    ),
    "LanguageModel.forward.words": (QUERIES, lambda words, c: c.method(c.model, "forward")(words).loss),
    "LanguageModel.gradients.words": (
        QUERIES,
        lambda words, c: c.method(morelike.build("bigram", WORDS), "gradients")(words)["W"].tolist(),
    ),
    "LanguageModel.step.words": (
        QUERIES,
        lambda words, c: c.method(morelike.build("bigram", WORDS), "step")(words, 0.1),
    ),
    "Estimator.score_samples.words": (QUERIES, lambda words, c: c.method(c.estimator, "score_samples")(words).tolist()),
}
"""A use of each parameter that holds words, counts or labels: values for it, and a function that returns figures."""


class Context:
    """What a use needs; signatures are not checked at run time, since a wrong value must reach the function."""

    plain = staticmethod(inspect.unwrap)

    def __init__(self, **fixtures):
        vars(self).update(fixtures)

    @staticmethod
    def method(holder, name):
        return partial(inspect.unwrap(getattr(type(holder), name)), holder)


@pytest.fixture(scope="module")
def context(model, labelled, classifier):
    other = trained(["hen", "nah", "ehan", "nea"] * 3, smoothing="add")
    network = morelike.train(WORDS, "bigram", steps=2, split="none")
    estimator = morelike.Estimator(order=2).fit(WORDS)
    hidden = trained(WORDS, hide_test=True)
    return Context(
        model=model,
        labelled=labelled,
        classifier=classifier,
        network=network,
        other=other,
        estimator=estimator,
        hidden=hidden,
    )


def parameters():
    """Yield the dotted name and the annotation of each parameter of every public function and method."""
    for name in morelike.__all__:
        value = getattr(morelike, name)
        if not inspect.isclass(value):
            found = {name: value}
        else:
            methods = inspect.getmembers(value, lambda each: inspect.isfunction(each) or inspect.ismethod(each))
            found = {f"{name}.{method}": each for method, each in methods if not method.startswith("_")}
        for title, function in found.items():
            for parameter in inspect.signature(inspect.unwrap(function), follow_wrapped=False).parameters.values():
                yield f"{title}.{parameter.name}", str(parameter.annotation)


def test_every_parameter_that_holds_words_counts_or_labels_is_tried_here():
    declared = {
        name
        for name, annotation in parameters()
        if any(f"Word{kind}" in annotation for kind in ("s", "Counts", "Labels"))
    }
    assert declared == set(USES)


def test_no_public_parameter_of_strings_passes_by_the_front_door():
    kinds = ("Sequence[str", "Iterable[str", "Collection[str", "list[str")
    missed = [(name, annotation) for name, annotation in parameters() if any(k in annotation for k in kinds)]
    assert [name for name, _ in missed if name not in ("Split.labels", "Split.counts")] == []


SHAPES = {
    "a tuple": tuple,
    "a generator": lambda values: (value for value in values),
    "an array": np.array,
    "an array of objects": lambda values: np.array(values, dtype=object),
    "a sorted column": lambda values: pd.Series(values, index=INDEX[: len(values)]),
    "a column of pandas' strings": lambda values: pd.Series(values, index=INDEX[: len(values)]).convert_dtypes(),
    "a categorical column": lambda values: pd.Series(values, dtype="category", index=INDEX[: len(values)]),
    "a table of one column": lambda values: pd.DataFrame({"only": values}, index=INDEX[: len(values)]),
}


COSTLY = ("train.labels", "dry_run", "mix", "leader_board", "diagnose", "range_test", "watch")
"""Uses that are tried with one shape, since each takes a tenth of a second."""


@pytest.mark.parametrize("use", USES)
def test_any_iterable_is_read_by_position(use, context):
    values, run = USES[use]
    expected = run(values, context)
    for name in ["a sorted column"] if use.startswith(COSTLY) else SHAPES:
        shape = SHAPES[name]
        assert run(shape(values), context) == expected, name


def wrong_values(use, values):
    """Return values that no function takes in place of these, by the words of the error."""
    single = "anna" if use.endswith(".on") else "new york"
    words = {
        "came as one string": single,
        "came as a Counter": Counter(values),
        "came as a dict": dict.fromkeys(values, 1),
        "have the shape": pd.DataFrame({"word": values, "count": 1}),
        "are no list": 5,
        "word 2 is None": [values[0], None],
        "word 2 is nan": pd.Series([values[0], float("nan")], index=[9, 8], dtype=object),
        "word 1 is 1": [1, 2],
        "word 1 is b'anna'": [b"anna"],
    }
    some = list(values)
    counts = {
        "came as one string: give a list with one for each word": "1" * len(some),
        "came as a Counter: give them in the order of the words, as counts=[given[word] for word in words]": Counter(
            some
        ),
        "came as a dict": dict.fromkeys(some, 1),
        "are no list": 5,
        "count 1 is nan": [float("nan"), *some[1:]],
        "count 1 is -1": [-1, *some[1:]],
        "count 1 is 1.5": [1.5, *some[1:]],
        "count 1 is inf": [float("inf"), *some[1:]],
        "count 1 is 'many'": ["many", *some[1:]],
        "1 counts do not fit": [1],
    }
    labels = {
        "came as one string: give a list with one for each word": "x" * len(some),
        "came as a dict: give them in the order of the words, as labels=[given[word] for word in words]": {"anna": "x"},
        "label 2 is 'a\\nb', which holds": [some[0], "a\nb", *some[2:]],
        "are no list": 5,
        "label 1 is 3": [3, *some[1:]],
        "1 labels do not fit": ["x"],
    }
    return {"counts": counts, "labels": labels}.get(use.rpartition(".")[2], words)


@pytest.mark.parametrize("use", USES)
def test_what_is_no_list_is_refused_in_one_sentence(use, context):
    values, run = USES[use]
    for says, wrong in wrong_values(use, values).items():
        with pytest.raises(ListError) as refused:
            run(wrong, context)
        assert says in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_missing_label_of_a_column_is_no_label():
    missing = [None, float("nan"), pd.NA, ""]
    labels = ["x", "y"] * 4
    expected = morelike.train(WORDS, "ngram", labels=[*labels, "", "", "", ""])
    found = inspect.unwrap(morelike.train)(
        WORDS, "ngram", labels=pd.Series([*labels, *missing], index=INDEX, dtype=object)
    )
    assert found.labels == expected.labels
    assert found.log_probability(QUERIES).tolist() == expected.log_probability(QUERIES).tolist()


def test_a_word_that_is_not_one_line_has_its_position():
    with pytest.raises(ListError, match=r"word 3 is 'han\\nna', which holds a line end"):
        morelike.train(["anna", "", "han\nna"], "ngram")


@pytest.mark.parametrize("blank", ["", "anna"])
def test_a_count_of_zero_has_its_position_in_the_given_list(blank):
    words, counts = ["anna", blank, "hanna"], [3, 0 if not blank else 1, 0]
    with pytest.raises(ListError, match=r"^count 3: a word has the count 0"):
        morelike.train(words, "ngram", counts=counts)


def test_a_count_of_zero_has_its_position_in_an_evaluation(context):
    with pytest.raises(ListError, match=r"^count 2: a word has the count 0"):
        context.model.evaluate(QUERIES, counts=[3, *[0] * (len(QUERIES) - 1)])


def test_counts_and_labels_do_not_fit_a_set_which_has_no_order():
    for column in ({"counts": [1, 2]}, {"labels": ["x", "y"]}):
        with pytest.raises(ListError, match="a set, which has no order"):
            morelike.train({"anna", "hanna"}, "ngram", **column)


SUBSTRINGS = ["ha", "n"]
SAMPLED = {
    "sample": lambda c, **setting: c.model.sample(3, novel=False, **setting),
    "top": lambda c, **setting: [*c.model.top(3, **setting)],
    "pseudowords": lambda c, **setting: (
        morelike.pseudowords(c.model, "hanna", WORDS, count=1, candidates=5, **setting).found.words
    ),
}


@pytest.mark.parametrize("use", SAMPLED)
@pytest.mark.parametrize("name", ["contains", "not_contains"])
def test_texts_to_contain_are_read_as_words_are_and_one_string_is_one_text(use, name, context):
    run, values = SAMPLED[use], SUBSTRINGS if name == "contains" else ["hh", "nnn"]
    expected = run(context, **{name: values})
    for title, shape in SHAPES.items():
        assert run(context, **{name: shape(values)}) == expected, title
    assert run(context, **{name: values[0]}) == run(context, **{name: values[:1]})


@pytest.mark.parametrize("name", ["contains", "not_contains"])
def test_texts_to_contain_that_are_no_list_get_the_sentences_of_not_in(name, context):
    for says, wrong in wrong_values("not_in", SUBSTRINGS).items():
        if isinstance(wrong, str):
            continue
        sentences = []
        for parameter in ("not_in", name):
            with pytest.raises(ListError, match=says) as refused:
                inspect.unwrap(type(context.model).sample)(context.model, 3, **{parameter: wrong})
            sentences.append(str(refused.value).replace(parameter, "LIST"))
        assert sentences[0] == sentences[1]


SINGLE = {
    "LanguageModel.surprisal": lambda c, value: c.method(c.model, "surprisal")(value),
    "LanguageModel.logits": lambda c, value: c.method(c.model, "logits")(value),
    "LanguageModel.conditioned_on": lambda c, value: c.method(c.labelled, "conditioned_on")(value),
    "similar": lambda c, value: inspect.unwrap(morelike.similar)(c.model, value, WORDS, by="edits"),
    "pseudowords": lambda c, value: inspect.unwrap(morelike.pseudowords)(c.model, value, WORDS),
}


@pytest.mark.parametrize("use", SINGLE)
@pytest.mark.parametrize("value", [5, ["anna"], b"anna", np.array(["anna"]), float("nan")], ids=str)
def test_a_word_that_is_no_string_is_refused_in_one_sentence(use, value, context):
    with pytest.raises(MorelikeError, match="expected one string") as refused:
        SINGLE[use](context, value)
    assert "\n" not in str(refused.value)
