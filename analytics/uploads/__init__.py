"""Files of strangers as zones: read in a process of its own, and reported on before anything is
stored.

``read_upload`` in ``process`` is the way in. It asks ``readers``, which has ``fork_server`` fork a
``reader``; that enters its ``sandbox`` and opens the file (``reading``). Nothing outside a reader
opens an uploaded file. The answer (``answers``) is a ``records.Reading``: zones with a report, or a
question to the uploader.
"""
