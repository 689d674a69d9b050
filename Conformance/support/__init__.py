"""What the judges share. Written from the standards and docs/, never from the program's source."""
