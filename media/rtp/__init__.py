"""RTP streams of our own above aiortc's transports."""
