"""How fast and how patient a harvest is. Times in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Four fetches at once fill a hospital link without starving the archive's own users.

    window: instances in hand at once, those waiting for another try included.
    tries: how often an instance the archive cannot give is tried before it is put on the list
    of refusals for a person; with pauses doubling from first_pause that is after two minutes.
    failures_in_a_row: more instances than this failing without one success between them are the
    archive's fault (a lost disk), and none of them is given up.
    longest_hold: the longest pause of everything while the archive or the cloud is away.
    patience: how long `once` waits for an archive or a cloud that is away.
    grace: how long a stop waits for downloads under way.
    """

    poll: float = 5
    workers: int = 4
    window: int = 256
    change_page: int = 1000
    list_page: int = 500
    tries: int = 8
    failures_in_a_row: int = 20
    first_pause: float = 1
    longest_pause: float = 120
    longest_hold: float = 15
    patience: float = 60
    save_every: float = 1
    show_every: float = 0.2
    grace: float = 5
