"""Optimisers, schedules and clipping against PyTorch."""

import random

import pytest
import torch

import nn
from engine import Value
from nn.data.sets import moons

pytestmark = pytest.mark.oracle

STEPS = 50


def tensor(numbers):
    """A tensor of doubles."""
    return torch.tensor(numbers, dtype=torch.float64)


def gradients(parameters, seed=1):
    """Random gradients of very different sizes."""
    rng = random.Random(seed)
    return [
        [rng.gauss(0.0, 10.0 ** rng.uniform(-3.0, 2.0)) for _ in range(parameters)]
        for _ in range(STEPS)
    ]


def run_here(make, start, steps):
    """Step along gradients with one of our optimisers."""
    parameters = [Value(x) for x in start]
    optimizer = make(parameters)
    for gradient in steps:
        optimizer.step(gradient)
    return [p.data for p in parameters]


def run_torch(make, start, steps):
    """Step along the same gradients with PyTorch's."""
    weights = tensor(start).requires_grad_()
    optimizer = make([weights])
    for gradient in steps:
        weights.grad = tensor(gradient)
        optimizer.step()
    return weights.tolist()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"lr": 0.1}),
        ("SGD", {"lr": 0.1, "weight_decay": 0.01}),
        ("SGD", {"lr": 0.01, "momentum": 0.9}),
        ("SGD", {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.1}),
        ("SGD", {"lr": 0.01, "momentum": 0.5, "nesterov": True}),
        ("SGD", {"lr": 0.01, "momentum": 0.5, "nesterov": True, "weight_decay": 0.01}),
        ("Adam", {}),
        ("Adam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
        ("AdamW", {}),
        ("AdamW", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ],
)
def test_fifty_steps_of_every_optimiser(name, options):
    """The same parameters to a relative 1e-12, with the same arguments and the same defaults."""
    start = [0.5, -1.25, 3.0, 1e-3]
    steps = gradients(len(start))
    found = run_here(lambda ps: getattr(nn, name)(ps, **options), start, steps)
    expected = run_torch(lambda ps: getattr(torch.optim, name)(ps, **options), start, steps)
    assert found == pytest.approx(expected, rel=1e-12, abs=0.0)


def torch_factors(make, epochs):
    """Ask a scheduler of PyTorch for the factor at every epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    factors = []
    for _ in range(epochs):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return factors


LR = torch.optim.lr_scheduler


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (nn.schedules.constant(), lambda o: LR.ConstantLR(o, factor=1.0)),
        (nn.step_decay(7, 0.3), lambda o: LR.StepLR(o, 7, 0.3)),
        (nn.exponential_decay(0.9), lambda o: LR.ExponentialLR(o, 0.9)),
        (nn.linear_decay(20, 0.25), lambda o: LR.LinearLR(o, 1.0, 0.25, 20)),
        (nn.cosine(40, 0.1), lambda o: LR.CosineAnnealingLR(o, 40, 0.1)),
        (nn.warmup(10, 0.2), lambda o: LR.LinearLR(o, 0.2, 1.0, 10)),
        (
            nn.warmup(10, 0.2, then=nn.exponential_decay(0.5)),
            lambda o: LR.SequentialLR(
                o, [LR.LinearLR(o, 0.2, 1.0, 10), LR.ExponentialLR(o, 0.5)], milestones=[10]
            ),
        ),
        # PyTorch's cycle has its last step at the end, and its peak at step 0.3 * 40 - 1.
        (
            nn.one_cycle(39, peak=11 / 39),
            lambda o: LR.OneCycleLR(o, max_lr=1.0, total_steps=41 - 1, cycle_momentum=False),
        ),
    ],
    ids=lambda x: repr(x) if isinstance(x, nn.Schedule) else "",
)
@pytest.mark.filterwarnings("ignore")  # PyTorch's own, about the order of calls
def test_every_schedule(schedule, make):
    """The same factors at whole epochs."""
    factors = torch_factors(make, 40)
    assert [schedule(t) for t in range(40)] == pytest.approx(factors, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("limit", [0.5, 5.0, 1e6])
def test_clipping(limit):
    """By length and by value, as clip_grad_norm_ and clip_grad_value_ do."""
    gradient = gradients(6)[0]
    weights = tensor([0.0] * 6).requires_grad_()
    weights.grad = tensor(gradient)
    norm = torch.nn.utils.clip_grad_norm_([weights], limit)
    assert nn.gradient_norm(gradient) == pytest.approx(norm.item(), rel=1e-14)
    assert nn.clip_norm(gradient, limit) == pytest.approx(weights.grad.tolist(), rel=1e-14)
    weights.grad = tensor(gradient)
    torch.nn.utils.clip_grad_value_([weights], limit)
    assert nn.clip_value(gradient, limit) == weights.grad.tolist()


@pytest.mark.parametrize("compiled", [False, True])
def test_a_whole_training(compiled):
    """The same losses and weights as a loop over tensors, with schedule and clipping."""
    X, y = moons(40, seed=3)
    model = nn.MLP(2, [8, 1], "tanh", seed=5)
    twin = torch.nn.Sequential(
        torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)
    ).double()
    with torch.no_grad():
        for layer, linear in zip(model.layers, (twin[0], twin[2]), strict=True):
            linear.weight[:] = tensor([[w.data for w in n.w] for n in layer.neurons])
            linear.bias[:] = tensor([n.b.data for n in layer.neurons])
    history = nn.fit(
        model,
        X,
        y,
        loss=nn.binary_cross_entropy,
        optimizer=nn.AdamW(model, lr=0.05),
        epochs=30,
        schedule=nn.cosine(30),
        clip=0.1,
        compiled=compiled,
        progress=False,
    )
    optimizer = torch.optim.AdamW(twin.parameters(), lr=0.05)
    scheduler = LR.CosineAnnealingLR(optimizer, 30)
    inputs, targets = tensor(X), tensor(y)
    losses = []
    for _ in range(30):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(twin(inputs)[:, 0], targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(twin.parameters(), 0.1)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    assert history["loss"] == pytest.approx(losses, rel=1e-10)
    weights = [w.data for n in model.layers[0].neurons for w in n.w]
    assert weights == pytest.approx(twin[0].weight.flatten().tolist(), rel=1e-9)
