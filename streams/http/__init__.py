"""What the console's web server and the worker's have in common: the bounds on connections that strangers open."""
