"""`python -m schema`: prints the SDL."""

import sys

from schema.sdl import print_sdl

if __name__ == "__main__":
    sys.stdout.write(print_sdl())
