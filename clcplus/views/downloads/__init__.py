"""Published data as files: tables, shapes, charts."""
