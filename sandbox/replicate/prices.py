"""What runs cost on this Replicate, in micro-dollars: its own list, of which the program under test knows nothing."""

# A second, from replicate.com/pricing, October 2026.
H100_SECOND, A100_SECOND, T4_SECOND = 1_525, 1_400, 225

# A picture of an official model. The first three are from the same page; the others were not found there: they are what
# users and resellers name, or those of models alike, so an estimate that knows better may differ.
PICTURES = {
    "flux-schnell": 3_000,
    "flux-dev": 25_000,
    "flux-1.1-pro": 40_000,
    "flux-krea-dev": 25_000,
    "flux-schnell-lora": 20_000,
    "flux-dev-lora": 32_000,
    "flux-canny-dev": 25_000,
    "flux-depth-dev": 25_000,
    "flux-fill-dev": 25_000,
    "flux-redux-dev": 25_000,
    "flux-redux-schnell": 3_000,
    "flux-pro": 40_000,
    "flux-1.1-pro-ultra": 60_000,
    "flux-fill-pro": 50_000,
    "flux-canny-pro": 50_000,
    "flux-depth-pro": 50_000,
    "flux-kontext-pro": 40_000,
    "flux-kontext-max": 80_000,
    "flux-kontext-dev": 25_000,
    "flux-2-pro": 30_000,
    "flux-2-max": 70_000,
    "flux-2-flex": 50_000,
    "flux-2-dev": 15_000,
    "flux-2-klein-4b": 14_000,
    "recraft-crisp-upscale": 6_000,
}

# A million tokens, in and out, as users report them.
TOKENS = {
    "meta-llama-3-8b-instruct": (50_000, 250_000),
    "gpt-4.1-mini": (400_000, 1_600_000),
    "gemini-2.5-flash": (300_000, 2_500_000),
}
