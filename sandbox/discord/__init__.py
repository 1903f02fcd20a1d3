"""The sandbox's Discord: SimCord's rules behind real HTTPS, a real gateway and a CDN, with people in it."""

from simcord import SetupError as Impossible
from simcord.builders import ChannelHandle as Channel
from simcord.builders import GuildHandle as Guild

from sandbox.discord.faults import Fault
from sandbox.discord.limits import Rule
from sandbox.discord.people import Person
from sandbox.discord.rest import Exchange
from sandbox.discord.seen import Answer, Button, File, Message
from sandbox.discord.world import TOKEN, Discord

__all__ = [
    "TOKEN",
    "Answer",
    "Button",
    "Channel",
    "Discord",
    "Exchange",
    "Fault",
    "File",
    "Guild",
    "Impossible",
    "Message",
    "Person",
    "Rule",
]
