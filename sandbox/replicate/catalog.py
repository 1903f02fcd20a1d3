"""Every published model on this Replicate, by name and by version."""

from sandbox.replicate.flux import PAINTERS
from sandbox.replicate.trainers import TRAINERS
from sandbox.replicate.upscalers import UPSCALERS
from sandbox.replicate.writers import WRITERS

MODELS = {model.ref: model for model in (*PAINTERS, *TRAINERS, *UPSCALERS, *WRITERS)}
VERSIONS = {version: model for model in MODELS.values() for version in (*model.older, model.version)}
