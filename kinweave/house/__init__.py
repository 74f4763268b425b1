"""The house: accounts, roles, places, organisations, journal and actions, sealing, due and happened."""
