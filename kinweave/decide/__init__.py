"""What is decided together. So far one register: what was promised, by whom, until when. It knows nobody."""
