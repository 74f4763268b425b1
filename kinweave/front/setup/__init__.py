"""The set-up wizard: from an empty site to one where somebody can answer before anybody is asked."""
