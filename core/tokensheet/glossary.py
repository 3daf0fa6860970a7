"""What an argument or a quantity of one name means wherever it stands: meaning and unit, said once.

An equation's docstring describes only the arguments that mean something else there; `completed` adds the rest.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

# Name: meaning [unit]. SI base units; "[text]" is a text, all others are numbers.
GLOSSARY = {
    # the load
    "batch": "Sequences that decode together, each getting one new token in a step [sequences]",
    "context": "Tokens of context in each sequence [tokens]",
    "input_tokens": "Tokens of the prompt [tokens]",
    "output_tokens": "Tokens of the answer [tokens]",
    "users": "Users who each send a prompt as soon as their answer is complete [users]",
    "cached_tokens": "Those of them whose KV cache is held, a hit of the prefix cache [tokens]",
    "chunk_tokens": "Most tokens of prompts that are read in beside a decode step [tokens]",
    "draft_tokens": "Tokens drafted for each sequence and step in speculative decoding; 0 for none [tokens]",
    "acceptance": "Probability that a drafted token is accepted [fraction]",
    "draft_cost": "Time of drafting a token over the time of a step [ratio]",
    "prefill_chips": "Chips for prefill alone; 0 where it shares those of decode [chips]",
    "server_latency": "Time to first token that the server around the model takes [s]",
    "first_wave": "Share of all users' prompts that a mean first token waits for, as all began at once [fraction]",
    "interrupts": "Share of all prompts that come between the steps of one's answer, INTERRUPTS [fraction]",
    "shared": "1 if prefill and decode share their chips, 0 if prefill has a pool of its own [0 or 1]",
    "tokens": "Tokens in the step [tokens]",
    "training_tokens": "Tokens trained on [tokens]",
    # the model
    "model": "Name of the model, or a row of your own [text]",
    "total_params": "Parameters, all experts included [parameters]",
    "active_params": "Parameters that one token passes through [parameters]",
    "bytes": "Bytes per value: 2 for bf16, 1 for fp8, 0.5625 for fp4 with its scales [bytes]",
    "dense_bytes": "Bytes of a parameter outside the experts; 0 for as many as in them [bytes]",
    "dense_params": "Parameters that every token passes through [parameters]",
    "expert_params": "Parameters of all routed experts [parameters]",
    "embedding_params": "Parameters of an input embedding that active_params leave out [parameters]",
    "index_bytes": "Cache per token of the indexers of sparse attention, in its own format [bytes/token]",
    "sparse_tokens": "Tokens of its context that sparse attention picks; 0 for all [tokens]",
    "decode_head_dim": "Mean of the widths of keys and values as decoding reads them; wider with MLA [values]",
    "extra_layers": "Layers' worth of launches of indexers and linear attention beside the layers [layers]",
    "flops_per_param": "FLOPs per parameter and token; 2 counts a multiply and an add, 1 is the lecture's [FLOP]",
    "kv_bytes_per_token": "KV cache per token of context, all layers [bytes/token]",
    "round_trip_bytes": "Bytes per value to the experts and back together: 1 in fp8 and 2 in bf16 [bytes]",
    "layers": "Layers of the model [layers]",
    "moe_layers": "Layers with a mixture of experts [layers]",
    "hidden": "Width of the model's hidden state [values]",
    "heads": "Query heads per layer [heads]",
    "kv_heads": "Key-value heads per layer; 1 with MLA, where all heads share one cache [heads]",
    "full_attention_layers": "Layers that attend to the whole context [layers]",
    "kv_bytes_per_token_window": "Cache per token of the sliding-window layers [bytes/token]",
    "kv_width": "Bytes per value of the KV cache: 2 for bf16, 1 for fp8, 0.5625 for fp4 [bytes]",
    "kv_sequence": "KV cache of one sequence, KV_BYTES_SEQUENCE [bytes]",
    "head_dim": "Size of a head [values]",
    "total_experts": "Experts of a layer; 1 for a dense model [experts]",
    "active_experts": "Experts that one token is sent to; 1 for a dense model [experts]",
    "window": "Tokens that a sliding-window layer keeps [tokens]",
    "state_bytes": "State of a sequence in linear-attention layers: what these and state-space layers keep [bytes]",
    # the chips
    "chip": "Name of the chip, or a row of your own [text]",
    "chips": "Chips that hold the model together [chips]",
    "flops": "Dense FLOP/s of all the chips together, at the precision used [FLOP/s]",
    "bandwidth": "Memory bandwidth of all the chips together [bytes/s]",
    "own_chips": "Chips that hold the model together; 0 for the fewest that one deploys [chips]",
    "node": "Chips of a server, the steps in which one deploys more than four [chips]",
    "most_tensor_parallel": "Most chips that share the work of each head unless you say otherwise: a node [chips]",
    "tensor_parallel": "Chips that share the work of each head: the degree of tensor parallelism [chips]",
    "own_tensor_parallel": "Chips that share the work of each head; 0 for as many as an engine would take [chips]",
    "own_stages": "Pipeline stages; 0 for as many as an engine would take [stages]",
    "groups": "Groups of chips that the sequences are dealt out to, ATTENTION_GROUPS [groups]",
    "bf16_flops": "Dense FLOP/s in bf16 of the same chips [FLOP/s]",
    "chip_flops": "Dense FLOP/s of one chip at the precision used [FLOP/s]",
    "chip_bf16_flops": "Dense FLOP/s of one chip in bf16 [FLOP/s]",
    "chip_bandwidth": "Memory bandwidth of one chip [bytes/s]",
    "hbm": "Memory of one chip [bytes]",
    "pcie": "Bandwidth in one direction of a chip without links of its own, PCIe 5.0 x16 [bytes/s]",
    "nic": "Bandwidth in one direction of a chip's network where it is not known, 400 Gbit/s [bytes/s]",
    "link_bandwidth": "Bandwidth of a chip's links in one direction [bytes/s]",
    "domain": "Chips of a scale-up domain, which exchange over their links [chips]",
    "scale_out_bandwidth": "Bandwidth of a chip's network beyond its scale-up domain, in one direction [bytes/s]",
    "headroom": "Share of the memory kept free for activations and buffers [fraction]",
    "precision": "Format of weights and arithmetic: bf16, fp8, fp4 (NVFP4), mxfp4 or int4 [text]",
    "kv_precision": "Format of the KV cache; left out, bf16 with bf16 weights and fp8 with others [text]",
    "stages": "Pipeline stages [stages]",
    "microbatches": "Micro-batches in flight [micro-batches]",
    "racks": "Racks, each a scale-up domain, that one layer spans [racks]",
    "bandwidth_ratio": "Scale-up over scale-out bandwidth; the lecture takes 8 [ratio]",
    # times and rates
    "compute": "Compute time of the step, COMPUTE_TIME [s]",
    "weights": "Time to read the weights, READ_TIME of WEIGHTS_READ [s]",
    "kv": "Time to read the KV cache, KV_TIME [s]",
    "step_time": "Time of a decode step [s]",
    "memory": "Time to read weights and KV cache once [s]",
    "mfu": "Model FLOPs utilization: useful share of the FLOP/s [fraction]",
    "mfu_ratio": "MFU of this work over the MFU of training; the lecture takes 0.3 for decode [ratio]",
    "balanced_context": "Context at which cache and compute balance, BALANCED_CONTEXT [tokens]",
    # the estimate
    "estimate": "calibrated, or low or high for the ends of its 80 % band; or ideal, the bound [text]",
    "efficiency": "Your own measurement: the bound over the measured time; it replaces the estimate [fraction]",
    "exchange": "Time of communication, EXCHANGED_TIME [s]",
    "overhead": "Fixed time of the layers, LAYER_OVERHEAD [s]",
    "bandwidth_efficiency": "Share of the memory bandwidth that is reached [fraction]",
    "link_efficiency": "Share of the links' bandwidth that a collective operation reaches [fraction]",
    "layer_latency": "Fixed time of a layer: starting its kernels and waiting for each other [s]",
    "expert_latency": "What routing adds to a layer for each expert that a token is sent to [s]",
    "collective_latency": "Fixed time of a collective operation for each doubling of the chips [s]",
    "low_factor": "Low end of the 80 % band over the estimate [ratio]",
    "high_factor": "High end of the 80 % band over the estimate [ratio]",
    "low_ttft_factor": "Low end of the 80 % band over the time to first token [ratio]",
    "high_ttft_factor": "High end of the 80 % band over the time to first token [ratio]",
    "activation_bytes": "Bytes per value of the hidden state that chips exchange: 2 for bf16 [bytes]",
    "unpacking_efficiency": "Share of it that remains for weights in a format that the chip lacks [fraction]",
    "prefill_efficiency": "Share of the practical FLOP/s that prefill reaches, attention of bf16's [fraction]",
    "all_to_all_efficiency": "Share of the networks' bandwidth that tokens on their way to experts reach [fraction]",
    "software": "How much longer the vendor's software takes than NVIDIA's for all but the weights [ratio]",
    "unseen": "How much the fit has not seen: 0 if it knew chip and model, 1 if only one of them, 2 if neither "
    "[0, 1 or 2]",
    # money
    "usd_per_hour": "Price of one chip for one hour [USD/hour]",
    "price_basis": "Terms of the rent: on demand, spot, 1 year, 3 years, or owned, the cost to an owner [text]",
    "utilization": "Share of the paid time in which the chips do this work [fraction]",
    "cost": "Cost of a token [USD/token]",
    # electricity
    "power_w": "Thermal design power of one chip [W]",
    "power_share": "Share of its thermal design power that a chip draws while it serves [fraction]",
    "host_share": "Power of the rest of the server as a share of what its chips draw [fraction]",
    "pue": "Power usage effectiveness of the building: all its power over that of its servers [ratio]",
    "energy": "Energy of a token, ENERGY_PER_TOKEN [J/token]",
    "usd_per_kwh": "Price of electricity [USD/kWh]",
    "carbon_intensity": "Carbon dioxide of a unit of electricity [g/kWh]",
    "price": "Price of a token [USD/token]",
}  # fmt: skip

# What a function over names takes where such an argument is left out
LEFT_OUT = {
    "chips": "Chips that hold the model together; left out, the fewest that one deploys [chips]",
    "tensor_parallel": "Chips that share the work of each head; left out, as many as an engine would take [chips]",
    "stages": "Pipeline stages; left out, one for each node of a dense model and one for experts [stages]",
    "acceptance": "Probability that a drafted token is accepted; left out, the model's in the catalogue [fraction]",
    "draft_tokens": "Tokens drafted for each sequence and step in speculative decoding; left out, none [tokens]",
    "prefill_chips": "Chips for prefill alone; left out, prefill shares those of decode [chips]",
    "server_latency": "Time to first token that the server around the model takes; left out, as was fitted [s]",
    "chunk_tokens": "Most tokens of prompts in one pass; left out, 8,192 as engines have it [tokens]",
    "cached_tokens": "Tokens of the prompt whose KV cache is held; left out, none [tokens]",
    "usd_per_hour": "Price of one chip for one hour; left out, the catalogue's [USD/hour]",
    "utilization": "Share of the paid time in which the chips do this work; left out, all of it [fraction]",
    "headroom": "Share of the memory kept free for activations and buffers; left out, a tenth [fraction]",
    "power_share": "Share of its thermal design power that a chip draws while it serves; "
    "left out, ENERGY_PER_TOKEN's [fraction]",
    "host_share": "Power of the rest of the server as a share of what its chips draw; "
    "left out, ENERGY_PER_TOKEN's [fraction]",
    "pue": "Power usage effectiveness of the building; left out, ENERGY_PER_TOKEN's [ratio]",
    "mfu": "Your own measurement of prefill: its share of the FLOP/s; it replaces the estimate [fraction]",
}

DESCRIBED = re.compile(r"^(?=\*?(\w+) : )(.*(?:\n +.*)*)", re.MULTILINE)  # an argument, in a docstring


def meaning(name: str) -> tuple[str, str]:
    """What a name means, and its unit.

    >>> meaning("hbm")
    ('Memory of one chip', 'bytes')
    """
    return split_unit(GLOSSARY[name])


def split_unit(description: str) -> tuple[str, str]:
    """'Time of a step [s].' gives 'Time of a step' and 's'; without a unit the text as it is."""
    whole = " ".join(description.split()).rstrip(".")
    text, _, unit = whole.removesuffix("]").rpartition(" [")
    return (text, unit) if whole.endswith("]") else (whole, "")


@functools.cache
def returned(function: Callable[..., Any]) -> tuple[str, str]:
    """What a function gives, and its unit: from the section Returns of its docstring.

    >>> from tokensheet import read_time
    >>> returned(read_time)
    ('Time', 's')
    """
    section = inspect.cleandoc(function.__doc__ or "").partition("Returns\n-------\n")[2].partition("\n\n")[0]
    return split_unit(section.partition("\n")[2])


def argument(function: Callable[..., Any], name: str) -> tuple[str, str]:
    """What an argument of a function is, and its unit: from the section Parameters of its docstring."""
    section = inspect.cleandoc(function.__doc__ or "").partition("Parameters\n----------\n")[2]
    found = re.search(rf"^\*?{name} : .*\n((?: +.*\n?)+)", section, re.MULTILINE)
    return split_unit(found[1]) if found else (name, "")


def completed(function: Callable[..., Any]) -> str:
    """The function's docstring with the glossary's entry for each argument that it does not describe itself.

    Every function is completed when it is imported, so its arguments are read off its code: a signature takes as long.
    """
    doc = inspect.cleandoc(function.__doc__ or "")
    before, header, rest = doc.partition("Parameters\n----------\n")
    if not header:
        before, _, rest = doc.partition("Returns\n-------\n")
        rest = f"\nReturns\n-------\n{rest}"
    described, _, after = rest.partition("\nReturns\n")
    own = dict(DESCRIBED.findall(described))
    bare: Any = inspect.unwrap(function)
    names = bare.__code__.co_varnames[: bare.__code__.co_argcount]
    defaults = dict(zip(reversed(names), reversed(bare.__defaults__ or ()), strict=False))
    entries = {name: own[name] if name in own else entry(name, defaults) for name in names} | own
    return f"{before}Parameters\n----------\n" + "\n".join(filter(None, entries.values())) + f"\n\nReturns\n{after}"


def entry(name: str, defaults: Mapping[str, Any]) -> str:
    """The glossary's lines on an argument; none if it does not know the name."""
    text = (defaults.get(name, ...) is None and LEFT_OUT.get(name)) or GLOSSARY.get(name)
    if not text:
        return ""
    kind = "str" if text.endswith("[text]") else "array_like"
    return f"{name} : {kind}{', optional' * (name in defaults)}\n    {text}."
