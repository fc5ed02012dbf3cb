"""Who else is there: each module speaks with one other package, and needs that one alone."""
