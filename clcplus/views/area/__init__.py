"""An area of a reader's own: drawn or pasted without an account, counted, and kept nowhere."""
