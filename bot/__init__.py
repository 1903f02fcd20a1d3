"""Atelier's core: everything but Discord's face.

Read it in this order: `domain` (what a fine-tune, a training and a generation are), `studio` (what members may ask
for), `flows` (how it is carried out, come what may), `store`, `replicate_api` and `dataset` (what they lean on),
`__main__` (how it is put together).
"""
