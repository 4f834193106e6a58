"""A correction in sentences, as they are pinned to the can."""

from __future__ import annotations

from colorlab.formulation.correction.hits import Hits
from colorlab.formulation.correction.result import Correction, CorrectionResult

# Most that is said of an expectation of corrections: beyond, only that it is more.
_SHARE_WORTH_SAYING = 0.005


def sentences(result: CorrectionResult, hits: Hits) -> tuple[str, ...]:
    """What to do with the batch and what to expect, most important first."""
    if result.decision == "leave":
        return (_left(result),)
    if result.decision == "add" and result.correction is not None:
        return (_add(result, result.correction), _expect(result, result.correction), _loop(hits))
    return tuple(said for said in (_lost(result), _too_much(result), _leftover(result)) if said)


def grams(amount: float) -> str:
    """A mass as the balance shows it. [g]"""
    return f"{amount:.10g}" if amount < 1e5 else f"{amount:.0f}"


def doses(correction: Correction) -> str:
    """The additions in words, heaviest first."""
    ordered = sorted(correction.additions_g.items(), key=lambda one: -one[1])
    return " + ".join(f"{grams(amount)} g {code}" for code, amount in ordered) or "nothing"


def _add(result: CorrectionResult, correction: Correction) -> str:
    share = 100 * correction.added_g / result.batch.mass_g
    return (
        f"add to {result.batch.mass_g:.6g} g of {result.batch.name}: {doses(correction)} "
        f"({grams(round(correction.added_g, 9))} g in all, {share:.1f} % of the batch)"
    )


def _expect(result: CorrectionResult, correction: Correction) -> str:
    now, then = result.before, correction.outlook
    low, high = then.interval
    return (
        f"weighted ΔE00 {now.weighted_delta_E_00:.2f} becomes {then.weighted_delta_E_00:.2f}, true value {low:.2f} to "
        f"{high:.2f} ({100 * result.coverage:g} %); inside the tolerance with a probability of "
        f"{_percent(then.p_inside)} (as it is: {_percent(now.p_inside)})"
    )


def _loop(hits: Hits) -> str:
    if hits.expected is None:
        return "played through, no run of corrections ends inside the tolerance"
    said = f"corrections to expect: {hits.expected:.1f}"
    parts = [f"{count} in {_percent(share)}" for count, share in enumerate(hits.shares) if share >= _SHARE_WORTH_SAYING]
    if hits.never >= _SHARE_WORTH_SAYING:
        parts.append(f"no end in {_percent(hits.never)}")
    return f"{said} ({', '.join(parts)} of cases)"


def _left(result: CorrectionResult) -> str:
    now = result.before
    return (
        f"leave {result.batch.name} as it is: weighted ΔE00 {now.weighted_delta_E_00:.2f}, inside the tolerance with a "
        f"probability of {_percent(now.p_inside)}; adding risks more than it gains"
    )


def _lost(result: CorrectionResult) -> str:
    capacity = result.means.capacity_g
    within = " within twice its mass" if capacity is None else f" within the {grams(capacity)} g of the tank"
    near = result.nearest
    share = near.outlook.share_of_limit
    return (
        f"beyond saving: additions bring {result.batch.name} no nearer than weighted ΔE00 "
        f"{near.outlook.weighted_delta_E_00:.2f}{within}, {share:.2f} times the limit ({doses(near)}); it is "
        f"{result.before.weighted_delta_E_00:.2f} now"
    )


def _too_much(result: CorrectionResult) -> str:
    if not result.too_much_g:
        return ""
    ordered = sorted(result.too_much_g.items(), key=lambda one: -one[1])
    return (
        f"too much of {', '.join(f'{code} by about {amount:.3g} g' for code, amount in ordered)}: nothing takes it out"
    )


def _leftover(result: CorrectionResult) -> str:
    made = result.leftover
    if made is None:
        return "no addition of the recipe's colorants takes it up as a leftover either"
    times = made.batch_g / result.batch.mass_g
    return (
        f"as a leftover it goes into a batch of {made.batch_g / 1000:.3g} kg, {times:.1f} times its own mass: "
        f"with {doses(made)}"
    )


def _percent(probability: float) -> str:
    share = 100 * probability
    if share > 99:
        return "over 99 %"
    return "under 1 %" if share < 1 else f"{share:.0f} %"
