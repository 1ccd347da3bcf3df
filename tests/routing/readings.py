"""Predictions made by hand, for tests of what is decided on them."""

from model.prediction import Prediction, Ranked


def reading(
    intent: str,
    confidence: float = 0.95,
    *clauses: Prediction,
    opt_out: float = 0.01,
    sentiment: str = "neutral",
    **others: float,
) -> Prediction:
    """Return a prediction; `others` are the probabilities of further intents."""
    ranks = [Ranked(intent, 0.9), *(Ranked(i, p) for i, p in others.items())]
    return Prediction(
        intents=tuple(ranks),
        confidence=confidence,
        sentiments=(Ranked(sentiment, 0.9),),
        opt_out=opt_out,
        clauses=clauses,
    )
