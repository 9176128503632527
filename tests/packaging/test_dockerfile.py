"""The image of `morelike serve`: its steps as a script, and the image itself where a builder runs."""

import json
import re
import resource
import shutil
import socket
import subprocess
import time
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from .environment import ROOT, make_environment

TEXT = (ROOT / "Dockerfile").read_text()
NOBODY = 65534


def instructions(name):
    """Return the arguments of each instruction of a name, in their order."""
    return re.findall(rf"^{name} (.+)$", TEXT, re.MULTILINE)


def array(text):
    """Return the words of a command that the Dockerfile writes as an array."""
    return json.loads(text[text.index("[") :])


def write_no_files():
    """Give up the right to write a byte to any file, as on a read-only file system."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def wait_for(health, deadline=60):
    """Wait until the health check of the image succeeds."""
    began = time.monotonic()
    while subprocess.run(health, capture_output=True).returncode:
        assert time.monotonic() - began < deadline, "the server does not answer"
        time.sleep(0.2)


def sampled(port):
    request = Request(f"http://127.0.0.1:{port}/v1/sample", b'{"count": 3}', {"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as response:
        return json.load(response)


def test_it_installs_the_core_for_services_and_runs_as_nobody():
    assert any('"./packaging/core[serve,commands]"' in step for step in instructions("RUN"))
    assert instructions("USER") == [f"{NOBODY}:{NOBODY}"]
    copied = {name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]}
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.slow
def test_its_steps_serve_a_model_and_write_no_file(wheel, model_folder, tmp_path):
    python = make_environment(tmp_path / "opt", wheel, ("serve", "commands"))
    port = free_port()
    place = {"/opt/morelike/bin/python": str(python), "8000": str(port), "/models/model": str(model_folder)}

    def placed(words):
        return [re.sub("|".join(map(re.escape, place)), lambda found: place[found[0]], word) for word in words]

    command = placed(array(instructions("ENTRYPOINT")[0]) + array(instructions("CMD")[0]))
    environment = dict(pair.split("=") for pair in instructions("ENV")[0].split())
    server = subprocess.Popen(
        command, env=environment, cwd="/", preexec_fn=write_no_files, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        wait_for(placed(array(instructions("HEALTHCHECK")[0])))
        assert len(sampled(port)["words"]) == 3
    finally:
        server.terminate()
        _, said = server.communicate(timeout=30)
    assert b"Traceback" not in said


def builder():
    """Return whether Docker can build an image here."""
    return shutil.which("docker") and subprocess.run(["docker", "info"], capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_image_serves_a_model_on_a_read_only_file_system(model_folder, tmp_path):
    if not builder():
        pytest.skip("no Docker daemon runs here")
    subprocess.run(["docker", "build", "--tag", "morelike-serve-test", str(ROOT)], check=True, capture_output=True)
    port = free_port()
    shutil.copytree(model_folder, tmp_path / "model")
    for path in (tmp_path, tmp_path / "model"):
        path.chmod(0o755)  # the user of the image is nobody
    options = ["--rm", "--detach", "--read-only", "--cap-drop", "ALL", "--publish", f"127.0.0.1:{port}:8000"]
    options += ["--volume", f"{tmp_path / 'model'}:/models/model:ro"]
    started = subprocess.run(
        ["docker", "run", *options, "morelike-serve-test"], check=True, capture_output=True, text=True
    )
    container = started.stdout.strip()
    try:
        began = time.monotonic()
        while True:
            try:
                assert len(sampled(port)["words"]) == 3
                break
            except (URLError, ConnectionError):
                assert time.monotonic() - began < 60
                time.sleep(0.5)
    finally:
        subprocess.run(["docker", "kill", container], capture_output=True)
