"""People: who they are, how to reach them safely, who is close to them, what they agreed to."""
