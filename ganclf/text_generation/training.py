"""Trains the players of a text game, on whatever devices there are, until the held-out texts get no better."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ganclf.adversarial.training import History, Stage, train
from ganclf.cli.progress import Advance
from ganclf.config.devices import choose_strategy
from ganclf.text_generation.batches import Corpus, game_batches, steps_per_epoch
from ganclf.text_generation.game import TextGame

Score: TypeAlias = Callable[[TextGame], float]  # of a game's averages; lower is better
PATIENCE = 3  # epochs without a better score


def train_players(
    make: Callable[[], TextGame],
    real: Corpus,
    samples: Corpus | None,
    score: Score | None,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    advance: Advance = lambda done: None,
    deadline: float | None = None,
    patience: int = PATIENCE,
    stage: Stage | None = None,
) -> tuple[TextGame, History]:
    """Train the players of a game; afterwards their averages are the best ones.

    Args:
        make: makes the compiled game; it is called in the scope of the strategy.
        real: texts of the user.
        samples: of the generator, where a discriminator plays.
        score: of a game's averages on held-out texts; lower is better. None: the last averages are kept.
        epochs: over the real texts, at most.
        batch_size: texts per step, all replicas together.
        seed: of the order.
        advance: receives the number of steps that are done.
        deadline: time.monotonic() after which no further epoch begins; None: no bound.
        patience: epochs without a better score.
        stage: where the training is kept.
    """
    strategy = choose_strategy()
    with strategy.scope():
        game = make()
    history = train(
        game,
        lambda context, first: game_batches(
            real, samples, epochs=epochs, batch_size=batch_size, seed=seed, first_step=first, context=context
        ),
        list(game.averages.values()),
        None if score is None else lambda: score(game),
        strategy=strategy, epochs=epochs, steps=steps_per_epoch(len(real), batch_size), patience=patience,
        score_first=True, advance=advance, deadline=deadline, stage=stage,
    )  # fmt: skip
    return game, history
