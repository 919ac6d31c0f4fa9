"""Model files: what is written, and what is refused."""

import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import DataError
from nn.model.model_files import ModelFile, read_model, write_model

HEAD = '"format": "everypath parameters", "version": 2'


@given(numbers=st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_survive_to_the_last_bit(tmp_path_factory, numbers):
    """Any finite numbers under any names come back, signs of zeros and subnormals included."""
    path = tmp_path_factory.mktemp("models") / "m.json"
    write_model(path, ModelFile("any", None, numbers))
    found = read_model(path).parameters
    assert list(found) == list(numbers)
    assert [struct.pack("d", x) for x in found.values()] == [
        struct.pack("d", x) for x in numbers.values()
    ]


def test_a_file_is_readable_and_has_a_version(tmp_path):
    """Format and version come first, then the model in words."""
    write_model(tmp_path / "m.json", ModelFile("Line", {"class": "?"}, {"w": 0.1}))
    text = (tmp_path / "m.json").read_text()
    assert json.loads(text) == {
        "format": "everypath parameters",
        "version": 2,
        "model": "Line",
        "architecture": {"class": "?"},
        "parameters": {"w": 0.1},
    }
    assert text.startswith('{\n  "format": "everypath parameters",\n  "version": 2,')


def test_files_of_version_1_are_read(tmp_path):
    """They have no architecture."""
    (tmp_path / "m.json").write_text(
        '{"format": "everypath parameters", "version": 1, "model": "M", "parameters": {"w": 1}}'
    )
    assert read_model(tmp_path / "m.json") == ModelFile("M", None, {"w": 1.0})


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_diverged_is_not_written(tmp_path, bad):
    """The old file stays as it was, and nothing is beside it."""
    path = tmp_path / "m.json"
    write_model(path, ModelFile("M", None, {"w": 1.0}))
    with pytest.raises(DataError, match=r"parameter w is (nan|inf), so .*learning rate"):
        write_model(path, ModelFile("M", None, {"w": bad}))
    assert read_model(path).parameters == {"w": 1.0}
    assert [p.name for p in tmp_path.iterdir()] == ["m.json"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "not readable as JSON"),
        ("", "not readable as JSON"),
        ("[" * 100_000, "not readable as JSON"),
        ('{"a": 1, "b": 2, "a": 3}', "'a' is there twice"),
        ("[1]", "not a model file"),
        ('{"format": "other"}', "not a model file"),
        ('{"format": "everypath parameters"}', "has version None"),
        ('{"format": "everypath parameters", "version": 3}', r"has version 3 .* versions 1 to 2"),
        ('{"format": "everypath parameters", "version": 0}', "has version 0"),
        ('{"format": "everypath parameters", "version": true}', "has version True"),
        (f"{{{HEAD}}}", 'it has no "parameters"'),
        (f'{{{HEAD}, "parameters": [1]}}', 'it has no "parameters"'),
        (f'{{{HEAD}, "parameters": {{"w": "0"}}}}', "parameter 'w' must be a finite .* not '0'"),
        (f'{{{HEAD}, "parameters": {{"w": true}}}}', "must be a finite number, not True"),
        (f'{{{HEAD}, "parameters": {{"w": NaN}}}}', "must be a finite number, not nan"),
        (f'{{{HEAD}, "parameters": {{"w": 1{"0" * 400}}}}}', r"not 10*\.\.\.; the file is dam"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused(tmp_path, text, complaint):
    """Each kind of damage has its sentence, which names the file."""
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(DataError, match=complaint) as caught:
        read_model(path)
    assert "m.json" in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    """Bytes that are no text are no model."""
    (tmp_path / "m.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not readable as JSON"):
        read_model(tmp_path / "m.json")


def test_a_missing_file_is_named(tmp_path):
    """With what the system says."""
    with pytest.raises(DataError, match=r"cannot read .*m\.json: No such file .*; give a file"):
        read_model(tmp_path / "m.json")
