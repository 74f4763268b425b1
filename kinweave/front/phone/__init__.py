"""The phone's front: what the offline app asks of this site."""
