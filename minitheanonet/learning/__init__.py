"""How a network learns: losses, metrics, penalties, optimizers, schedules, constraints."""
