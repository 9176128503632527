"""Each picture shows the figures that it was given, and refuses what makes no picture."""

from collections import Counter, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import SettingError
from morelike.pictures.heat_maps import bigram_figure, count_figure
from morelike.pictures.histograms import histogram_figure, histograms_figure
from morelike.pictures.leader_board import leader_board_figure
from morelike.pictures.losses import curves_figure, loss_figure, rate_figure, smoothed, train_and_dev_figure
from morelike.pictures.words import lengths_figure, novelty_figure, surprisal_figure

Place = namedtuple("Place", "name loss interval")
Binned = namedtuple("Binned", "counts edges")
STEPS, LOSSES = np.arange(1.0, 201.0), 2 + 1 / np.arange(1.0, 201.0)


def numbers(values):
    return [float(value) for value in values]


def test_a_loss_is_shown_as_measured_and_smoothed():
    raw, smooth = loss_figure(STEPS, LOSSES).data
    assert numbers(raw.y) == numbers(LOSSES)
    assert numbers(smooth.y) == numbers(smoothed(LOSSES))


def test_the_logarithm_of_a_loss_is_that_to_ten():
    assert numbers(loss_figure(STEPS, LOSSES, log10=True).data[0].y) == pytest.approx(np.log10(LOSSES))


@given(st.lists(st.floats(0, 10), min_size=1, max_size=300))
def test_smoothing_stays_between_the_least_and_the_greatest_and_keeps_the_beginning(values):
    smooth = smoothed(np.array(values))
    assert len(smooth) == len(values)
    assert np.all(smooth >= min(values) - 1e-9)
    assert np.all(smooth <= max(values) + 1e-9)
    assert smooth[0] == pytest.approx(values[0], abs=1e-9)


def test_smoothing_keeps_a_sharp_drop_sharp():
    noise = np.random.default_rng(0).normal(0, 0.01, 1000)
    level = np.repeat([3.0, 1.0], 500)
    assert np.abs(smoothed(level + noise) - level).max() < 0.02


def test_the_last_smoothed_value_is_not_a_single_measurement():
    losses = np.random.default_rng(1).normal(2, 0.02, 1000)
    losses[-25:] += 1.9946 - losses[-25:].mean()
    losses[-1] = 2.022
    assert smoothed(losses)[-1] == pytest.approx(1.9946, abs=0.01)


def test_smoothing_a_straight_line_changes_nothing():
    assert smoothed(STEPS) == pytest.approx(STEPS)


def test_train_stands_against_dev_and_the_best_look_is_marked():
    figure = train_and_dev_figure(STEPS, LOSSES, np.array([100.0, 200.0]), np.array([2.1, 2.3]))
    train, dev, best = figure.data
    assert (train.name, dev.name, best.name) == ("train", "dev", "best: 2.1000")
    assert numbers(dev.y) == [2.1, 2.3]
    assert (numbers(best.x), numbers(best.y)) == ([100.0], [2.1])
    low, high = figure.layout.yaxis.range
    assert low < 2.0 + 1 / 200
    assert 2.3 < high < 3


def test_one_look_at_dev_at_the_end_still_leaves_the_curve_of_train_in_view():
    low, high = train_and_dev_figure(STEPS, LOSSES, np.array([200.0]), np.array([2.0])).layout.yaxis.range
    assert high - low > 0.015


def test_curves_of_several_runs_have_their_names_and_lines_that_differ():
    figure = curves_figure({f"run {i}": (STEPS, LOSSES + i) for i in range(8)}, "loss on dev")
    assert [trace.name for trace in figure.data] == [f"run {i}" for i in range(8)]
    assert len({(trace.line.color, trace.line.dash) for trace in figure.data}) == 8


def test_the_rate_is_shown_along_the_steps():
    assert numbers(rate_figure(STEPS, LOSSES).data[0].y) == numbers(LOSSES)


COUNTS = np.array([[0, 3, 1], [2, 0, 2], [2, 1234, 0]])


def test_counts_stand_in_the_cells_as_text():
    (cells,) = count_figure(COUNTS, ["", "a", "<"]).data
    assert [list(row) for row in cells.text] == [["", "3", "1"], ["2", "", "2"], ["2", "1.2k", ""]]
    assert cells.texttemplate == "%{text}"
    assert cells.hovertext[2][1] == "&lt; then a: 1,234 times, 99.8%"


def test_bigram_shares_sum_to_a_hundred_in_each_row():
    (cells,) = bigram_figure(COUNTS, ["", "a", "b"]).data
    assert (np.array(cells.z, dtype=float) ** 2).sum(axis=1) == pytest.approx([100, 100, 100])
    assert cells.text[0][1] == "75"


def test_values_are_left_out_where_the_cells_are_too_narrow():
    many = [chr(0x4E00 + i) for i in range(60)]
    assert count_figure(np.ones((60, 60), dtype=int), many).data[0].texttemplate is None


def test_axes_are_never_read_as_numbers_or_dates():
    figure = count_figure(COUNTS, ["1", "2", "2020-01-01"[0]])
    assert list(figure.layout.xaxis.tickvals) == [0, 1, 2]
    assert list(figure.layout.xaxis.ticktext) == ["1", "2", "2"]


def test_symbols_that_do_not_fit_the_counts_are_refused():
    with pytest.raises(SettingError, match="one row and column for each"):
        count_figure(COUNTS, ["a"])


def test_surprisal_is_shown_in_bits_with_the_characters_in_their_cells():
    figure = surprisal_figure({"new": [(["a", "<", ""], np.log([2.0, 4.0, 8.0]))]})
    (cells,) = figure.data
    assert list(cells.text[1][:4]) == ["a", "&lt;", "⏎", ""]
    assert numbers(cells.z[1][:3]) == pytest.approx([1, 2, 3])
    assert [note.text for note in figure.layout.annotations] == ["new"]
    assert list(figure.layout.yaxis.ticktext) == ["2.00"]


def test_a_long_word_is_cut_and_a_wrong_one_refused():
    figure = surprisal_figure({"": [(list("x" * 100), np.ones(100))]})
    assert len(figure.data[0].z[0]) == 40
    with pytest.raises(SettingError, match="one for each"):
        surprisal_figure({"": [(["a"], np.ones(2))]})
    with pytest.raises(SettingError, match="no words"):
        surprisal_figure({})


def test_lengths_are_shares_of_train_against_samples():
    figure = lengths_figure(Counter({2: 3, 4: 1}), Counter({3: 2}))
    bars, line = figure.data
    assert (list(bars.x), numbers(bars.y)) == ([2, 3, 4], [0.75, 0, 0.25])
    assert (list(line.x), numbers(line.y)) == ([3], [1.0])
    assert len(lengths_figure(Counter(), Counter({3: 2})).data) == 1
    with pytest.raises(SettingError, match="no lengths"):
        lengths_figure(Counter(), Counter())


def test_a_single_very_long_word_does_not_press_the_picture_flat():
    figure = lengths_figure(Counter({5: 10_000, 90_000: 1}), Counter())
    assert figure.layout.xaxis.range[1] < 10
    assert len(figure.data[0].x) <= 1001


def test_novelty_shares_sum_to_one_for_each_model():
    figure = novelty_figure({"gru": Counter(new=3, train=1), "<b>": Counter(new=1, test=1)})
    assert np.sum([numbers(trace.x) for trace in figure.data], axis=0) == pytest.approx([1, 1])
    assert [trace.name for trace in figure.data] == ["new", "in train", "in test"]
    assert list(figure.layout.yaxis.ticktext) == ["gru", "&lt;b&gt;"]
    with pytest.raises(SettingError, match="no samples"):
        novelty_figure({"gru": Counter()})


def test_the_leader_board_has_the_least_loss_on_top_with_its_interval():
    figure = leader_board_figure([Place("b", 2.0, (1.9, 2.2)), Place("a", 1.5, (1.4, 1.6))])
    (points,) = figure.data
    assert numbers(points.x) == [1.5, 2.0]
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert numbers(points.error_x.array) == pytest.approx([0.1, 0.2])
    assert numbers(points.error_x.arrayminus) == pytest.approx([0.1, 0.1])
    with pytest.raises(SettingError, match="no models"):
        leader_board_figure([])


def test_histograms_show_counts_between_their_edges():
    binned = Binned(np.array([1, 5]), np.array([0.0, 1.0, 3.0]))
    (bars,) = histogram_figure(binned, "W1").data
    assert (numbers(bars.x), numbers(bars.width), numbers(bars.y)) == ([0.5, 2.0], [1.0, 2.0], [1, 5])
    assert len(histograms_figure({f"W{i}": binned for i in range(5)}).data) == 5
    with pytest.raises(SettingError, match="one edge more"):
        histogram_figure(Binned([1], [0]), "W1")
    with pytest.raises(SettingError, match="no histograms"):
        histograms_figure({})
