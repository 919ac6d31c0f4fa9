"""Whole models from files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import DataError, UnknownNameError
from nn import MLP, Layer, Module, Neuron
from nn.model.loading import KNOWN, load


@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    names=st.lists(st.sampled_from(KNOWN), min_size=3, max_size=3),
    expanded=st.booleans(),
    seed=st.integers(),
)
def test_a_model_comes_back_whole(tmp_path_factory, sizes, names, expanded, seed):
    """Any sizes and activations: the same representation, names, numbers and outputs."""
    model = MLP.from_layers(
        [
            Layer(inputs, outputs, activation=name, expanded=expanded, seed=seed)
            for inputs, outputs, name in zip(sizes, sizes[1:], names, strict=False)
        ]
    )
    path = tmp_path_factory.mktemp("models") / "m.json"
    model.save(path)
    again = load(path)
    assert repr(again) == repr(model)
    assert again.state_dict() == model.state_dict()
    x = [0.5] * sizes[0]
    found, expected = again(x), model(x)
    if sizes[-1] == 1:
        found, expected = [found], [expected]
    assert [y.data for y in found] == [y.data for y in expected]
    assert {y.op for y in found} == {y.op for y in expected}
    again.save(path.with_name("again.json"))
    assert path.with_name("again.json").read_bytes() == path.read_bytes()


def test_a_function_of_the_engine_has_a_name(tmp_path):
    """An activation given as `engine.tanh` is saved as "tanh"."""
    MLP(1, [2, 1], engine.tanh, seed=1).save(tmp_path / "m.json")
    assert repr(load(tmp_path / "m.json").layers[0]) == "Layer of [TanhNeuron(1), TanhNeuron(1)]"


class Twice(MLP):
    """A network of a reader's own."""

    def __call__(self, x, names=False):
        """Compute twice the output."""
        return 2 * super().__call__(x, names)


def own_function():
    """Make a network with an activation that has no name here."""
    return MLP(2, [1], lambda a: a * a, lambda a: a * a, seed=1)


def shared_weight():
    """Make a network whose two weights are one Value."""
    w = engine.Value(1.0)
    return MLP.from_weights([[[w, w]]])


def frozen_weight():
    """Make a network with a weight that is no parameter."""
    return MLP.from_weights([[[engine.constant(1.0), 2.0]]])


@pytest.mark.parametrize(
    "make",
    [own_function, shared_weight, frozen_weight, lambda: Twice(2, [1]), lambda: Neuron(2)],
)
def test_what_cannot_be_described_is_loaded_into_a_model(tmp_path, make):
    """The parameters are saved; nn.load says to make the model first; then it loads."""
    path = tmp_path / "m.json"
    make().save(path)
    with pytest.raises(DataError, match=r"not how to build it .*then model\.load\('.*m\.json'\)"):
        load(path)
    assert isinstance(make().load(path), Module)


def test_a_file_of_version_1_says_how_to_go_on(tmp_path):
    """It has no architecture, so the model comes first; a long model is cut short."""
    content = {
        "format": "everypath parameters",
        "version": 1,
        "model": repr(MLP(2, [9, 9, 1])),
        "parameters": {},
    }
    (tmp_path / "m.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"parameters of MLP of \[Layer of .*\.\.\., but not how"):
        load(tmp_path / "m.json")


def damaged(path, **changes):
    """Save a small model, then change its architecture."""
    MLP(2, [3, 1], seed=1).save(path)
    content = json.loads(path.read_text())
    architecture = content["architecture"]
    for key, change in changes.items():
        if key in {"neurons", "activation"}:
            architecture["layers"][1][key] = change
        elif key == "whole":
            content["architecture"] = change
        elif key == "parameters":
            content[key] = change(content[key])
        else:
            architecture[key] = change
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"whole": [1]}, "describes None, and only 'MLP' is known"),
        ({"class": "CNN"}, "describes 'CNN'"),
        ({"layers": []}, '"layers" must be a list with at least one layer'),
        ({"layers": {}}, '"layers" must be a list'),
        ({"layers": [3]}, '"layers" must be a list'),
        ({"inputs": 0}, '"inputs" must be a whole number of at least 1, not 0'),
        ({"inputs": True}, '"inputs" must be a whole number'),
        ({"neurons": "1"}, "\"neurons\" of layer 2 must be a whole number of at least 1, not '1'"),
        ({"neurons": 10**12}, "have .* parameters, but there are 13"),
        ({"inputs": 3}, r"layers of \[3, 3, 1\] have 16 parameters, but there are 13"),
        (
            {"activation": "rlu"},
            "layer 2 has the unknown activation 'rlu'; known are 'elu', 'gelu'",
        ),
        ({"activation": None}, "unknown activation None"),
        ({"activation": ["relu"]}, "unknown activation"),
        ({"parameters": lambda p: {f"{k}!": x for k, x in p.items()}}, "missing w_111"),
    ],
)
def test_a_damaged_architecture_is_refused(tmp_path, changes, complaint):
    """Each kind of damage has its sentence, which names the file; nothing large is made."""
    damaged(tmp_path / "m.json", **changes)
    with pytest.raises(DataError, match=complaint) as caught:
        load(tmp_path / "m.json")
    assert "m.json is damaged: " in str(caught.value)


def test_a_file_never_runs_code(tmp_path):
    """A text where a name belongs stays a text."""
    damaged(tmp_path / "m.json", activation="__import__('os').abort()")
    with pytest.raises(DataError, match="unknown activation"):
        load(tmp_path / "m.json")


def test_an_unknown_activation_is_no_softmax_of_one_neuron():
    """What a file may name is what a layer takes."""
    for name in KNOWN:
        Layer(2, 2, activation=name)
    with pytest.raises(UnknownNameError):
        Layer(2, 2, activation="no")
