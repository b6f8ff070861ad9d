"""What to do, what to refuse and what to say: pure functions, with the clock passed in. No I/O."""
