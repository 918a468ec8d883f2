"""The media plane: device, codec, frame encryption, packets, and back; forwarding; drawing."""

import os

# Before anything here imports NumPy: on matrices this small, OpenBLAS's threads cost six times
# what they save.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
