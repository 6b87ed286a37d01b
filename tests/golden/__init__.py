"""What a demonstration shows and answers, as files that can be compared.

    python -m tests.golden export http://127.0.0.1:8000 FOLDER
    python -m tests.golden compare BEFORE AFTER

``export`` asks a running ``make demo`` for every kind of address and writes one file for each
answer. ``compare`` prints what differs between two exports, path by path. A change of the code that
should change nothing for readers leaves two equal exports. Start both demonstrations on the same
port (``make demo PORT=8000``): pictures of charts show the address of the site. Pages of staff are
exported too where ``--password-file`` names the demonstration's ``.local/admin-password``.

    __main__.py        the command line
    export_request.py  one request, and the file for its answer
    site.py            asks the demonstration, and waits where its limits say so
    catalogue.py       the levels, territories, editions and zones of the demonstration
    addresses.py       what is asked for: API, tables, downloads, errors
    pages.py           what is asked for: pages in three languages, for readers and for staff
    tiles.py           what is asked for: tiles of the map
    dialogues.py       what takes more than one request: reports, areas
    answer_text.py     answers as text, by media type
    html_text.py       a page as the text that a reader sees
    normalisation.py   what may differ between two demonstrations, with the reason for each
    comparison.py      two exports beside each other
"""
