"""Tables of counts as files of text."""
