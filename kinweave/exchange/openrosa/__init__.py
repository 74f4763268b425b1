"""ODK Collect and other OpenRosa clients: the list of forms, forms, media, entity lists, and forms sent in."""
