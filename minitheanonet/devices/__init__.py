"""A training on JAX: on one device, on several, in several processes.

`backend` says where; `mesh` has the devices and what lies on them; `functions` run a training's
graphs there; `processes` keep several of them to the same decisions. JAX is imported when a
`Trainer` is given a `Jax`, and not before.
"""
