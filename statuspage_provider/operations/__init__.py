"""What the engine has done to each kind of object: check, diff, create, read, update, delete."""
