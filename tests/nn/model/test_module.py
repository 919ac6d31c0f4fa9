"""Parameters: listing, naming, saving and loading."""

import json

import pytest

from engine import DataError, OutputError, Value, ValueTypeError, constant
from nn import MLP, Module, Neuron
from nn.model.model_files import read_model


class Odd(Module):
    """A module with parameters in every kind of place."""

    def __init__(self):
        self.a = Value(1.0)
        self.many = [Value(2.0), (Value(3.0), Value(4.0))]
        self.by_name = {"k": Value(5.0)}
        self.inner = Neuron.from_weights([6.0], 7.0)
        self.again = self.a
        self.fixed = constant(8.0)
        self.text = "no parameter"


def test_parameters_are_found_where_they_are():
    """Attributes, lists, tuples, dicts and modules are searched; a shared Value comes once."""
    odd = Odd()
    assert odd.state_dict() == {
        "a": 1.0,
        "many[0]": 2.0,
        "many[1][0]": 3.0,
        "many[1][1]": 4.0,
        "by_name['k']": 5.0,
        "inner.w_1": 6.0,
        "inner.b": 7.0,
    }
    assert odd.parameters() == list(odd.named_parameters().values())


def test_zero_grad_zeroes_every_gradient():
    """After zero_grad nothing is left of a backward pass."""
    model = MLP(2, [3, 1], seed=1)
    model([1.0, 2.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


def test_a_state_goes_from_one_model_to_another():
    """The second model then computes the same."""
    one, other = MLP(2, [3, 1], seed=1), MLP(2, [3, 1], seed=2)
    assert one.state_dict() != other.state_dict()
    other.load_state_dict(one.state_dict())
    assert other([0.5, -1.0]).data == one([0.5, -1.0]).data


def test_a_state_that_does_not_fit_changes_nothing():
    """Missing and unknown names are listed, and the parameters stay."""
    model = MLP(2, [1], seed=1)
    before = model.state_dict()
    with pytest.raises(DataError, match="missing w_112, b_11 and unknown w_999"):
        model.load_state_dict({"w_111": 1.0, "w_999": 1.0})
    with pytest.raises(DataError, match=r"missing w_111, w_112, b_11;"):
        model.load_state_dict({})
    with pytest.raises(DataError, match="unknown z;"):
        model.load_state_dict({**before, "z": 0.0})
    with pytest.raises(ValueTypeError, match="parameter 'b_11'"):
        model.load_state_dict({**before, "b_11": "1.0"})
    with pytest.raises(ValueTypeError, match="not list"):
        model.load_state_dict([1.0])
    assert model.state_dict() == before


def test_a_long_list_of_names_is_cut_short():
    """Five names are enough of a message, and a long model is cut too."""
    model = MLP(2, [4, 4, 1], seed=1)
    with pytest.raises(
        DataError, match=r"MLP of .*\.\.\.: missing (w_\d+, ){2}b_11, w_121, w_122 and 32 more"
    ):
        model.load_state_dict({})


def test_a_saved_model_loads_to_the_last_bit(tmp_path):
    """Numbers survive the file exactly, and load returns the model."""
    model = MLP(2, [3, 1], seed=1)
    model.save(tmp_path / "model.json")
    loaded = MLP(2, [3, 1], seed=2).load(tmp_path / "model.json")
    assert loaded.state_dict() == model.state_dict()
    assert json.loads((tmp_path / "model.json").read_text())["model"] == repr(model)


def test_saving_replaces_the_file_and_leaves_nothing_beside_it(tmp_path):
    """A second save overwrites; no scratch files stay."""
    path = tmp_path / "model.json"
    Neuron.from_weights([1.0]).save(path)
    Neuron.from_weights([2.0]).save(path)
    assert Neuron(1).load(path).w[0].data == 2.0
    assert [p.name for p in tmp_path.iterdir()] == ["model.json"]


def test_a_file_that_cannot_be_written(tmp_path):
    """The message names the file; nothing is left behind."""
    neuron = Neuron.from_weights([1.0])
    with pytest.raises(OutputError, match=r"cannot write .*m\.json: the folder .* does not exist"):
        neuron.save(tmp_path / "gone" / "m.json")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        neuron.save(tmp_path / "folder")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_a_diverged_model_is_not_saved(tmp_path):
    """Nan is no number to keep; the old file stays."""
    neuron = Neuron.from_weights([1.0])
    neuron.save(tmp_path / "m.json")
    assert read_model(tmp_path / "m.json").architecture is None
    neuron.w[0].data = float("nan")
    with pytest.raises(DataError, match=r"parameter w_1 is nan.*learning rate"):
        neuron.save(tmp_path / "m.json")
    assert Neuron(1).load(tmp_path / "m.json").w[0].data == 1.0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "not readable as JSON"),
        ('{"w_1": "x", "b": 0}', r"cannot load .*parameter 'w_1' must be a finite number"),
        ("{}", "cannot load .*missing w_1, b"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(tmp_path, text, complaint):
    """Each misfit has its sentence, and the parameters stay as they were."""
    path = tmp_path / "m.json"
    path.write_text(f'{{"format": "everypath parameters", "version": 1, "parameters": {text}}}')
    neuron = Neuron.from_weights([3.0])
    with pytest.raises(DataError, match=complaint):
        neuron.load(path)
    assert neuron.w[0].data == 3.0


def test_a_file_that_is_not_there(tmp_path):
    """The message names the file."""
    with pytest.raises(DataError, match=r"cannot read .*none\.json"):
        Neuron(1).load(tmp_path / "none.json")


class Slope(Module):
    """An activation that learns."""

    def __init__(self):
        self.slope = Value(0.1)

    def __call__(self, a):  # noqa: D102 - of a test's own model
        return a if a > 0 else self.slope * a


def test_an_activation_that_learns_is_trained():
    """Its parameters are the network's; all neurons share them."""
    model = MLP(2, [3, 1], Slope(), seed=1)
    added = set(model.named_parameters()) - set(MLP(2, [3, 1], seed=1).named_parameters())
    assert added == {"layers[0].neurons[0].learned.slope"}
    assert len(model.parameters()) == len(model.named_parameters()) == 14


def test_a_result_that_is_kept_is_no_parameter():
    """Models keep what they want to look at."""

    class Curious(Module):
        def __init__(self):
            self.w = Value(2.0)

        def __call__(self, x):
            self.h = self.w * x
            return self.h

    model = Curious()
    model(3.0)
    assert list(model.named_parameters()) == ["w"]
