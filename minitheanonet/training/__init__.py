"""The loop: randomness that is handed in, batches, the step, the trainer and its history."""
