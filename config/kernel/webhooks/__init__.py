"""Outgoing webhooks: what happens in a channel is told to addresses that asked to hear it.

`endpoints` are set up and rotated, `deliveries` are written when events fan out, claimed and
settled, `sender` talks to the network, `replay` sends again; `bodies`, `signing`, `schedule` and
`states` are plain values.
"""
