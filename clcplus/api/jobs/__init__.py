"""Jobs: how far an upload or a run is, and the end of one."""
