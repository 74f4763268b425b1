"""The four fronts: desk, phone, person, public; and the sheet and parts they share."""
