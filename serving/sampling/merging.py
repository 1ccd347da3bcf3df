"""Small strata are merged, so that each can be drawn from at the budget there is."""

from collections.abc import Mapping

from serving.sampling.stratum import LEAST_FIRST, Stratum


def merged(counts: Mapping[Stratum, int], most: int) -> dict[Stratum, Stratum]:
    """Return the stratum that each finest one is drawn with; at most `most` of them.

    As long as there are too many, the smallest loses its program and joins those that
    have lost theirs; where none has a program any more, its band, and so on. Only the
    counts decide, so that whoever knows them finds the same strata.

    Args:
        counts: decisions of each finest stratum, all above 0.
        most: at least 1.
    """
    sizes = dict(counts)
    into = {stratum: stratum for stratum in counts}
    for part in LEAST_FIRST:
        gone: dict[Stratum, Stratum] = {}
        for _, stratum in sorted((size, stratum) for stratum, size in sizes.items()):
            if len(sizes) <= most:
                break
            wider = stratum.without(part)
            if wider != stratum:
                gone[stratum] = wider
                sizes[wider] = sizes.get(wider, 0) + sizes.pop(stratum)
        into = {fine: gone.get(coarse, coarse) for fine, coarse in into.items()}
    return into
