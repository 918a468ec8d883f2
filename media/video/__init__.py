"""Video: capture, VP8, frame assembly."""
