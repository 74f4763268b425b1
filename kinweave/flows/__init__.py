"""The few stories that cross rooms: an answer arrives, someone is welcomed, a person is erased."""
