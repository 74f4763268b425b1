"""Connect: handing over to a partner, with consent. So far a referral is drafted and dropped; it is not yet sent."""
