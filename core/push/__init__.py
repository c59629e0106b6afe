"""Web Push without I/O: addresses of push services, keys of the installation and of browsers, encrypted messages."""
