"""The script behind `make setup`: what it installs, and the one sentence it says when something is missing."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "tools" / "setup.sh"
OLD_PYTHON = '#!/bin/sh\ncase "$2" in *print*) echo Python 3.9 ;; *) exit 1 ;; esac\n'


@pytest.fixture
def setup(tmp_path: Path):
    """Run the script in an empty folder whose PATH knows no Python."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "cmp", "cp", "grep", "tail"):
        (tools / name).symlink_to(shutil.which(name) or name)

    def run(*locks: str, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {"PATH": str(tools), "PIP_CONFIG_FILE": os.devnull, **environment}
        return subprocess.run(
            ["sh", SCRIPT, ".venv", *locks], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
        )

    return run


def executable(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_no_python_is_one_sentence(setup):
    result = setup()
    assert result.returncode == 1
    assert result.stderr.startswith("Atelier needs Python 3.11 to 3.14 and none was found: install one")
    assert result.stderr.count("\n") == 1


def test_a_wrong_python_is_one_sentence_that_names_it(setup, tmp_path: Path):
    result = setup(PYTHON=str(executable(tmp_path / "python3.9", OLD_PYTHON)))
    assert result.returncode == 1
    assert result.stderr == (
        f"Atelier needs Python 3.11 to 3.14, but PYTHON={tmp_path}/python3.9 is Python 3.9: name another one.\n"
    )


def test_a_missing_venv_module_is_one_sentence(setup, tmp_path: Path):
    (tmp_path / "ensurepip.py").write_text("raise ImportError")
    result = setup(PYTHON=sys.executable, PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert "has no venv module: install it" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_name_in_path_that_does_not_run_is_passed_over(setup, tmp_path: Path):
    executable(tmp_path / "bin" / "python3", "#!/bin/sh\nexit 127\n")
    executable(tmp_path / "bin" / "python3.13", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    result = setup()
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / ".venv" / "bin" / "python").exists()


def wheel(folder: Path, version: str) -> str:
    """Write a package `brush` and return the lock that pins it."""
    info = f"brush-{version}.dist-info"
    files = {
        "brush.py": f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: brush\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}\n"
        for name, text in files.items()
    )
    path = folder / f"brush-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(name, text)
    return f"brush=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def test_a_lock_is_installed_once_and_again_when_it_changes(setup, tmp_path: Path):
    lock = tmp_path / "some.lock"
    local = {"PYTHON": sys.executable, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}

    def installed() -> str:
        command = [tmp_path / ".venv" / "bin" / "python", "-c", "import brush; print(brush.version)"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    lock.write_text(wheel(tmp_path, "1.0"))
    first = setup("some.lock", **local)
    assert (first.returncode, first.stderr, installed()) == (0, "", "1.0")

    second = setup("some.lock", **local)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")

    lock.write_text(wheel(tmp_path, "2.0"))
    assert (setup("some.lock", **local).returncode, installed()) == (0, "2.0")

    lock.write_text(f"brush==1.0 --hash=sha256:{'0' * 64}\n")
    forged = setup("some.lock", **local)
    assert (forged.returncode, installed()) == (1, "2.0")
    assert forged.stderr.startswith(
        "A downloaded package is not the one that some.lock names, so nothing was installed"
    )

    lock.write_text(f"easel==1.0 --hash=sha256:{'0' * 64}\n")
    unreachable = setup("some.lock", PYTHON=sys.executable, PIP_INDEX_URL="http://127.0.0.1:9/", PIP_RETRIES="0")
    assert unreachable.returncode == 1
    assert unreachable.stderr.startswith("pip cannot reach the package index: check the network and the proxy")
    assert "Traceback" not in unreachable.stderr
