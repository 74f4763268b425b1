"""Care: the way through the programme, sessions, risks. What is due is always somebody's."""
