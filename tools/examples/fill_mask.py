#!/usr/bin/env python3
"""Fills the masks of a text with a compiled BERT, from Python's standard library alone:

    sinter compile bert/ --emit shared -o libbert.so
    fill_mask.py ./libbert.so "Paris is the [MASK] of France."
"""

import ctypes
import sys


class Tokens(ctypes.Structure):
    """sinter_tokens"""

    _fields_ = [("data", ctypes.POINTER(ctypes.c_int32)), ("count", ctypes.c_int64)]


class Candidate(ctypes.Structure):
    """sinter_candidate"""

    _fields_ = [("token", ctypes.c_int32), ("probability", ctypes.c_double)]


class Model:
    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        self.library.sinter_last_error.restype = ctypes.c_char_p
        # The C library that the model allocates with.
        self.free = ctypes.CDLL(None).free
        self.free.argtypes = [ctypes.c_void_p]
        self.model, self.session = ctypes.c_void_p(), ctypes.c_void_p()
        program = ctypes.byref(ctypes.c_char.in_dll(self.library, "sinter_compiled_model"))
        self.check(self.library.sinter_model_open(program, None, ctypes.byref(self.model)))
        self.check(self.library.sinter_session_create(self.model, None, ctypes.byref(self.session)))

    def close(self):
        self.library.sinter_session_destroy(self.session)
        self.library.sinter_model_close(self.model)

    def check(self, status):
        if status:
            raise RuntimeError(self.library.sinter_last_error().decode())

    def text_of(self, token):
        text, size = ctypes.c_void_p(), ctypes.c_size_t()
        self.check(
            self.library.sinter_detokenize(
                self.model, ctypes.byref(ctypes.c_int32(token)), ctypes.c_int64(1), 1, ctypes.byref(text), ctypes.byref(size)
            )
        )
        result = ctypes.string_at(text, size.value).decode()
        self.free(text)
        return result

    def fill_mask(self, text, top_k=3):
        """For each mask a list of (text, probability), the most probable first."""
        data, tokens = text.encode(), Tokens()
        special = 1  # SINTER_TOKENIZE_SPECIAL
        self.check(self.library.sinter_tokenize(self.model, data, ctypes.c_size_t(len(data)), special, ctypes.byref(tokens)))
        masks = ctypes.c_int64()
        positions, candidates = ctypes.POINTER(ctypes.c_int64)(), ctypes.POINTER(Candidate)()
        try:
            self.check(
                self.library.sinter_fill_mask(
                    self.session,
                    tokens.data,
                    None,
                    ctypes.c_int64(tokens.count),
                    ctypes.c_int64(top_k),
                    ctypes.byref(masks),
                    ctypes.byref(positions),
                    ctypes.byref(candidates),
                )
            )
        finally:
            self.library.sinter_tokens_free(ctypes.byref(tokens))
        found = [
            [(self.text_of(c.token), c.probability) for c in candidates[mask * top_k : (mask + 1) * top_k]]
            for mask in range(masks.value)
        ]
        self.free(positions)
        self.free(candidates)
        return found


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: fill_mask.py LIBRARY TEXT")
    model = Model(sys.argv[1])
    try:
        for number, candidates in enumerate(model.fill_mask(sys.argv[2]), 1):
            print(f"mask {number}:", ", ".join(f"{text} {probability:.3f}" for text, probability in candidates))
    except RuntimeError as error:
        sys.exit(f"error: {error}")
    finally:
        model.close()


if __name__ == "__main__":
    main()
