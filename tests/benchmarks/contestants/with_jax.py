"""JAX: one jitted step, its state donated."""

from __future__ import annotations

from functools import partial

import common
import jax
import jax.numpy as jnp

problem = common.read()
params = [(jnp.asarray(W), jnp.zeros(W.shape[1])) for W in problem.weights]
means = jax.tree.map(jnp.zeros_like, params)
keep = 1 - problem.dropout


def logits(params, x, key=None):
    for i, (W, b) in enumerate(params):
        x = x @ W + b
        if i < len(params) - 1:
            x = jax.nn.relu(x)
            if key is not None:
                mask = jax.random.bernoulli(jax.random.fold_in(key, i), keep, x.shape)
                x = jnp.where(mask, x / keep, 0)
    return x


def loss_of(params, x, y, key):
    log_p = jax.nn.log_softmax(logits(params, x, key))
    return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()


@partial(jax.jit, donate_argnums=(0, 1))
def step(params, means, x, y, key):
    loss, gradients = jax.value_and_grad(loss_of)(params, x, y, key)
    means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g * g, means, gradients)
    params = jax.tree.map(
        lambda p, m, g: p - 1e-3 * g / jnp.sqrt(m + 1e-7), params, means, gradients
    )
    return params, means, loss


key = jax.random.key(problem.seed)
count = 0


def train_epoch(epoch: int) -> None:
    global params, means, count
    for batch in problem.shuffled(epoch):
        count += 1
        params, means, loss = step(
            params, means, problem.x_train[batch], problem.y_train[batch],
            jax.random.fold_in(key, count),
        )  # fmt: skip
    loss.block_until_ready()


predict = jax.jit(logits)


def accuracy() -> float:
    return float((predict(params, problem.x_test).argmax(axis=1) == problem.y_test).mean())


common.run(problem, train_epoch, accuracy)
