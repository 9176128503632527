"""A reader of the output that ends early loses no report."""

import subprocess
import sys


def test_training_writes_its_report_although_nobody_reads_the_words(listed, tmp_path):
    command = [sys.executable, "-m", "morelike", "train", str(listed), "--model", "ngram", "--out", "runs"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        process.stderr.read()
        assert process.wait(60) == 0
    assert list(tmp_path.glob("runs/*/report.html"))
