"""What a session can do, a file for each part; `session` lists them."""
