"""The house's tables: the world (domain), the journal, and what is only operational."""

from kinweave.house.models.duty import Due, Happened, Held
from kinweave.house.models.journal import Arrival, Entry, Position, Site
from kinweave.house.models.operational import Account, Message, ParkedForm, ReadLog
from kinweave.house.models.phone import Device, InLine, Touched
from kinweave.house.models.rota import AlertTest, Rota
from kinweave.house.models.signing import Lease, Recovery, Session, Token
from kinweave.house.models.world import Grant, Organisation, Place, PlaceYear, Programme, Setting, Team

__all__ = [
    "Account",
    "AlertTest",
    "Arrival",
    "Device",
    "Due",
    "Entry",
    "Grant",
    "Happened",
    "Held",
    "InLine",
    "Lease",
    "Message",
    "Organisation",
    "ParkedForm",
    "Place",
    "PlaceYear",
    "Position",
    "Programme",
    "ReadLog",
    "Recovery",
    "Rota",
    "Session",
    "Setting",
    "Site",
    "Team",
    "Token",
    "Touched",
]
