"""Files of strangers as zones: read in a process of its own, and reported on before anything is
stored.

``read_upload`` in ``process`` is the way in; nothing else here opens an uploaded file outside that
process. Its answer is a ``records.Reading``: zones with a report, or a question to the uploader.
"""
