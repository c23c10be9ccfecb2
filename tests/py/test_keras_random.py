"""A few of the random models of keras_random.py; its own command runs as many as one likes."""
import sys

import keras_random

if __name__ == "__main__":
    sys.exit(keras_random.main(12, 0))
