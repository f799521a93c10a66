"""What all servers have in common: the bounds on connections that strangers open, and their token."""
