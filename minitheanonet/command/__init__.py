"""The command line, ``python -m minitheanonet``: look into model files, ask them, hand them on."""
