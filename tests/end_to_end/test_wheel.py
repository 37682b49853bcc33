"""What we ship is the wheel: built, installed elsewhere, and run there without a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(_ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_data_and_no_test(wheel: Path) -> None:
    """Checklists, the demo scheme, templates and styles travel; tests and benches do not."""
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "firstcontact/_shipped/checklists/older-person-first-contact/checklist.yaml",
        "firstcontact/_shipped/checklists/ambleshire/partners.yaml",
        "firstcontact/tui/app.tcss",
    ):
        assert needed in names
    assert any(name.startswith("sync/desk/templates/") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


def test_an_installed_wheel_runs_the_demo(wheel: Path, tmp_path: Path) -> None:
    """Installed in an environment of its own, away from the checkout, `firstcontact demo --script` plays a visit."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    # The libraries are those of this environment, so that the test needs no registry; our own code is the wheel's.
    paths = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    (Path(paths) / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    script = Path(paths) / "firstcontact/_shipped/checklists/older-person-first-contact/visits/S01.yaml"
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    where = [str(python), "-c", "import firstcontact; print(firstcontact.__file__)"]
    found = subprocess.run(where, capture_output=True, text=True, check=True, cwd=tmp_path, env=env).stdout
    assert str(_ROOT / "firstcontact") not in found
    done = subprocess.run(
        [str(python), "-m", "firstcontact", "demo", "--script", str(script)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={**env, "PYTHONUTF8": "1"},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Accepted" in done.stdout
