"""Who else is there: networks for other programs, and what other programs made.

Each file here knows one of them, and imports it only when it is called.
"""
