"""Zone sets: receive a file, have it checked, accept it, compute it, publish it, remove it."""
