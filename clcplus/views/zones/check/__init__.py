"""An upload before its zones are accepted: its check, its questions, its report, its refusal."""
