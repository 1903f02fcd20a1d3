"""Prompts as FLUX reads them best: advice, permutations, presets, and what a language model may make of one; pure."""
