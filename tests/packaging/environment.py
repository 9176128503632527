"""Environments that hold the wheel of morelike-core, the packages that it names, and nothing else."""

import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def build_wheel(folder):
    """Return the wheel of morelike-core, built from this repository without a network."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT / "packaging" / "core")], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def make_environment(folder, wheel, extras=()):
    """Return the Python of a new environment with a wheel; its packages are links to those that are installed here."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (metadata,) = site.glob("*.dist-info/METADATA")
    needed = [
        line.removeprefix("Requires-Dist: ") for line in metadata.read_text().splitlines() if "Requires-D" in line
    ]
    for name in closure(needed, set(extras)):
        for top in {file.parts[0] for file in distribution(name).files if file.parts[0] not in ("..", "__pycache__")}:
            (site / top).symlink_to(distribution(name).locate_file(top))
    return folder / "bin" / "python"


def closure(lines, extras):
    """Return the names of the packages that requirements name, and of all that these need in turn."""
    found, waiting = set(), [(Requirement(line), extras) for line in lines]
    while waiting:
        needed, wanted = waiting.pop()
        if needed.marker and not any(needed.marker.evaluate({"extra": extra}) for extra in wanted or {""}):
            continue
        name = canonicalize_name(needed.name)
        if name not in found:
            found.add(name)
            waiting += [(Requirement(line), needed.extras) for line in distribution(needed.name).requires or ()]
    return found
