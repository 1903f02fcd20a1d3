"""`inspect-zip`, as an operator types it."""

import json
from pathlib import Path

import pytest

from bot.dataset.inspect import main
from tests.hostile import Member, archive, picture


def test_a_sound_zip_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "set.zip"
    path.write_bytes(archive(Member(), Member(b"a.txt", b"a fox"), Member(b"b.gif", picture(kind="GIF"))))
    assert main([str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "verdict": "accept",
        "codes": [],
        "images": 1,
        "captions": 1,
        "left_out": [{"name": "b.gif", "code": "format", "reason": "It is a GIF file; save it as JPEG, PNG or WebP."}],
    }
    assert main([str(path)]) == 0
    assert "64 × 64  a.png" in capsys.readouterr().out


def test_a_hostile_zip_is_rejected_with_its_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "set.zip"
    path.write_bytes(archive(Member(flags=1)))
    assert main([str(path), "--json"]) == 1
    nothing = {"images": 0, "captions": 0, "left_out": []}
    assert json.loads(capsys.readouterr().out) == {"verdict": "reject", "codes": ["encrypted"], **nothing}
    assert main([str(path)]) == 1
    assert "make one without a password" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_is_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main([str(tmp_path / "missing.zip")]) == 2
    assert main([str(tmp_path), "--json"]) == 2
    assert "cannot be read" in capsys.readouterr().err
