"""Discord's face of Atelier: options in, studio call, layout out; it knows nothing of how a thing is done.

One file a command group (`train`, `imagine`, `models`, `jobs`, `help`), `layouts` for what people see, `announcer` for
what the bot says by itself.
"""
