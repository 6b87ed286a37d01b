"""Where editions come from: clients of services elsewhere. They know no database.

An address is checked before each connection (:mod:`.addresses`). Requests are repeated while an
error may pass, and are bounded in time and size (:mod:`.client`).
"""
