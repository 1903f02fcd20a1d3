"""Every model on this Replicate, by name and by version."""

from sandbox.replicate.flux import PAINTERS
from sandbox.replicate.trainers import TRAINERS

MODELS = {model.ref: model for model in (*PAINTERS, *TRAINERS)}
VERSIONS = {version: model for model in MODELS.values() for version in (*model.older, model.version)}
