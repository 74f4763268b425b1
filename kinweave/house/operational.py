"""Tables outside replay, by label: what is not here must be rebuilt from the journal."""

JOURNAL = frozenset({"house.Entry", "house.Arrival", "house.Position", "house.Site"})

OPERATIONAL = frozenset(
    {
        "house.Account",
        "house.Device",
        "house.InLine",
        "house.Lease",
        "house.Message",
        "house.ParkedForm",
        "house.ReadLog",
        "house.Recovery",
        "house.Session",
        "house.Token",
        "house.Touched",
        "listen.Draft",
    }
)
