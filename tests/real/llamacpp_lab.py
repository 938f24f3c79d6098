"""llama.cpp's server with a model that is made here: it says ``pong`` to everything, or what a grammar asks for.

Called as ``llamacpp_lab.py MODEL PORT`` with the server's Python. A model that is not there yet is written first.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import xllamacpp
from gguf import GGUFWriter, TokenType

SAYS = "pong"
_END_OF_PROMPT = "|"
_BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
_LETTERS = ["\u2581", *map(chr, range(ord("!"), ord("~") + 1))]  # the first stands for a space
_VOCABULARY = ["<unk>", "<s>", "</s>", *_BYTES, *_LETTERS]
_BEGIN, _END = 1, 2
_WIDTH, _INNER, _LAYERS, _HEADS = 64, 128, 2, 4
_SURE = 10.0


def _weights() -> tuple[Any, Any]:
    """Random vectors for the tokens, and an output in which each letter of the answer follows the one before it."""
    vectors = np.random.default_rng(7).standard_normal((len(_VOCABULARY), _WIDTH)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    output = np.zeros_like(vectors)
    said = [_VOCABULARY.index(letter) for letter in (_END_OF_PROMPT, *SAYS)]
    for before, after in zip(said, [*said[1:], _END], strict=True):
        output[after] = _SURE * vectors[before]
    return vectors, output


def write(path: Path) -> None:
    """Write the model: a `llama` whose layers pass on what they get, with a token for every character."""
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(_VOCABULARY)
    writer.add_token_scores([0.0] * 3 + [-100.0] * len(_BYTES) + [-1.0] * len(_LETTERS))
    special = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL]
    writer.add_token_types([*special, *[TokenType.BYTE] * len(_BYTES), *[TokenType.NORMAL] * len(_LETTERS)])
    writer.add_bos_token_id(_BEGIN)
    writer.add_eos_token_id(_END)
    writer.add_chat_template("{% for message in messages %}{{ message['content'] }}" + _END_OF_PROMPT + "{% endfor %}")
    vectors, output = _weights()
    writer.add_tensor("token_embd.weight", vectors)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(_WIDTH, np.float32))
    for layer in range(_LAYERS):
        _write_layer(writer, f"blk.{layer}.")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_layer(writer: Any, prefix: str) -> None:
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"{prefix}{name}.weight", np.ones(_WIDTH, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"{prefix}{name}.weight", np.zeros((_WIDTH, _WIDTH), np.float32))
    for name, shape in (("gate", (_INNER, _WIDTH)), ("up", (_INNER, _WIDTH)), ("down", (_WIDTH, _INNER))):
        writer.add_tensor(f"{prefix}ffn_{name}.weight", np.zeros(shape, np.float32))


def serve(path: Path, port: int) -> None:
    """Serve the model until the process is ended."""
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {path.stem}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = 2048
    params.n_parallel = 2
    params.warmup = False
    params.endpoint_metrics = True
    params.api_keys = [os.environ["LAB_KEY"]]
    server = xllamacpp.Server(params)
    print("at", server.listening_address)
    threading.Event().wait()


if __name__ == "__main__":
    model = Path(sys.argv[1])
    if not model.exists():
        write(model)
    serve(model, int(sys.argv[2]))
