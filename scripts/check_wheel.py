"""Build the wheel, look inside, install it in a fresh environment and run the main job there.

python scripts/check_wheel.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"engine", "nn", "viz"}


def build(folder: Path) -> Path:
    """Build the wheel into a folder."""
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def check_contents(wheel: Path) -> None:
    """Check that the wheel holds the three packages, whole, and nothing else."""
    names = zipfile.ZipFile(wheel).namelist()
    found = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    if found != PACKAGES:
        raise SystemExit(f"the wheel holds {sorted(found)}, not exactly {sorted(PACKAGES)}")
    tracked = subprocess.run(
        ["git", "ls-files", *sorted(PACKAGES)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    missing = set(tracked.stdout.split()) - set(names)
    if missing:
        raise SystemExit(f"the wheel lacks {sorted(missing)}")
    if any(f"{package}/py.typed" not in names for package in PACKAGES):
        raise SystemExit("the wheel lacks a py.typed")


def run_main_job(wheel: Path, folder: Path) -> None:
    """Install the wheel alone and run the main job from a folder that is not the checkout."""
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(scripts / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, str(wheel)], check=True)
    work = folder / "work"
    work.mkdir()
    # PATH is empty: no system graphviz can help.
    done = subprocess.run(
        [str(scripts / "everypath"), "w131"],
        cwd=work,
        env={"PATH": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    if "0.00315935676" not in done.stdout:
        raise SystemExit(f"the main job printed something else:\n{done.stdout}")
    for name in ("w131.svg", "w131-nodes.svg"):
        if not (work / name).read_text("utf-8").lstrip().startswith("<"):
            raise SystemExit(f"the main job wrote no {name}")


def main() -> None:
    """Run the three checks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = build(folder)
        check_contents(wheel)
        run_main_job(wheel, folder)
    print(f"{wheel.name}: contents right, main job runs from another folder")


if __name__ == "__main__":
    main()
