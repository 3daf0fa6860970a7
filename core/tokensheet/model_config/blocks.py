"""The parameters of one attention, state or feed-forward block. Norms and biases are not counted: below 0.1 %."""

from __future__ import annotations

from dataclasses import dataclass

from tokensheet.model_config.config import Config


@dataclass(frozen=True)
class Heads:
    """Heads of grouped-query attention; multi-head is one key-value head a query head, multi-query one in all."""

    heads: int
    kv_heads: int
    head_dim: int
    v_head_dim: int

    @classmethod
    def of(cls, config: Config, prefix: str = "") -> Heads:
        heads, hidden = config.number(prefix + "heads"), config.number("hidden")
        if hidden % heads and not config.has(prefix + "head_dim"):
            raise config.error("head_dim", f"is missing, and {heads} heads do not divide hidden_size {hidden}")
        head_dim = config.optional(prefix + "head_dim", hidden // heads)
        kv_heads = 1 if config.keys.get("multi_query") else config.optional(prefix + "kv_heads", heads)
        if kv_heads > heads or heads % kv_heads:
            raise config.error("num_key_value_heads", f"must divide the {heads} attention heads, not {kv_heads!r}")
        return cls(heads, kv_heads, head_dim, config.optional(prefix + "v_head_dim", head_dim))

    @property
    def kind(self) -> str:
        if self.kv_heads == self.heads:
            return "MHA"
        return "MQA" if self.kv_heads == 1 else "GQA"

    @property
    def cached_width(self) -> float:
        """Width of a key or value where they are alike, else the mean, of which a token caches two."""
        return (self.head_dim + self.v_head_dim) / 2


def is_gated(config: Config) -> bool:
    return bool(config.keys.get("attn_output_gate", config.trait("gated", 0)))


def grouped_params(config: Config, heads: Heads, windowed: bool) -> int:
    hidden, query = config.number("hidden"), heads.heads * heads.head_dim
    output = heads.heads * heads.v_head_dim
    gate = output if is_gated(config) else 0
    one_projection = config.keys.get("attention_k_eq_v") and not windowed
    values = 0 if one_projection else heads.kv_heads * heads.v_head_dim
    return hidden * (query + heads.kv_heads * heads.head_dim + values + output + gate)


def latent_params(config: Config) -> int:
    """Multi-head latent attention: queries, keys and values through narrow vectors, or queries without one."""
    hidden, heads, rank = config.number("hidden"), config.number("heads"), config.number("kv_lora_rank")
    rope, nope, value = (config.number(key) for key in ("rope_head_dim", "nope_head_dim", "v_head_dim"))
    query_rank, query = config.optional("q_lora_rank"), heads * (nope + rope)
    queries = query_rank * (hidden + query) if query_rank else hidden * query
    output = heads * value * hidden
    gate = output if config.keys.get("mla_use_output_gate") else 0
    return queries + hidden * (rank + rope) + rank * heads * (nope + value) + output + gate


def index_queries(config: Config) -> int:
    heads, width = config.number("index_heads"), config.number("index_head_dim")
    return heads * (config.number("q_lora_rank") * width + config.number("hidden"))


def index_bytes(config: Config) -> int:
    """Cache of an indexer for a token: its key in 8 bits, with a scale of 4 bytes for each 128 values."""
    width = config.number("index_head_dim")
    return width + 4 * -(-width // 128)


def indexer_params(config: Config) -> int:
    """What picks the tokens that a step of sparse attention reads: its queries, and one key for all heads."""
    return index_queries(config) + config.number("hidden") * config.number("index_head_dim")


def compressed_params(config: Config, compression: int) -> int:
    """DeepSeek-V4: keys and values are one, and the layers that keep an entry for 4 tokens pick some by an indexer."""
    hidden, heads, head = config.number("hidden"), config.number("heads"), config.number("head_dim")
    query_rank, output_rank = config.number("q_lora_rank"), config.number("output_rank")
    always = query_rank * (hidden + heads * head) + hidden * head
    always += output_rank * (heads * head + config.number("output_groups") * hidden)
    if compression == 4:  # entries overlap, so they are made twice, each with a gate
        return always + 4 * hidden * (head + config.number("index_head_dim")) + index_queries(config)
    return always + (2 * hidden * head if compression else 0)


@dataclass(frozen=True)
class Linear:
    """Heads of linear attention: of the gated delta net, or of Kimi's (KDA), whose keys are as its values."""

    kind: str
    key_heads: int
    value_heads: int
    key_head: int
    value_head: int
    kernel: int
    decay_rank: int = 0  # KDA makes its decay of all channels through a vector as narrow as a head,
    gate_rank: int = 0  # and its output gate too, unless that has full rank

    @classmethod
    def of(cls, config: Config) -> Linear:
        own = config.keys.get("linear_attn_config")
        if not isinstance(own, dict):
            return cls(
                "gated delta net",
                config.number("linear_key_heads"),
                config.number("linear_value_heads"),
                config.number("linear_key_head"),
                config.number("linear_value_head"),
                config.optional("linear_kernel"),
            )
        heads, head, kernel = (
            config.whole(f"linear_attn_config.{key}", own.get(key), 1)
            for key in ("num_heads", "head_dim", "short_conv_kernel_size")
        )
        return cls("KDA", heads, heads, head, head, kernel, head, 0 if own.get("use_full_rank_gate") else head)

    def params(self, config: Config) -> int:
        hidden, key, value = config.number("hidden"), self.key_heads * self.key_head, self.value_heads * self.value_head
        decay = self.decay_rank * (hidden + key) if self.decay_rank else hidden * self.value_heads
        gate = self.gate_rank * (hidden + value) if self.gate_rank else hidden * value
        convolved = (2 * key + value) * self.kernel
        return hidden * (2 * key + 2 * value + self.value_heads) + decay + gate + convolved


def mamba_params(config: Config) -> int:
    hidden, heads = config.number("hidden"), config.number("mamba_heads")
    inner = heads * config.number("mamba_head_dim")
    convolved = inner + 2 * config.number("mamba_groups") * config.number("mamba_state")
    into = hidden * (inner + convolved + heads)
    return into + convolved * (config.number("mamba_kernel") + 1) + inner + inner * hidden


@dataclass(frozen=True)
class Experts:
    """Experts of a layer; parameters always passed through (router, shared ones, ways in and out), and of one."""

    count: int
    active: int
    shared: int
    width: int
    always: int
    one: int

    @classmethod
    def of(cls, config: Config) -> Experts:
        hidden, width, count = config.number("hidden"), config.number("moe_ffn"), config.number("experts")
        active, matrices = config.number("active_experts"), config.trait("ffn_matrices", 3)
        if active > count:
            raise config.error("num_experts_per_tok", f"must be at most the {count} experts, not {active}")
        shared = config.optional("shared_experts")
        if config.optional("shared_ffn"):  # its own width is that of all shared experts
            shared, shared_width = shared or 1, config.optional("shared_ffn")
        else:
            shared_width = shared * width
        latent = config.optional("expert_width")
        ways = 2 * hidden * latent
        return cls(
            count,
            active,
            shared,
            width,
            matrices * hidden * shared_width + hidden * count + ways,
            matrices * (latent or hidden) * width,
        )


def dense_width(config: Config) -> int:
    ratio = config.trait("ffn_ratio", 0)
    return config.optional("dense_ffn", ratio * config.number("hidden")) if ratio else config.number("dense_ffn")
