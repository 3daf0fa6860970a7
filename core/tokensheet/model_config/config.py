"""A config.json as published: its language part, read by what a key means and not by how a family spells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What we ask for, and how configurations spell it: the first spelling that the file fills counts
KEYS: dict[str, tuple[str, ...]] = {
    "layers": ("num_hidden_layers", "n_layer", "num_layers", "n_layers"),
    "hidden": ("hidden_size", "n_embd", "d_model"),
    "heads": ("num_attention_heads", "n_head", "n_heads"),
    "kv_heads": ("num_key_value_heads", "num_kv_heads", "n_head_kv"),
    "head_dim": ("head_dim", "attention_head_dim"),
    "v_head_dim": ("v_head_dim",),
    "q_lora_rank": ("q_lora_rank",),
    "kv_lora_rank": ("kv_lora_rank",),
    "rope_head_dim": ("qk_rope_head_dim",),
    "nope_head_dim": ("qk_nope_head_dim",),
    "output_rank": ("o_lora_rank",),
    "output_groups": ("o_groups",),
    "index_heads": ("index_n_heads",),
    "index_head_dim": ("index_head_dim",),
    "index_topk": ("index_topk",),
    "window": ("sliding_window", "sliding_window_size"),
    "chunk": ("attention_chunk_size",),
    "full_every": ("sliding_window_pattern", "_sliding_window_pattern"),
    "full_interval": ("full_attention_interval",),
    "linear_key_heads": ("linear_num_key_heads",),
    "linear_value_heads": ("linear_num_value_heads",),
    "linear_key_head": ("linear_key_head_dim",),
    "linear_value_head": ("linear_value_head_dim",),
    "linear_kernel": ("linear_conv_kernel_dim",),
    "mamba_heads": ("mamba_num_heads",),
    "mamba_head_dim": ("mamba_head_dim",),
    "mamba_state": ("ssm_state_size",),
    "mamba_groups": ("n_groups",),
    "mamba_kernel": ("conv_kernel",),
    "vocab": ("vocab_size",),
    "positions": ("n_positions",),
    "dense_ffn": ("intermediate_size", "n_inner", "ffn_dim"),
    "moe_ffn": ("moe_intermediate_size", "expert_intermediate_size", "intermediate_size"),
    "shared_ffn": (
        "moe_shared_expert_intermediate_size",
        "shared_expert_intermediate_size",
        "shared_intermediate_size",
        "share_expert_dim",
    ),
    "expert_width": ("moe_latent_size", "routed_expert_hidden_size"),
    "experts": ("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts"),
    "active_experts": (
        "num_experts_per_tok",
        "num_experts_per_token",
        "experts_per_token",
        "top_k_experts",
        "moe_topk",
    ),
    "shared_experts": ("n_shared_experts", "num_shared_experts"),
    "first_dense": ("first_k_dense_replace",),
    "moe_every": ("interleave_moe_layer_step", "decoder_sparse_step", "moe_layer_freq"),
    "mtp": ("num_nextn_predict_layers", "num_mtp_modules", "mtp_num_hidden_layers"),
}

# Some layers may have a width of their own: such a key counts before the one for all layers. A meaning that begins with
# window_ is asked of the layers with a window.
OWN_KEYS: dict[str, tuple[str, ...]] = {
    "kv_heads": ("num_global_key_value_heads",),
    "head_dim": ("global_head_dim",),
    "window_heads": ("swa_num_attention_heads",),
    "window_kv_heads": ("swa_num_key_value_heads",),
    "window_head_dim": ("swa_head_dim",),
    "window_v_head_dim": ("swa_v_head_dim",),
    "dense_ffn": ("intermediate_size_mlp", "dense_intermediate_size"),
}


def spellings(meaning: str) -> tuple[str, ...]:
    return OWN_KEYS.get(meaning, ()) + KEYS[meaning.removeprefix("window_")]


def usual(meaning: str) -> str:
    return KEYS[meaning.removeprefix("window_")][0]


# The families we understand, and what their published code takes where the file is silent, by the names above; `tied`
# for tie_word_embeddings, `ffn_matrices` 2 where the feed-forward block has no gate, `ffn_ratio` for its width,
# `gated` where attention has an output gate.
LIKE_LLAMA = (
    "llama qwen2 qwen2_moe qwen3 qwen3_moe qwen3_vl_text qwen3_vl_moe_text qwen3_5_text qwen3_5_moe_text "
    "olmo2 deepseek_v2 deepseek_v3 deepseek_v32 deepseek_v4 kimi_k2 kimi_linear glm4_moe glm_moe_dsa gpt_oss "
    "minimax_m2 minimax_m3 minimax_m3_vl mimo mimo_v2_flash"
)
TIED = {"tied": 1}
NO_GATE = {"ffn_matrices": 2, "ffn_ratio": 4, "tied": 1}
FAMILIES: dict[str, dict[str, int]] = {name: {} for name in LIKE_LLAMA.split()} | {
    "mistral": {"full_every": 0},
    "mixtral": {"full_every": 0},
    "phi3": {"full_every": 0},
    "qwen3_next": {"gated": 1},
    "llama4_text": {"shared_experts": 1, "full_every": 4},
    "gemma": TIED,
    "gemma2": TIED | {"full_every": 2},
    "gemma3_text": TIED | {"full_every": 6, "vocab": 262208, "head_dim": 256, "heads": 8, "kv_heads": 4},
    "gemma4_text": TIED,
    "nemotron_h": {"ffn_matrices": 2},
    "gpt2": NO_GATE,
    "gpt_bigcode": NO_GATE,
    "falcon": NO_GATE,
}

# Keys of shapes that we do not understand: an error is better than a number
REFUSED = {
    "is_encoder_decoder": "an encoder-decoder",
    "num_kv_shared_layers": "layers that share one cache",
    "hidden_size_per_layer_input": "embeddings for each layer",
    "use_double_wide_mlp": "feed-forward blocks of two widths",
    "block_configs": "a shape of its own for each layer",
    "cross_attention_layers": "cross-attention layers",
    "attention_other_setting": "layers with heads of their own",
    "moe_layers_enum": "a list of the layers with experts",
    "use_cla": "layers that share one cache",
    "lru_width": "recurrent layers",
    "state_size": "layers with a state and none with attention",
    "attention_hidden_size": "layers of RWKV",
    "layer_group_size": "linear attention in all layers of a group but its last",
    "attn_layer_period": "Mamba layers of the first kind",
    "new_decoder_architecture": "the second architecture of Falcon",
}
MOST = 10**7  # no model has more of anything, and a list of so many layers still fits into memory
LANGUAGE_PARTS = ("text_config", "llm_config", "language_config")


class ConfigError(ValueError):
    """What is wrong with a config.json, or what it has that we do not understand, by the file's name and key."""


@dataclass
class Config:
    """A configuration with the notes and doubts that reading it leaves behind."""

    keys: Mapping[str, Any]
    place: str  # what stands before a key in a message
    family: str = ""
    notes: list[str] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)  # columns of the catalogue that rest on an assumption

    @classmethod
    def of(cls, keys: Any, place: str) -> Config:
        """The language part of a whole configuration, if it is one that we can read."""
        if not isinstance(keys, Mapping):
            raise ConfigError(f"{place}: is not an object with keys")
        part = next((key for key in LANGUAGE_PARTS if isinstance(keys.get(key), Mapping)), None)
        outer = {key: keys[key] for key in ("tie_word_embeddings", "model_type", "quantization_config") if key in keys}
        inner = keys[part] if part else keys
        config = cls(
            outer | {key: value for key, value in inner.items() if value is not None},
            f"{place}: {part}." if part else f"{place}: ",
        )
        config.family = str(config.keys.get("model_type", ""))
        for key, what in REFUSED.items():
            if config.keys.get(key):
                raise config.error(key, f"means {what}, which tokensheet cannot derive a row from")
        if part:
            config.notes.append(f"Only the language part ({part}) is counted, without vision and audio.")
        if config.family not in FAMILIES:
            config.assume(
                f"model_type {config.family!r} is not one that tokensheet knows: read as a decoder like Llama, "
                "its feed-forward blocks with a gate.",
                "total_params", "active_params", "kv_bytes_per_token",
            )  # fmt: skip
        return config

    def error(self, key: str, text: str) -> ConfigError:
        return ConfigError(f"{self.place}{key} {text}")

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def assume(self, text: str, *columns: str) -> None:
        """A note on what the file does not say, and the columns that it makes doubtful."""
        self.note(text)
        self.doubtful.update(columns)

    def number(self, meaning: str) -> int:
        """A number that the file, or else its family, has to give."""
        for key in spellings(meaning):
            if self.keys.get(key) is not None:
                return self.whole(key, self.keys[key], 1)
        taken = self.of_family(meaning)
        if taken is None:
            raise self.error(usual(meaning), "is missing")
        return taken

    def optional(self, meaning: str, otherwise: int = 0) -> int:
        """A number that the file may leave out; 0 is accepted where it says the same."""
        for key in spellings(meaning):
            if self.keys.get(key) is not None:
                return self.whole(key, self.keys[key], 1 if otherwise else 0)
        taken = self.of_family(meaning)
        return otherwise if taken is None else taken

    def has(self, meaning: str) -> bool:
        return any(self.keys.get(key) for key in spellings(meaning))

    def of_family(self, meaning: str) -> int | None:
        taken = FAMILIES.get(self.family, {}).get(meaning.removeprefix("window_"))
        if taken is not None:
            self.note(f"{usual(meaning)} is not in the file: {taken}, as {self.family} has it.")
        return taken

    def trait(self, name: str, otherwise: int) -> int:
        """What the family says of itself, whatever the file has."""
        return FAMILIES.get(self.family, {}).get(name, otherwise)

    def whole(self, key: str, value: Any, least: int) -> int:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or value % 1 != 0 or value < least:
            raise self.error(key, f"must be a whole number {'> 0' if least else 'from 0'}, not {value!r}")
        if value > MOST:
            raise self.error(key, f"is more than {MOST:,}, which no model has")
        return int(value)

    def entries(self, key: str, layers: int, known: Mapping[Any, Any]) -> list[Any]:
        """A key with an entry for each layer, in our words; entries beyond the layers are those of token prediction."""
        given = self.keys[key]
        if not isinstance(given, list | str) or len(given) < layers:
            raise self.error(key, f"must have an entry for each of the {layers} layers")
        for entry in given[:layers]:
            if not isinstance(entry, str | int) or entry not in known:
                raise self.error(key, f"has {entry!r}, which tokensheet cannot derive a row from")
        return [known[entry] for entry in given[:layers]]
