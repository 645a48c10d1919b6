"""Sentences of two moods, and options of a training of seconds."""

import itertools

WHO, DOES, WHAT = ("a man", "a dog", "the cat", "my aunt"), ("sees", "eats", "likes"), ("fish", "bread", "a red ball")
QUICK = (
    "--epochs", "2", "--discriminator-epochs", "1", "--rounds", "1", "--units", "12", "--partition-samples", "200",
    "--max-tokens", "24", "--evaluate", "perplexity",
)  # fmt: skip


def sentences():
    """Happy ones end with a mark, sad ones with dots."""
    for who, does, what in itertools.product(WHO, DOES, WHAT):
        for when in ("today", "at night", "in may"):
            yield f"{who} {does} {what} {when}!", "happy"
            yield f"{who} {does} no {what} {when}...", "sad"
