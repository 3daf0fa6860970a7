"""What a load makes of a step and a prompt: users who wait for each other, requests a second, first tokens."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokensheet.calibration import FITTED
from tokensheet.equation import AtLeastOne, Fraction, NotNegative, Number, Positive, Utilization, equation

NEAR = 0.01  # relative step of the difference that a slope is taken from: small enough, and large beside rounding

__all__ = [
    "answer_steps",
    "drafted_step_time",
    "expected_running",
    "first_running",
    "fixed_part",
    "interrupts",
    "kv_transfer_time",
    "latency_of_request",
    "longest_gap",
    "most_running",
    "output_rate",
    "pass_fill",
    "pass_part",
    "pool_work",
    "prefill_chunks",
    "prefill_load",
    "request_chip_time",
    "request_floor",
    "request_rate",
    "served_token_time",
    "served_ttft",
    "shared_pool",
    "step_of_running",
    "step_over_tokens",
    "time_of_each",
    "transfer_if_apart",
    "verified_tokens",
    "work_of_each",
    "work_part",
    "work_with_passes",
]


@equation
def verified_tokens(batch: Positive, draft_tokens: NotNegative = 0) -> Number:
    """Tokens that a step computes: one for each sequence, and those that were drafted for it.

    Returns
    -------
    array_like
        Tokens in the step [tokens].

    Notes
    -----
    B (1 + k). Source: Leviathan et al., Fast Inference from Transformers via Speculative Decoding, 2023.

    Examples
    --------
    >>> verified_tokens(64, 3)
    256.0
    """
    return batch * (1 + draft_tokens)


@equation
def answer_steps(output_tokens: Positive, accepted: AtLeastOne = 1) -> Number:
    """Decode steps that an answer takes.

    Parameters
    ----------
    accepted : array_like, optional
        Tokens that a step yields for each sequence, SPECULATIVE_TOKENS [tokens].

    Returns
    -------
    array_like
        Steps [steps].

    Notes
    -----
    O / accepted. Source: the definition.

    Examples
    --------
    >>> answer_steps(1024, 2)
    512.0
    """
    return output_tokens / accepted


@equation
def prefill_chunks(tokens: NotNegative, chunk_tokens: Positive) -> Number:
    """Passes that a prompt is read in with, where a pass takes no more than a chunk of it.

    Parameters
    ----------
    tokens : array_like
        Tokens of the prompt that are not cached [tokens].

    Returns
    -------
    array_like
        Passes [passes].

    Notes
    -----
    max(1, ceil(T / chunk)). Source: Agrawal et al., Sarathi-Serve, 2024.

    Examples
    --------
    >>> prefill_chunks([1000, 20000], 8192)
    array([1., 3.])
    """
    return np.maximum(1, np.ceil(tokens / chunk_tokens))


@equation
def pass_fill(tokens: NotNegative, chunk_tokens: Positive) -> Number:
    """Share of a pass over prompts that one of them fills.

    Parameters
    ----------
    tokens : array_like
        Tokens of the prompt that are not cached [tokens].

    Returns
    -------
    array_like
        Share of a pass [fraction].

    Notes
    -----
    min(1, T / chunk): a pass takes tokens of several prompts, up to a budget. Source: Agrawal et al., Sarathi-Serve,
    2024.

    Examples
    --------
    >>> pass_fill([1024, 16384], 8192)
    array([0.125, 1.   ])
    """
    return np.minimum(1, tokens / chunk_tokens)


@equation
def work_of_each(prefill_time: NotNegative, stages: AtLeastOne = 1) -> Number:
    """Time for which one prompt keeps the chips from others: with a pipeline the stages work on several at once.

    Parameters
    ----------
    prefill_time : array_like
        Time of the passes over a prompt, CALIBRATED_PREFILL_TIME [s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    t / stages. Source: the definition of a pipeline.

    Examples
    --------
    >>> work_of_each(0.2, 4)
    0.05
    """
    return prefill_time / stages


@equation
def drafted_step_time(step_time: NotNegative, draft_tokens: NotNegative = 0, draft_cost: NotNegative = 0) -> Number:
    """Time of a decode step with the drafting before it.

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    t (1 + k c). Source: Leviathan et al., Fast Inference from Transformers via Speculative Decoding, 2023, theorem 3.8.

    Examples
    --------
    >>> round(drafted_step_time(0.01, 3, 0.05), 9)
    0.0115
    """
    return step_time * (1 + draft_tokens * draft_cost)


@equation
def fixed_part(step_time: NotNegative, moving: NotNegative, weights: NotNegative, overhead: NotNegative) -> Number:
    """The part of a decode step's time that does not grow with its batch.

    Parameters
    ----------
    moving : array_like
        What grows with the batch, MOVING_TIME [s].
    weights : array_like
        Time to read the weights as they are spread, SPREAD_WEIGHTS_TIME [s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    t (weights + overhead) / (moving + weights + overhead). Source: CALIBRATED_STEP_TIME, whose share it keeps where a
    measurement takes its place.

    Examples
    --------
    >>> fixed_part(0.01, 0.002, 0.002, 0.004)
    0.0075
    """
    return step_time * (weights + overhead) / (moving + weights + overhead)


@equation
def time_of_each(step_time: NotNegative, fixed: NotNegative, batch: Positive) -> Number:
    """What each sequence adds to the time of a decode step.

    Parameters
    ----------
    fixed : array_like
        Time that does not grow with the batch, FIXED_PART [s].

    Returns
    -------
    array_like
        Time of a sequence [s].

    Notes
    -----
    (t - fixed) / B. Source: the definition of a slope.

    Examples
    --------
    >>> time_of_each(0.5, 0.25, 4)
    0.0625
    """
    return (step_time - fixed) / batch


@equation
def step_of_running(running: NotNegative, fixed: NotNegative, slope: NotNegative) -> Number:
    """Time of a decode step of so many sequences.

    Parameters
    ----------
    running : array_like
        Sequences that decode at a time, EXPECTED_RUNNING [sequences].
    fixed : array_like
        Time that does not grow with the batch, FIXED_PART [s].
    slope : array_like
        What each sequence adds, TIME_OF_EACH [s].

    Returns
    -------
    array_like
        Time of the step [s].

    Notes
    -----
    f + v b. Source: CALIBRATED_STEP_TIME, with the experts that all users need.

    Examples
    --------
    >>> step_of_running(100, 0.005, 0.0001)
    0.015
    """
    return fixed + slope * running


@equation
def shared_pool(prefill_chips: NotNegative) -> Number:
    """Whether prefill and decode share their chips.

    Returns
    -------
    array_like
        1 if they do, 0 if prefill has chips of its own [0 or 1].

    Notes
    -----
    1 if there are no chips for prefill alone. Source: the definition of disaggregated serving.

    Examples
    --------
    >>> shared_pool([0, 8])
    array([1., 0.])
    """
    return np.where(prefill_chips > 0, 0.0, 1.0)


@equation
def pool_work(share: NotNegative, chips: Positive, prefill_chips: NotNegative = 0) -> Number:
    """Time for which a prompt keeps those chips busy that read prompts: as many as decode, or a pool of their own.

    Parameters
    ----------
    share : array_like
        Time for which it keeps the chips of one copy of the model busy, WORK_OF_EACH [s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    P n / n_prefill: a pool is copies of the model laid out like those that decode. Source: the definition of a rate.

    Examples
    --------
    >>> pool_work(0.1, 8, [0, 16])
    array([0.1 , 0.05])
    """
    return share * np.where(prefill_chips > 0, chips / np.maximum(prefill_chips, 1), 1)


@equation
def transfer_if_apart(transfer: NotNegative, shared: Fraction) -> Number:
    """Time to move a prompt's cache, where prefill has chips of its own.

    Parameters
    ----------
    transfer : array_like
        Time to move it, KV_TRANSFER_TIME [s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    t if shared = 0. Source: the definition of disaggregated serving.

    Examples
    --------
    >>> transfer_if_apart(0.01, [0, 1])
    array([0.01, 0.  ])
    """
    return transfer * (1 - shared)


@equation
def request_chip_time(request_rate: Positive) -> Number:
    """Time for which a request keeps the chips from others.

    Parameters
    ----------
    request_rate : array_like
        Requests a second, REQUEST_RATE [requests/s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    1 / X. Source: the definition of a rate.

    Examples
    --------
    >>> request_chip_time(4)
    0.25
    """
    return 1 / request_rate


@equation
def request_floor(
    prompt: NotNegative, steps: Positive, compute: NotNegative, weights: NotNegative, kv: NotNegative, batch: Positive
) -> Number:
    """Least time for which a request keeps the chips from others: the longer of its computing and of its reading.

    Parameters
    ----------
    prompt : array_like
        Compute time of the prompt's tokens, COMPUTE_TIME [s].
    steps : array_like
        Decode steps of an answer, ANSWER_STEPS [steps].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    max(prompt + S compute / B, S (weights + kv) / B): prompts may be computed while the weights are read for others.
    Source: Pope, lecture of 2026-04-29, chapters 1 and 6.

    Examples
    --------
    >>> request_floor(0.05, 1000, 0.005, 0.006, 0.004, 50)
    0.2
    """
    return np.maximum(prompt + steps * compute / batch, steps * (weights + kv) / batch)


@equation
def output_rate(
    chip_time: Positive, output_tokens: Positive, chips: Positive, prefill_chips: NotNegative = 0
) -> Number:
    """Output tokens that each chip gives in a second.

    Parameters
    ----------
    chip_time : array_like
        Time for which a request keeps the chips from others, REQUEST_CHIP_TIME [s].

    Returns
    -------
    array_like
        Throughput of a chip [tokens/s].

    Notes
    -----
    O / (t (n + n_prefill)). Source: the definition.

    Examples
    --------
    >>> output_rate(0.25, 1000, 8)
    500.0
    """
    return output_tokens / (chip_time * (chips + prefill_chips))


@equation
def step_over_tokens(step_time: NotNegative, accepted: AtLeastOne = 1) -> Number:
    """Time per output token of steps that yield more than one for each sequence.

    Parameters
    ----------
    accepted : array_like, optional
        Tokens that a step yields for each sequence, SPECULATIVE_TOKENS [tokens].

    Returns
    -------
    array_like
        Time per output token [s].

    Notes
    -----
    t / accepted. Source: the definition.

    Examples
    --------
    >>> step_over_tokens(0.02, 2)
    0.01
    """
    return step_time / accepted


@equation
def pass_part(prefill_time: NotNegative, prompt: NotNegative) -> Number:
    """Of the time that a prompt takes on its own, what its passes cost however short it is.

    Parameters
    ----------
    prefill_time : array_like
        Time of the passes over a prompt on its own, CALIBRATED_PREFILL_TIME [s].
    prompt : array_like
        Time of its work, PREFILL_WORK [s].

    Returns
    -------
    array_like
        Time that prompts share which are read in one pass [s].

    Notes
    -----
    max(0, t - work). Source: CALIBRATED_PREFILL_TIME; a measurement in its place may be all work.

    Examples
    --------
    >>> pass_part(0.75, [0.25, 1])
    array([0.5, 0. ])
    """
    return np.maximum(0, prefill_time - prompt)


@equation
def work_part(prefill_time: NotNegative, prompt: NotNegative) -> Number:
    """Of the time that a prompt takes on its own, its work: what every prompt takes, in whatever company.

    Parameters
    ----------
    prefill_time : array_like
        Time of the passes over a prompt on its own, CALIBRATED_PREFILL_TIME [s].
    prompt : array_like
        Time of its work, PREFILL_WORK [s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    min(t, work). Source: CALIBRATED_PREFILL_TIME; a measurement in its place may be all work.

    Examples
    --------
    >>> work_part(0.75, [0.25, 1])
    array([0.25, 0.75])
    """
    return np.minimum(prefill_time, prompt)


@equation
def work_with_passes(
    running: Positive,
    steps: Positive,
    work: NotNegative,
    passes: NotNegative,
    fill: Utilization = 1,
    shared: Fraction = 1,
) -> Number:
    """Time for which a prompt keeps chips from others, where those that come into one decode step share its passes.

    Parameters
    ----------
    running : array_like
        Sequences that decode at a time, EXPECTED_RUNNING [sequences].
    steps : array_like
        Decode steps of an answer, ANSWER_STEPS [steps].
    work : array_like
        Time of its work, WORK_OF_EACH of PREFILL_WORK [s].
    passes : array_like
        Time of its passes, WORK_OF_EACH of PASS_PART [s].
    fill : array_like, optional
        Share of a pass that a prompt fills, PASS_FILL [fraction].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    work + passes / sqrt(1 + (b / S)^2): while one user gets S tokens, each of the b that run ends once and the next
    begins, so that b / S come into a step; of fewer than one each has a pass of its own, of many all share one.
    On chips for prefill alone those that wait fill a pass: work + passes fill. Source: a pass reads the weights once
    for all its tokens.

    Examples
    --------
    >>> work_with_passes([1, 300], 100, 0.25, 0.5).round(2)
    array([0.75, 0.41])
    """
    return work + passes * own_passes(running, steps, fill, shared)


def own_passes(running: Any, steps: Any, fill: Any, shared: Any) -> Any:
    """How many of its passes a prompt takes for itself, the others for those that share them."""
    return np.where(shared > 0, 1 / np.sqrt(1 + (running / steps) ** 2), fill)


@equation
def interrupts(users: AtLeastOne, shared: Fraction = 1) -> Number:
    """Share of all prompts that are others', and interrupt one's answer.

    Returns
    -------
    array_like
        Share of the prompts [fraction].

    Notes
    -----
    (N - 1) / N, and none where prefill has chips of its own. Source: counting.

    Examples
    --------
    >>> interrupts([1, 4], 1)
    array([0.  , 0.75])
    """
    return shared * (users - 1) / users


@equation
def most_running(
    users: AtLeastOne,
    steps: Positive,
    work: NotNegative,
    passes: NotNegative,
    fixed: Positive,
    slope: NotNegative,
    fill: Utilization = 1,
    shared: Fraction = 1,
) -> Number:
    """More users than can be in the midst of an answer: all, or as many as chips for prefill alone can keep busy.

    Parameters
    ----------
    steps : array_like
        Decode steps of an answer, ANSWER_STEPS [steps].
    work : array_like
        Time for which the work of a prompt keeps the chips busy [s].
    passes : array_like
        Time for which its passes do [s].
    fixed : array_like
        Time of a decode step that does not grow with the batch [s].
    slope : array_like
        What each sequence adds to a decode step [s].
    fill : array_like, optional
        Share of a pass that a prompt fills, PASS_FILL [fraction].

    Returns
    -------
    array_like
        Sequences [sequences].

    Notes
    -----
    N, and S f / (work + fill passes - S v) with a pool for prefill, which then is always busy. Source: the utilization
    law.

    Examples
    --------
    >>> most_running(64, 100, 0.25, 0.25, 0.01, 0.001, 1, [1, 0])
    array([64. ,  2.5])
    """
    apart = (1 - shared) * (work + fill * passes) - steps * slope
    return np.where(apart > 0, np.minimum(users, steps * fixed / np.where(apart > 0, apart, 1)), users)


@equation
def first_running(most: Positive, steps: Positive) -> Number:
    """A first guess of how many users are in the midst of an answer; EXPECTED_RUNNING betters it.

    Parameters
    ----------
    most : array_like
        More than there can be, MOST_RUNNING [sequences].
    steps : array_like
        Decode steps of an answer, ANSWER_STEPS [steps].

    Returns
    -------
    array_like
        Sequences that decode at a time [sequences].

    Notes
    -----
    M S / (2 (M + S)): below both, as the solution is. Source: where Newton's method ends for every load tried.

    Examples
    --------
    >>> first_running(64, 64)
    16.0
    """
    return most * steps / (2 * (most + steps))


@equation
def expected_running(
    running: Positive,
    most: Positive,
    users: AtLeastOne,
    steps: Positive,
    work: NotNegative,
    passes: NotNegative,
    prefill_time: Positive,
    fixed: Positive,
    slope: Positive,
    fill: Utilization = 1,
    shared: Fraction = 1,
    server_latency: NotNegative = FITTED["server_latency"],
    first_wave: NotNegative = FITTED["first_wave"],
) -> Number:
    """How many of the users are in the midst of an answer, from a guess: one step of Newton's method.

    Parameters
    ----------
    running : array_like
        The guess before: FIRST_RUNNING, or the result of this function [sequences].
    most : array_like
        More than there can be, MOST_RUNNING [sequences].
    steps : array_like
        Decode steps of an answer, ANSWER_STEPS [steps].
    work : array_like
        Time for which the work of a prompt keeps the chips busy [s].
    passes : array_like
        Time for which its passes do, which prompts that come into one step share [s].
    prefill_time : array_like
        Time of the passes over a prompt, CALIBRATED_PREFILL_TIME [s].
    fixed : array_like
        Time of a decode step that does not grow with the batch [s].
    slope : array_like
        What each sequence adds to a decode step [s].
    fill : array_like, optional
        Share of a pass that a prompt fills, so that those that wait are read together, PASS_FILL [fraction].

    Returns
    -------
    array_like
        Sequences that decode at a time, at most the users [sequences].

    Notes
    -----
    A closed loop: each of N users sends a prompt when its answer is complete. With b of them decoding, a step takes
    t = f + v b, a prompt P, WORK_WITH_PASSES, and requests complete at X = b / (S t + P b (N - 1)/N), since one's own
    prompt interrupts only others. N - b = X TTFT by Little's law wait for TTFT = t0 + w N P + p + t +
    (work + fill (passes + t))(N - b - X P / 2)(N - 1)/N: their own prompt, and those before it less half of the one
    that is being read; as many as fill a pass are read in one. Where prefill has chips of its own (shared = 0), t is in
    neither. Nine steps give the root to five digits. Source: mean-value analysis of a closed queue, Reiser and
    Lavenberg, 1980; t0 and w fitted to published measurements, docs/accuracy.md.

    Examples
    --------
    64 users whose prompts take 50 ms and whose answers 1,000 steps of 10 ms and 0.1 ms a sequence:

    >>> round(expected_running(62, 64, 64, 1000, 0.05, 0, 0.05, 0.01, 1e-4), 1)
    62.9
    """

    def idle(at: Any) -> Any:
        """Users who neither wait nor run if so many run; a formula of its own derivative would be too long a LAMBDA."""
        load = work + passes * own_passes(at, steps, fill, shared)
        step = fixed + slope * at
        others = (users - 1) / users
        rate = completions(at, steps, step, load, shared * others)
        before = others * (users - at - np.minimum(1, rate * load) / 2)
        own = server_latency + first_wave * users * load + prefill_time + shared * step
        return users - at - rate * (own + (work + fill * (passes + shared * step)) * before)

    here = idle(running)
    falls = np.minimum(idle(running * (1 + NEAR)) - here, -1e-9 * running)  # it does, if only by little
    next_guess = running - here * NEAR * running / falls
    return np.minimum(np.maximum(next_guess, running / 4), 0.999 * most + 0.001 * running)


@equation
def request_rate(
    running: Positive, steps: Positive, work: NotNegative, fixed: Positive, slope: NotNegative, interrupts: Fraction = 1
) -> Number:
    """Requests that chips complete in a second, with so many users in the midst of an answer.

    Parameters
    ----------
    running : array_like
        Sequences that decode at a time, EXPECTED_RUNNING [sequences].
    steps : array_like
        Decode steps of an answer, ANSWER_STEPS [steps].
    work : array_like
        Time for which a prompt keeps the chips busy, WORK_WITH_PASSES [s].
    fixed : array_like
        Time of a decode step that does not grow with the batch [s].
    slope : array_like
        What each sequence adds to a decode step [s].

    Returns
    -------
    array_like
        Requests a second [requests/s].

    Notes
    -----
    X = b / (S (f + v b) + i P b). Source: each request needs its prompt and a b-th of each of its steps.

    Examples
    --------
    >>> round(request_rate(62.4, 1000, 0.05, 0.01, 1e-4), 3)
    3.223
    """
    return completions(running, steps, fixed + slope * running, work, interrupts)


def completions(running: Any, steps: Any, step_time: Any, work: Any, interrupts: Any) -> Any:
    """Requests a second of so many that run, whose steps that share of the prompts interrupts."""
    return running / (steps * step_time + interrupts * work * running)


@equation
def prefill_load(request_rate: NotNegative, work: NotNegative) -> Number:
    """Share of the time in which chips read prompts.

    Parameters
    ----------
    request_rate : array_like
        Requests a second, REQUEST_RATE [requests/s].
    work : array_like
        Time for which a prompt keeps the chips busy, WORK_WITH_PASSES [s].

    Returns
    -------
    array_like
        Share of the time [fraction].

    Notes
    -----
    rho = X P. Source: the utilization law.

    Examples
    --------
    >>> round(prefill_load(3.2, 0.05), 9)
    0.16
    """
    return request_rate * work


@equation
def served_token_time(
    step_time: NotNegative, prefill_load: Fraction, accepted: AtLeastOne = 1, interrupts: Fraction = 1
) -> Number:
    """Time per output token (TPOT) where prompts of others come between the steps.

    Parameters
    ----------
    prefill_load : array_like
        Share of the time in which the chips read prompts, PREFILL_LOAD [fraction].
    accepted : array_like, optional
        Tokens that a step yields for each sequence, SPECULATIVE_TOKENS [tokens].

    Returns
    -------
    array_like
        Time per output token of each user [s].

    Notes
    -----
    t / (1 - i rho) / accepted. Source: the utilization law.

    Examples
    --------
    >>> served_token_time(0.016, 0.2)
    0.02
    """
    return step_time / (1 - interrupts * np.minimum(prefill_load, 0.999999)) / accepted


@equation
def served_ttft(users: AtLeastOne, running: Positive, request_rate: Positive, transfer: NotNegative = 0) -> Number:
    """Mean time to first token (TTFT) of users that share chips.

    Parameters
    ----------
    running : array_like
        Those of them in the midst of an answer, EXPECTED_RUNNING [users].
    request_rate : array_like
        Requests a second, REQUEST_RATE [requests/s].
    transfer : array_like, optional
        Time to move the cache to the chips that decode, KV_TRANSFER_TIME [s].

    Returns
    -------
    array_like
        Time to first token [s].

    Notes
    -----
    (N - b) / X + transfer: Little's law for those that wait. Source: Little, 1961.

    Examples
    --------
    >>> served_ttft(64, 62, 4)
    0.5
    """
    return np.maximum(0, users - running) / request_rate + transfer


@equation
def latency_of_request(ttft: NotNegative, token_time: NotNegative, output_tokens: Positive) -> Number:
    """Time from a request to the last token of its answer.

    Parameters
    ----------
    ttft : array_like
        Time to first token, SERVED_TTFT [s].
    token_time : array_like
        Time per output token, SERVED_TOKEN_TIME [s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    TTFT + O TPOT. Source: the definitions.

    Examples
    --------
    >>> latency_of_request(0.5, 0.02, 1000)
    20.5
    """
    return ttft + output_tokens * token_time


@equation
def longest_gap(step_time: NotNegative, prompt: NotNegative, tokens: Positive, chunk_tokens: Positive) -> Number:
    """Longest time between two tokens of an answer: a step that a chunk of somebody's prompt is read in.

    Parameters
    ----------
    prompt : array_like
        Time of a prompt's work, PREFILL_WORK [s].
    tokens : array_like
        Tokens of the prompt that are not cached [tokens].

    Returns
    -------
    array_like
        Time between two tokens [s].

    Notes
    -----
    t + prompt min(1, chunk / T). Source: Agrawal et al., Sarathi-Serve, 2024.

    Examples
    --------
    A prompt of 8,192 tokens, whole and in chunks of 512:

    >>> longest_gap(0.02, 0.4, 8192, [8192, 512])
    array([0.42 , 0.045])
    """
    return step_time + prompt * np.minimum(1, chunk_tokens / tokens)


@equation
def kv_transfer_time(kv_sequence: NotNegative, chips: Positive, bandwidth: Positive) -> Number:
    """Time to move the KV cache of a prompt from chips that prefill to chips that decode.

    Parameters
    ----------
    chips : array_like
        Chips that send, or receive if they are fewer [chips].
    bandwidth : array_like
        Bandwidth of one chip to the other pool, in one direction [bytes/s].

    Returns
    -------
    array_like
        Time of the transfer [s].

    Notes
    -----
    cache / (n BW). Source: the definition.

    Examples
    --------
    DeepSeek-V3, 8,192 tokens in fp8, eight chips with a network card of 400 Gbit/s each:

    >>> round(kv_transfer_time(8192 * 35136, 8, 50e9), 6)
    0.00072
    """
    return kv_sequence / (chips * bandwidth)
