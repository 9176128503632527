import os
import tempfile

import numpy as np
import pytest

from morelike.ngrams.disk_columns import DiskColumn
from morelike.ngrams.merging import in_order


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_column_returns_slices_of_the_appended_blocks(on_disk):
    column = DiskColumn(np.int64, on_disk=on_disk)
    for start, stop in ((0, 5), (5, 5), (5, 12)):
        column.append(np.arange(start, stop))
    numbers = column.numbers()
    assert len(column) == len(numbers) == 12
    for part in (slice(0, 12), slice(3, 7), slice(7, 3), slice(11, 40)):
        assert numbers[part].tolist() == column[part].tolist() == np.arange(12)[part].tolist()
    assert column.array().tolist() == list(range(12))


@pytest.mark.parametrize("on_disk", [False, True])
def test_an_empty_column_is_an_empty_array(on_disk):
    assert DiskColumn(np.float64, on_disk=on_disk).array().shape == (0,)


@pytest.mark.skipif(os.name != "posix", reason="files without names")
def test_a_file_of_a_column_has_no_name_so_that_none_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    column = DiskColumn(np.int64, on_disk=True)
    column.append(np.arange(1000))
    assert list(tmp_path.iterdir()) == []
    assert column.array()[-1] == 999


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_of_threads_are_in_the_order_of_the_items(threads):
    assert list(in_order(threads, lambda x: x * x, range(17))) == [x * x for x in range(17)]


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_in_a_thread_is_raised(threads):
    with pytest.raises(ZeroDivisionError):
        list(in_order(threads, lambda x: 1 // (x - 3), range(6)))
