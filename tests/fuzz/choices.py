"""Decisions made by the bytes of an input, so that the fuzzer learns which ones lead further."""


class Choices:
    """Hands out what the bytes decide; zeros when they are used up."""

    def __init__(self, data):
        self._bytes = iter(data)

    def below(self, bound):
        """Return a number below `bound`, which is at most 256."""
        return next(self._bytes, 0) % bound

    def of(self, options):
        """Return one of the options, the first one when the bytes are used up."""
        return options[self.below(len(options))]

    def seldom(self):
        """Return True for one byte in sixteen."""
        return next(self._bytes, 0) >= 240

    def text(self):
        """Return up to 15 characters, any that two bytes can name, halves of pairs among them."""
        units = [
            self.below(256) + 256 * self.of((0, 0, 0, 1, 3, 0xD8)) for _ in range(self.below(16))
        ]
        return "".join(map(chr, units))
